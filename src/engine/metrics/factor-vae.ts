import type { Random } from '../basics/random.ts';
import { type Metric, type MetricTools, scoreInfo } from './metric.ts';
import type { Sample } from './sample.ts';
import { cannotShare, drawGroup, groupRows, sharingNotes, type SharedRows } from './shared-factor.ts';

/** Images per vote, and numbers of votes for training and testing: disentanglement_lib's settings. */
const BATCH = 64;
const TRAIN_VOTES = 10_000;
const TEST_VOTES = 5_000;
const VOTES_BETWEEN_PAUSES = 500;
/** A dimension with a smaller variance has collapsed. */
const SMALLEST_VARIANCE = 1e-12;

/** The unbiased variance of each dimension over the given rows, or over all rows. */
function variances(
  { codes, latentDim, count }: Sample,
  rows?: Uint32Array,
  size = rows?.length,
): Float64Array {
  const n = size ?? count;
  const [sum, squares] = [new Float64Array(latentDim), new Float64Array(latentDim)];
  // Differences from the first row avoid rounding errors for a dimension far from zero.
  const first = (rows ? rows[0]! : 0) * latentDim;
  for (let i = 0; i < n; i++) {
    const from = (rows ? rows[i]! : i) * latentDim;
    for (let l = 0; l < latentDim; l++) {
      const value = codes[from + l]! - codes[first + l]!;
      sum[l]! += value;
      squares[l]! += value * value;
    }
  }
  return squares.map((square, l) => Math.max(0, square - sum[l]! ** 2 / n) / (n - 1));
}

/** Draws distinct rows of a group, at most {@link BATCH}, into the beginning of `into`; returns their number. */
function drawBatch(group: Uint32Array, random: Random, into: Uint32Array): number {
  if (group.length <= BATCH) {
    into.set(group);
    return group.length;
  }
  // Floyd's algorithm for distinct random numbers without shuffling the whole group (Bentley & Floyd 1987).
  const chosen = new Set<number>();
  for (let last = group.length - BATCH; last < group.length; last++) {
    const at = random.integer(last + 1);
    chosen.add(chosen.has(at) ? last : at);
  }
  let i = 0;
  for (const at of chosen) into[i++] = group[at]!;
  return i;
}

/** Votes, `[factors, dimensions]`: how often a dimension varied least while a factor was fixed. */
async function castVotes(
  pool: Sample,
  shared: SharedRows,
  global: Float64Array,
  votes: number,
  { random, pause }: MetricTools,
): Promise<Float64Array> {
  const counts = new Float64Array(pool.factors.length * pool.latentDim);
  const batch = new Uint32Array(BATCH);
  for (let vote = 0; vote < votes; vote++) {
    if (vote % VOTES_BETWEEN_PAUSES === 0) await pause();
    const factor = random.integer(pool.factors.length);
    const size = drawBatch(drawGroup(shared, factor, random), random, batch);
    const local = variances(pool, batch, size);
    let [least, smallest] = [0, Number.POSITIVE_INFINITY];
    for (let l = 0; l < pool.latentDim; l++) {
      const share = global[l]! > SMALLEST_VARIANCE ? local[l]! / global[l]! : Number.POSITIVE_INFINITY;
      if (share < smallest) [least, smallest] = [l, share];
    }
    counts[factor * pool.latentDim + least]! += 1;
  }
  return counts;
}

/**
 * FactorVAE's metric (Kim & Mnih 2018, section 4): images share one factor; the dimension whose normalised variance
 * is smallest votes for it; the score is how often a majority vote finds the factor. Collapsed dimensions have no
 * votes.
 *
 * Images that share a factor are drawn from the given ones. For independent factors, as in a full grid or random
 * images, this is equivalent to generating them.
 */
export const factorVae: Metric = {
  id: 'factorVae',
  scores: [scoreInfo('factorVae')],
  bins: null,
  effort: { resamples: 10, shuffles: 1, cost: 25 },
  cannotRun: ({ pool }) => cannotShare(pool),
  notes: ({ pool }) => sharingNotes(pool),
  counts: ({ pool }) => ({ images: pool.count, batch: BATCH, train: TRAIN_VOTES, test: TEST_VOTES }),
  async measure({ pool }, tools) {
    const { latentDim, factors } = pool;
    const global = variances(pool);
    const shared = groupRows(pool);
    const values = new Float64Array(latentDim * factors.length);
    if (!global.some((variance) => variance > SMALLEST_VARIANCE)) {
      return { factorVae: { value: 0, matrix: { title: 'Votes', unit: 'votes', values } } };
    }
    const learned = await castVotes(pool, shared, global, TRAIN_VOTES, tools);
    const scored = await castVotes(pool, shared, global, TEST_VOTES, tools);
    let right = 0;
    for (let l = 0; l < latentDim; l++) {
      let best = 0;
      for (let f = 0; f < factors.length; f++) {
        values[l * factors.length + f] = learned[f * latentDim + l]!;
        if (learned[f * latentDim + l]! > learned[best * latentDim + l]!) best = f;
      }
      right += scored[best * latentDim + l]!;
    }
    return { factorVae: { value: right / TEST_VOTES, matrix: { title: 'Votes', unit: 'votes', values } } };
  },
};
