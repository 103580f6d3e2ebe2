import { describe, expect, it } from 'vitest';
import { usualColouring } from '../../../src/renderer/state/usual-colouring.ts';

const hair = {
  name: 'hair_colour',
  type: 'categorical' as const,
  categories: ['dark', 'blond'],
  factor: true,
};
const smiling = { name: 'Smiling', type: 'binary' as const, factor: false };
const turn = { name: 'turn', type: 'continuous' as const, factor: true };

describe('the first colours', () => {
  const dimension = (number: number, name: string | undefined, bits: number) => ({
    dimension: number,
    kl: 1,
    mean: 0,
    deviation: 1,
    ...(name === undefined ? {} : { name, bits }),
  });
  const shape = { ...hair, name: 'shape' };
  const size = { ...turn, name: 'size' };
  /** Two dimensions; the first axis is the second of them, and the first is seen on the third axis only. */
  const basis = Float32Array.of(0, 1, 0, 0, 1, 0);

  it('are of the label with names that is seen best, whatever else the codes carry', () => {
    expect(
      usualColouring(
        [hair, turn, shape],
        [dimension(0, 'hair_colour', 3), dimension(1, 'shape', 0.5)],
        basis,
      ),
    ).toEqual({ kind: 'column', column: 'shape' });
    expect(usualColouring([smiling, shape, hair], [], basis)).toEqual({ kind: 'column', column: 'shape' });
  });

  it('are of the number that is seen best where no label has names, else of a yes or no, else of nothing', () => {
    expect(
      usualColouring([smiling, turn, size], [dimension(0, 'turn', 1), dimension(1, 'size', 1)], basis),
    ).toEqual({ kind: 'column', column: 'size' });
    expect(usualColouring([smiling], [dimension(0, undefined, 0)], basis)).toEqual({
      kind: 'column',
      column: 'Smiling',
    });
    expect(usualColouring([], [], basis)).toEqual({ kind: 'none' });
  });
});
