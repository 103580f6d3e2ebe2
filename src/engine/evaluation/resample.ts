import type { Random } from '../basics/random.ts';
import type { Sample, Samples } from '../metrics/sample.ts';

/** Draws half of the rows without replacement, in ascending order. */
function drawHalf(count: number, random: Random): Uint32Array {
  return random
    .permutation(count)
    .subarray(0, Math.ceil(count / 2))
    .sort();
}

/** The same as weights: 1 for half of the rows, 0 for the others. */
function drawHalfWeights(count: number, random: Random): Uint8Array {
  const weights = new Uint8Array(count);
  for (const row of drawHalf(count, random)) weights[row] = 1;
  return weights;
}

/** Makes a function that computes a value on the first call. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Draws the samples of a bootstrap by halves: half of the rows, drawn without replacement, have the same variance
 * as an ordinary bootstrap's resamples (Politis & Romano 1994), but contain no image twice. Repeated rows would
 * appear as information: an ordinary resample has twice the mutual information by chance, and two codes of the same
 * image do not differ. Each part is computed on first use.
 *
 * @param randomFor - makes separate random numbers for each part, because not all parts are used
 */
export function resample({ all, train, test, pool }: Samples, randomFor: (part: string) => Random): Samples {
  const parts: Record<keyof Samples, () => Sample> = {
    all: lazily(() => all.reweighted(drawHalfWeights(all.count, randomFor('all')))),
    train: lazily(() => train.select(drawHalf(train.count, randomFor('train')))),
    test: lazily(() => test.select(drawHalf(test.count, randomFor('test')))),
    pool: lazily(() => pool.select(drawHalf(pool.count, randomFor('pool')))),
  };
  return {
    get all() {
      return parts.all();
    },
    get train() {
      return parts.train();
    },
    get test() {
      return parts.test();
    },
    get pool() {
      return parts.pool();
    },
  };
}

/** Samples whose codes belong to other images, as a baseline for a code without information. */
export function shuffle({ all, train, test, pool }: Samples, random: Random): Samples {
  const shuffled = (sample: Sample): Sample => sample.shuffled(random.permutation(sample.count));
  const ofAll = shuffled(all);
  return {
    all: ofAll,
    train: train === all ? ofAll : shuffled(train),
    test: shuffled(test),
    pool: pool === all ? ofAll : shuffled(pool),
  };
}

/**
 * Half of the width of the 95 % interval from a bootstrap's values: Student's t times their standard deviation. The
 * interval is centred on the value from all rows, because half of the rows slightly increase information and
 * decrease accuracies.
 *
 * @param values - at least 2
 */
export function intervalHalfWidth(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return studentQuantile(n - 1) * Math.sqrt(variance);
}

/**
 * The 97.5 % quantile of Student's t, from its expansion in 1/ν (Abramowitz & Stegun 26.7.5), with an error of 1 %
 * at ν = 3.
 */
function studentQuantile(freedom: number): number {
  const z = 1.959963984540054;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3;
}
