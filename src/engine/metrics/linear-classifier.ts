import { fitLogistic, predictLabels } from './logistic-regression.ts';
import { type Metric, type MetricTools, scoreInfo } from './metric.ts';
import type { Sample } from './sample.ts';
import { cannotShare, drawGroup, groupRows, sharingNotes, type SharedRows } from './shared-factor.ts';

/** Pairs per point, and numbers of points for training and testing: disentanglement_lib's settings. */
const PAIRS = 64;
const TRAIN_POINTS = 10_000;
const TEST_POINTS = 5_000;
const POINTS_BETWEEN_PAUSES = 500;

/** Draws points, with the factors that their pairs share as labels. */
async function drawPoints(
  pool: Sample,
  shared: SharedRows,
  count: number,
  { random, pause }: MetricTools,
): Promise<{ points: Float64Array; labels: Uint16Array }> {
  const { latentDim, factors, codes } = pool;
  const points = new Float64Array(count * latentDim);
  const labels = new Uint16Array(count);
  for (let point = 0; point < count; point++) {
    if (point % POINTS_BETWEEN_PAUSES === 0) await pause();
    const factor = random.integer(factors.length);
    labels[point] = factor;
    for (let pair = 0; pair < PAIRS; pair++) {
      const group = drawGroup(shared, factor, random);
      const first = random.integer(group.length);
      // Any other image of the group, with equal probability.
      const second = (first + 1 + random.integer(group.length - 1)) % group.length;
      const [a, b] = [group[first]! * latentDim, group[second]! * latentDim];
      for (let l = 0; l < latentDim; l++) {
        points[point * latentDim + l]! += Math.abs(codes[a + l]! - codes[b + l]!) / PAIRS;
      }
    }
  }
  return { points, labels };
}

/**
 * The disentanglement metric of Higgins et al. 2017 (section 3): a linear classifier predicts the factor that pairs
 * of images share from the mean difference of their codes.
 *
 * A constant code scores 0, because it has no information about the factors.
 */
export const linearClassifier: Metric = {
  id: 'linearClassifier',
  scores: [scoreInfo('linearClassifier')],
  bins: null,
  effort: { resamples: 5, shuffles: 1, cost: 80 },
  cannotRun: ({ pool }) => cannotShare(pool),
  notes: ({ pool }) => sharingNotes(pool),
  counts: ({ pool }) => ({ images: pool.count, pairs: PAIRS, train: TRAIN_POINTS, test: TEST_POINTS }),
  async measure({ pool }, tools) {
    const { latentDim, factors } = pool;
    const shared = groupRows(pool);
    const train = await drawPoints(pool, shared, TRAIN_POINTS, tools);
    if (train.points.every((difference) => difference === 0)) {
      const values = new Float64Array(latentDim * factors.length);
      return { linearClassifier: { value: 0, matrix: { title: 'Weight', unit: 'weight', values } } };
    }
    const model = fitLogistic({ ...train, features: latentDim, classCount: factors.length });
    await tools.pause();
    const test = await drawPoints(pool, shared, TEST_POINTS, tools);
    const predicted = predictLabels(model, test.points);
    const right = test.labels.reduce((sum, label, i) => sum + (predicted[i] === label ? 1 : 0), 0);
    const values = new Float64Array(latentDim * factors.length);
    for (let l = 0; l < latentDim; l++) {
      for (let f = 0; f < factors.length; f++) {
        values[l * factors.length + f] = model.weights[f * (latentDim + 1) + l]!;
      }
    }
    return {
      linearClassifier: { value: right / TEST_POINTS, matrix: { title: 'Weight', unit: 'weight', values } },
    };
  },
};
