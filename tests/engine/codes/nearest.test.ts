import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tensor } from '../../../src/contract/tensor.ts';
import { nearestCodes } from '../../../src/engine/codes/nearest.ts';

it('finds the nearest codes, the lower index first where two are equally near', async () => {
  // Whole numbers, so that many distances are equal.
  const table = fc.integer({ min: 1, max: 4 }).chain((latentDim) =>
    fc.record({
      latentDim: fc.constant(latentDim),
      rows: fc.array(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: latentDim, maxLength: latentDim }),
        {
          minLength: 1,
          maxLength: 30,
        },
      ),
      z: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: latentDim, maxLength: latentDim }),
      count: fc.integer({ min: 1, max: 40 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, async ({ latentDim, rows, z, count }) => {
      const distance = (row: readonly number[]): number =>
        row.reduce((sum, x, l) => sum + (x - z[l]!) ** 2, 0);
      const expected = rows
        .map((row, index) => ({ index, far: distance(row) }))
        .sort((a, b) => a.far - b.far || a.index - b.index)
        .slice(0, count)
        .map(({ index }) => index);
      const codes = Float32Array.from(rows.flat());
      const wanted = tensor('f32', [2, latentDim], Float32Array.from([...z, ...z]));
      const found = await nearestCodes(codes, latentDim, wanted, count);
      expect(found.shape).toEqual([2, expected.length]);
      expect([...found.data]).toEqual([...expected, ...expected]);
    }),
  );
});

it('refuses codes of another latent space', async () => {
  const wanted = tensor('f32', [1, 2], Float32Array.of(0, 0));
  await expect(nearestCodes(new Float32Array(9), 3, wanted, 1)).rejects.toMatchObject({ code: 'bad-input' });
});
