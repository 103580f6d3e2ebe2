import type { TermId } from '../../contract/glossary/glossary.ts';

/** Short names of terms that stand in sentences. */
const ABBREVIATIONS: Readonly<Partial<Record<string, TermId>>> = {
  KL: 'kl',
  MI: 'mutual-information',
  TC: 'total-correlation',
  MMD: 'mmd',
  GAN: 'discriminator',
  nats: 'nats',
  burgess: 'burgess-network',
  residual: 'residual-network',
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  λ: 'lambda',
};

/** Such a name as a word by itself: not the β of β-VAE. */
const NAMES = new RegExp(
  String.raw`(?<![\p{L}\p{N}-])(${Object.keys(ABBREVIATIONS).join('|')})(?![\p{L}\p{N}-])`,
  'u',
);

/** A part of a text, and the term that it is. */
export interface TextPart {
  readonly text: string;
  readonly term: TermId | undefined;
}

/** A text in parts, so that its abbreviations can be explained. */
export function textParts(text: string): TextPart[] {
  return text
    .split(NAMES)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, term: ABBREVIATIONS[part] }));
}

/** The first term that a text names by an abbreviation. */
export function termIn(text: string): TermId | undefined {
  return textParts(text).find(({ term }) => term !== undefined)?.term;
}
