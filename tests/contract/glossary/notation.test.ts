import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equation } from '../../../src/contract/glossary/notation.ts';
import { partsText } from '../../../src/contract/objectives/formula.ts';

describe('an equation of plain text', () => {
  it('has variables in italics, words upright, and what is below and above', () => {
    expect(equation('log σ_j^2 + x̂_{i≠j}')).toEqual([
      { text: 'log' },
      { text: ' ' },
      { text: 'σ', style: 'variable' },
      { text: 'j', style: 'below' },
      { text: '2', style: 'above' },
      { text: ' + ' },
      { text: 'x̂', style: 'variable' },
      { text: 'i≠j', style: 'below' },
    ]);
  });

  it('has sums and products upright', () => {
    expect(equation('Σ_j Π_k').filter(({ style }) => style === undefined)).toEqual([
      { text: 'Σ' },
      { text: ' ' },
      { text: 'Π' },
    ]);
  });

  it('loses nothing of a text without marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const unmarked = text.replaceAll(/[_^]/g, '');
        expect(partsText(equation(unmarked))).toBe(unmarked);
      }),
    );
  });
});
