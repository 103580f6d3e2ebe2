import { describe, expect, it } from 'vitest';
import { numberListText, readNumberList } from '../../../src/renderer/components/number-list.ts';

const anything = (): undefined => undefined;

describe('readNumberList', () => {
  it('reads numbers apart by commas, semicolons or spaces', () => {
    expect(readNumberList('1, 4; 16  0.5', anything)).toEqual({ values: [1, 4, 16, 0.5] });
    expect(readNumberList('−2', anything)).toEqual({ values: [-2] });
  });

  it('reads what it writes', () => {
    expect(readNumberList(numberListText([1, 4, 16]), anything)).toEqual({ values: [1, 4, 16] });
  });

  it('says what is wrong', () => {
    expect(readNumberList(' , ', anything)).toEqual({
      refused: 'Type one number or more, such as 1, 4, 16.',
    });
    expect(readNumberList('1, four', anything)).toEqual({ refused: '“four” is no number.' });
    expect(readNumberList('4, 4', anything)).toEqual({ refused: 'Each number once.' });
    expect(readNumberList('1, -1', (value) => (value < 0 ? 'Not below 0.' : undefined))).toEqual({
      refused: 'Not below 0.',
    });
    expect(readNumberList(Array.from({ length: 21 }, (_, i) => i).join(' '), anything)).toEqual({
      refused: 'At most 20 numbers.',
    });
  });
});
