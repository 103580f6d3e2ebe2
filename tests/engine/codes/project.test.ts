import { describe, expect, it } from 'vitest';
import { alignComponents, alignPositions } from '../../../src/engine/codes/align.ts';
import { principalComponents } from '../../../src/engine/codes/principal-components.ts';
import { projectCodes } from '../../../src/engine/codes/project.ts';
import type { LinearProjection } from '../../../src/contract/operations/codes.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

const DIMENSIONS = 6;

/** Codes whose dimensions vary by different amounts and hang together, about a mean that is not zero. */
function someCodes(count: number, latentDim = DIMENSIONS): Float32Array {
  const random = createRandom(3, 'codes', count);
  const codes = new Float32Array(count * latentDim);
  for (let i = 0; i < count; i++) {
    const shared = random.normal();
    for (let l = 0; l < latentDim; l++) {
      codes[i * latentDim + l] = 0.5 * l - 1 + (l + 1) * 0.4 * random.normal() + (l % 2) * shared;
    }
  }
  return codes;
}

function rowsOf({ basis }: LinearProjection): number[][] {
  const [rows, columns] = basis.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => [
    ...basis.data.subarray(row * columns, (row + 1) * columns),
  ]);
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The way back that the contract states: z + inverseᵀ · (position − basis · (z − mean)). */
function wayBack(projection: LinearProjection, z: readonly number[], position: readonly number[]): number[] {
  const rows = rowsOf(projection);
  const centred = z.map((value, l) => value - projection.mean.data[l]!);
  const missing = rows.map((row, axis) => position[axis]! - dot(row, centred));
  const { inverse } = projection;
  return z.map((value, l) =>
    missing.reduce((sum, each, axis) => sum + inverse.data[axis * z.length + l]! * each, value),
  );
}

describe('principal components', () => {
  it('hold all variance between them, the first most, and are orthonormal with their largest part positive', async () => {
    const codes = someCodes(3000);
    const { components, variances, mean } = await principalComponents(codes, DIMENSIONS);
    let total = 0;
    for (let i = 0; i < codes.length; i++) total += (codes[i]! - mean[i % DIMENSIONS]!) ** 2 / 3000;
    expect(variances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 8);
    expect([...variances]).toEqual([...variances].sort((a, b) => b - a));
    components.forEach((one, i) => {
      components.forEach((other, j) => expect(dot([...one], [...other])).toBeCloseTo(i === j ? 1 : 0, 10));
      expect(Math.max(...one)).toBe(Math.max(...one.map(Math.abs)));
    });
  });

  it('find the directions that codes were made of', async () => {
    const random = createRandom(1, 'line');
    const direction = [0.6, 0, 0.8];
    const codes = new Float32Array(3 * 500);
    for (let i = 0; i < 500; i++) {
      const along = 3 * random.normal();
      direction.forEach((part, l) => (codes[3 * i + l] = part * along + 0.01 * random.normal()));
    }
    const { components, variances } = await principalComponents(codes, 3);
    expect(Math.abs(dot([...components[0]!], direction))).toBeCloseTo(1, 4);
    expect(variances[1]! / variances[0]!).toBeLessThan(1e-3);
  });
});

describe('projectCodes', () => {
  it('measures along the axes what it says they hold', async () => {
    const codes = someCodes(2000);
    const { positions, variance } = await projectCodes(codes, DIMENSIONS, { kind: 'pca' });
    const { variances } = await principalComponents(codes, DIMENSIONS);
    const total = variances.reduce((sum, value) => sum + value, 0);
    for (let axis = 0; axis < 3; axis++) {
      let squares = 0;
      for (let i = 0; i < 2000; i++) squares += positions.data[3 * i + axis]! ** 2 / 2000;
      expect(squares / total).toBeCloseTo(variance[axis]!, 5);
    }
    expect(variance[0]).toBeGreaterThan(variance[1]);
  });

  it.each<Parameters<typeof projectCodes>[2]>([
    { kind: 'pca' },
    { kind: 'dimensions', dimensions: [4, 0, 2] },
  ])('leads back by its basis to the code of every position, on $kind', async (axes) => {
    const codes = someCodes(50);
    const projection = await projectCodes(codes, DIMENSIONS, axes);
    const rows = rowsOf(projection);
    rows.forEach((one, i) =>
      rows.forEach((other, j) => expect(dot(one, other)).toBeCloseTo(i === j ? 1 : 0, 5)),
    );
    const code = (i: number): number[] => [...codes.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS)];
    const position = (i: number): number[] => [...projection.positions.data.subarray(3 * i, 3 * i + 3)];
    for (let i = 0; i < 50; i++) {
      // Its own position changes nothing …
      wayBack(projection, code(i), position(i)).forEach((value, l) =>
        expect(value).toBeCloseTo(code(i)[l]!, 4),
      );
      // … and another's moves the code to where that one stands.
      const moved = wayBack(projection, code(i), position((i + 7) % 50));
      const centred = moved.map((value, l) => value - projection.mean.data[l]!);
      rows.forEach((row, axis) => expect(dot(row, centred)).toBeCloseTo(position((i + 7) % 50)[axis]!, 4));
    }
  });

  it('shows raw dimensions by their own values', async () => {
    const codes = someCodes(20);
    const { positions, mean } = await projectCodes(codes, DIMENSIONS, {
      kind: 'dimensions',
      dimensions: [5, 1, 3],
    });
    expect([...mean.data]).toEqual(new Array(DIMENSIONS).fill(0));
    expect([...positions.data.subarray(0, 3)]).toEqual([codes[5], codes[1], codes[3]]);
  });

  it('leaves axes empty that a small latent space does not have, and refuses dimensions that there are not', async () => {
    const codes = someCodes(100, 2);
    const { positions, variance, basis } = await projectCodes(codes, 2, { kind: 'pca' });
    expect(variance[0] + variance[1]).toBeCloseTo(1, 6);
    expect([...basis.data.subarray(4)]).toEqual([0, 0]);
    expect(positions.data.filter((_, i) => i % 3 === 2).every((value) => value === 0)).toBe(true);
    const twice = await projectCodes(codes, 2, { kind: 'dimensions', dimensions: [0, 1, 1] });
    expect(twice.variance[2]).toBe(0);
    await expect(projectCodes(codes, 2, { kind: 'dimensions', dimensions: [0, 1, 2] })).rejects.toMatchObject(
      { code: 'bad-input' },
    );
  });

  it('answers for constant codes', async () => {
    const { variance, positions } = await projectCodes(new Float32Array(40).fill(2), 4, { kind: 'pca' });
    expect(variance).toEqual([0, 0, 0]);
    expect(positions.data.every((value) => value === 0)).toBe(true);
  });
});

