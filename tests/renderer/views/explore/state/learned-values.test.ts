import { describe, expect, it } from 'vitest';
import {
  learnedPlace,
  learnedWords,
  spreadValues,
} from '../../../../../src/renderer/views/explore/state/learned-values.ts';

const values = [-1.5, -1, 0.25, 2].map((value) => ({ value, share: 0.25 }));

describe('learned values', () => {
  it('are shown once each, or an even choice of them with both ends', () => {
    expect(spreadValues(values, 9)).toEqual([-1.5, -1, 0.25, 2]);
    expect(spreadValues(values, 3)).toEqual([-1.5, 0.25, 2]);
    expect(learnedWords(values)).toBe('4 learned values');
  });

  it('name the frames of a GIF: by the value of one dimension, by the place of several', () => {
    const at = (frame: number, dimensions: number[]): string =>
      learnedPlace(values, { frames: 7, frame, dimensions });
    expect([0, 1, 2, 6].map((frame) => at(frame, [3]))).toEqual([
      'z3 −1.50',
      'z3 −1.00',
      'z3 −1.00',
      'z3 2.00',
    ]);
    expect(at(3, [3, 1])).toBe('value 3 of 4');
  });
});
