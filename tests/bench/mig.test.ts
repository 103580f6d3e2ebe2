import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreement } from '../../bench/benchmarks/mig.ts';
import { verdict } from '../../bench/figures.ts';
import { readPosteriors, writePosteriors } from '../../bench/posteriors.ts';
import { mig } from '../../bench/workers/mig.ts';
import { readSafetensors, type AnyTensor } from '../../src/engine/files/safetensors.ts';

const IMAGES = 400;
const folder = mkdtempSync(join(tmpdir(), 'unravel-bench-test-'));
const path = join(folder, 'posteriors.safetensors');
beforeAll(() => writePosteriors(path, IMAGES));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every code under every posterior, from the numbers in the file that PyTorch reads. */
function plainMig(tensors: ReadonlyMap<string, AnyTensor>): number {
  const read = (name: string): AnyTensor => tensors.get(name)!;
  const [mu, logVar, noise, classes] = [read('mu'), read('logVar'), read('noise'), read('classes')];
  const [factors, images] = classes.shape as [number, number];
  const latentDim = mu.shape[1]!;
  const gaps = Array.from({ length: factors }, (_, f) => {
    const known = classes.data.subarray(f * images, (f + 1) * images);
    const sizes = new Map<number, number>();
    for (const value of known) sizes.set(value, (sizes.get(value) ?? 0) + 1);
    const entropy = [...sizes.values()].reduce((sum, n) => sum - (n / images) * Math.log(n / images), 0);
    const information = Array.from({ length: latentDim }, (_, l) => {
      let sum = 0;
      for (let i = 0; i < images; i++) {
        const code =
          mu.data[i * latentDim + l]! +
          Math.exp(0.5 * logVar.data[i * latentDim + l]!) * noise.data[l * images + i]!;
        let [ofAll, ofSame] = [0, 0];
        for (let n = 0; n < images; n++) {
          const precision = Math.exp(-logVar.data[n * latentDim + l]!);
          const density =
            Math.sqrt(precision) * Math.exp(-0.5 * precision * (code - mu.data[n * latentDim + l]!) ** 2);
          ofAll += density;
          if (known[n] === known[i]) ofSame += density;
        }
        sum += Math.log(ofSame / sizes.get(known[i]!)! / (ofAll / images));
      }
      return Math.max(0, sum / images);
    });
    const [best, second] = information.sort((a, b) => b - a) as [number, number];
    return (best - second) / entropy;
  });
  return gaps.reduce((sum, gap) => sum + gap / factors, 0);
}

describe('the posteriors of the MIG benchmark', () => {
  it('have the MIG on our side that the numbers in the file have, code by code', async () => {
    const { tensors } = await readSafetensors(path);
    const { mig: ours } = await (await mig({ posteriors: path }))(1);
    expect(ours).toBeCloseTo(plainMig(tensors), 8);
  });

  it('know of every factor, and give the same MIG at every step', async () => {
    const { factors } = await readPosteriors(path);
    expect(factors.map(({ size }) => size)).toEqual([3, 6, 40, 32, 32]);
    const work = await mig({ posteriors: path });
    const [first, second] = [await work(1), await work(2)];
    expect(first.mig).toBeGreaterThan(0.3);
    expect(second.mig).toBe(first.mig);
    expect(second.ms).toHaveLength(2);
  });
});

describe('the agreement of two MIGs', () => {
  const judge = (ours: number | undefined, peer: number | undefined): string => {
    const measured = (value: number | undefined): Parameters<typeof agreement>[0] => ({
      last: value === undefined ? { ms: [1] } : { ms: [1], mig: value },
    });
    return verdict(agreement(measured(ours), measured(peer), 0.1, 'apart by'));
  };

  it('holds within a thousandth and breaks the floor beyond', () => {
    expect([judge(0.6453, 0.6454), judge(0.6453, 0.6463), judge(0.6463, 0.6453)]).toEqual([
      'met',
      'floor broken',
      'floor broken',
    ]);
  });

  it('breaks the floor where a side has no number', () => {
    expect([judge(undefined, 0.6), judge(0.6, undefined), judge(Number.NaN, 0.6)]).toEqual(
      Array.from({ length: 3 }, () => 'floor broken'),
    );
  });
});