describe('alignPositions', () => {
  /** A turn about an axis that is none of the three, and perhaps a mirror. */
  function turned(positions: Float32Array, mirror: 1 | -1): Float32Array {
    const [c, s] = [Math.cos(1.1), Math.sin(1.1)];
    const [d, t] = [Math.cos(-2.3), Math.sin(-2.3)];
    const moved = new Float32Array(positions.length);
    for (let i = 0; i < positions.length; i += 3) {
      const [x, y, z] = [positions[i]!, positions[i + 1]!, positions[i + 2]!];
      const [u, v, w] = [c * x - s * y, s * x + c * y, mirror * z];
      moved.set([u, d * v - t * w, t * v + d * w], i);
    }
    return moved;
  }

  it.each([1, -1] as const)('lays a turned copy exactly onto the original (mirror %d)', async (mirror) => {
    const { positions } = await projectCodes(someCodes(200), DIMENSIONS, { kind: 'pca' });
    const aligned = alignPositions(turned(positions.data, mirror), positions.data);
    aligned.forEach((value, i) => expect(value).toBeCloseTo(positions.data[i]!, 4));
  });

  it('keeps all distances, whatever it is laid onto', async () => {
    const { positions } = await projectCodes(someCodes(60), DIMENSIONS, { kind: 'pca' });
    const other = await projectCodes(someCodes(60).reverse(), DIMENSIONS, { kind: 'pca' });
    const aligned = alignPositions(positions.data, other.positions.data);
    const distance = (p: Float32Array, i: number, j: number): number =>
      Math.hypot(...[0, 1, 2].map((a) => p[3 * i + a]! - p[3 * j + a]!));
    for (let i = 1; i < 60; i++) {
      expect(distance(aligned, i, i - 1)).toBeCloseTo(distance(positions.data, i, i - 1), 4);
    }
  });
});

describe('alignComponents', () => {
  /** Positions without correlation between axes, of which each has its own deviation. */
  function positionsOf(deviations: readonly [number, number, number]): Float32Array {
    const random = createRandom(5, 'positions', 0);
    const positions = new Float32Array(3 * 2000);
    for (let i = 0; i < positions.length; i++) positions[i] = deviations[i % 3]! * random.normal();
    return positions;
  }
  const variances = (positions: Float32Array): number[] =>
    [0, 1, 2].map((axis) => positions.reduce((sum, value, i) => sum + (i % 3 === axis ? value ** 2 : 0), 0));
  const inOrder = (positions: Float32Array): boolean => {
    const [first, second, third] = variances(positions) as [number, number, number];
    return first >= second && second >= third;
  };
  /** The same positions with the axes in another order. */
  const permuted = (positions: Float32Array, order: readonly number[]): Float32Array =>
    Float32Array.from(positions, (_, i) => positions[i - (i % 3) + order[i % 3]!]!);

  it('keeps the first axis the one that holds most, where another one held most before', () => {
    const now = positionsOf([3, 1.4, 0.6]);
    // Laid onto this, all three would be rotated until the third one held most.
    const before = permuted(now, [2, 1, 0]);
    const aligned = alignComponents(now, before);
    expect(inOrder(aligned)).toBe(true);
    expect(variances(aligned)[0]! / variances(now)[0]!).toBeCloseTo(1, 5);
    expect(variances(alignPositions(now, before))[2]).toBeGreaterThan(variances(now)[2]! * 2);
  });

  it('mirrors axes back', () => {
    const before = positionsOf([3, 1.4, 0.6]);
    const aligned = alignComponents(
      before.map((value, i) => (i % 3 === 1 ? value : -value)),
      before,
    );
    aligned.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 4));
  });

  it('turns components of similar variance back into each other', () => {
    const before = positionsOf([1.05, 1, 0.3]);
    const turned = before.slice();
    const [c, s] = [Math.cos(0.9), Math.sin(0.9)];
    for (let i = 0; i < turned.length; i += 3) {
      turned[i] = c * before[i]! - s * before[i + 1]!;
      turned[i + 1] = s * before[i]! + c * before[i + 1]!;
    }
    const aligned = alignComponents(turned, before);
    aligned.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 3));
  });
});
