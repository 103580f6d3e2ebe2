import type { FormulaPart } from '../objectives/descriptor.ts';
import { above, below, upright, variable } from '../objectives/notation.ts';

/** Letters that stand for an operation and not for a variable. */
const OPERATORS = new Set(['Σ', 'Π']);

/** A subscript or superscript of one letter or in braces, a word or letter with its accents, or anything between. */
const PARTS = /([_^])(?:\{([^}]*)\}|(.))|((?:\p{L}\p{M}*)+)|[^_^\p{L}]+/gu;

/**
 * An equation of its plain text. A letter by itself is a variable, a word such as `log` or `KL` is upright; `_j` and
 * `_{i≠j}` are subscripts, `^2` is a superscript.
 */
export function equation(text: string): readonly FormulaPart[] {
  return [...text.matchAll(PARTS)].map(([whole, mark, inBraces, letter, word]) => {
    if (mark !== undefined) return (mark === '_' ? below : above)(inBraces ?? letter ?? '');
    const isVariable = word !== undefined && /^\p{L}\p{M}*$/u.test(word) && !OPERATORS.has(word);
    return (isVariable ? variable : upright)(whole);
  });
}
