import type { Random } from '../basics/random.ts';
import type { Sample, Samples } from '../metrics/sample.ts';

/** Half of the rows, each once, rising. */
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

/** Computes something when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * The samples of a bootstrap by halves: half of the rows, drawn without replacement, vary as much as an ordinary bootstrap's
 * resamples do (Politis & Romano 1994), and hold no image twice. That matters here: repeated rows look like information,
 * so an ordinary resample has twice the chance information that the images have, and the two codes of a pair that is
 * one image twice do not differ at all. Each part is made when a metric first asks for it.
 *
 * @param randomFor - random numbers of each part's own, because which parts are asked for differs
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

/** Samples whose codes are those of other images: what a code scores that knows nothing. */
export function shuffle({ all, train, test, pool }: Samples, random: Random): Samples {
  const dealt = (sample: Sample): Sample => sample.dealt(random.permutation(sample.count));
  const ofAll = dealt(all);
  return {
    all: ofAll,
    train: train === all ? ofAll : dealt(train),
    test: dealt(test),
    pool: pool === all ? ofAll : dealt(pool),
  };
}

/**
 * Half of the width of the 95 % interval by a bootstrap's values: Student's t times their standard deviation. Around
 * the value itself, because half the rows raise information and lower accuracies a little.
 *
 * @param values - at least 2
 */
export function intervalHalfWidth(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return studentQuantile(n - 1) * Math.sqrt(variance);
}

/** The 97.5 % quantile of Student's t, by its expansion in 1/ν (Abramowitz & Stegun 26.7.5); 1 % off at ν = 3. */
function studentQuantile(freedom: number): number {
  const z = 1.959963984540054;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3;
}
