import { minimise } from './lbfgs.ts';

/** Points with labels. */
export interface LabelledPoints {
  /** `[rows, features]`. */
  readonly points: Float64Array;
  readonly features: number;
  /** `[rows]`, each below `classCount`. */
  readonly labels: Uint16Array;
  readonly classCount: number;
  /** How much each row counts, with a sum of `rows`; 1 if left out. */
  readonly rowWeights?: Float64Array;
  /** The factor of ½‖W‖²; 1 if left out. */
  readonly penalty?: number;
}

/** A linear classifier: the class k with the largest wₖ·x + bₖ. */
export interface LogisticModel {
  readonly features: number;
  readonly classCount: number;
  /** `[classCount, features + 1]`, the weights of each class followed by its bias. */
  readonly weights: Float64Array;
}

/**
 * The loss of multinomial logistic regression as in scikit-learn with C = 1: Σᵢ −log softmax(W·xᵢ + b)[yᵢ] + ½‖W‖²,
 * without a penalty on biases; divided by the number of rows, so that its gradient does not grow with it. Rows may have
 * weights, and the penalty another factor.
 *
 * @param gradient - receives the gradient, `[classCount, features + 1]`
 */
export function logisticLoss(
  { points, features, labels, classCount, rowWeights, penalty = 1 }: LabelledPoints,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const rows = labels.length;
  const width = features + 1;
  const scores = new Float64Array(classCount);
  // Features that are not 0, because those of indicators mostly are.
  const present = new Uint32Array(features);
  gradient.fill(0);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * features;
    let largest = Number.NEGATIVE_INFINITY;
    let count = 0;
    for (let f = 0; f < features; f++) if (points[at + f] !== 0) present[count++] = f;
    for (let k = 0; k < classCount; k++) {
      let score = weights[k * width + features]!;
      for (let i = 0; i < count; i++) score += weights[k * width + present[i]!]! * points[at + present[i]!]!;
      scores[k] = score;
      if (score > largest) largest = score;
    }
    let sum = 0;
    for (let k = 0; k < classCount; k++) sum += Math.exp(scores[k]! - largest);
    const rowWeight = rowWeights?.[row] ?? 1;
    loss += rowWeight * (largest + Math.log(sum) - scores[labels[row]!]!);
    for (let k = 0; k < classCount; k++) {
      const pull = rowWeight * (Math.exp(scores[k]! - largest) / sum - (k === labels[row] ? 1 : 0));
      for (let i = 0; i < count; i++) gradient[k * width + present[i]!]! += pull * points[at + present[i]!]!;
      gradient[k * width + features]! += pull;
    }
  }
  for (let i = 0; i < weights.length; i++) {
    if (i % width === features) continue;
    loss += 0.5 * penalty * weights[i]! ** 2;
    gradient[i]! += penalty * weights[i]!;
  }
  for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
  return loss / rows;
}

/** The mean of −log softmax(W·xᵢ + b)[yᵢ] over rows, in nats, without weights and penalty. */
export function crossEntropy(
  { weights }: LogisticModel,
  { points, features, labels, classCount }: LabelledPoints,
): number {
  const data = { points, features, labels, classCount, penalty: 0 };
  return logisticLoss(data, weights, new Float64Array(weights.length));
}

/** Fits a classifier like scikit-learn's `LogisticRegression()` with its defaults. */
export function fitLogistic(data: LabelledPoints): LogisticModel {
  const { features, classCount } = data;
  const start = new Float64Array(classCount * (features + 1));
  const weights = minimise((at, gradient) => logisticLoss(data, at, gradient), start);
  return { features, classCount, weights };
}

/**
 * Predicts the most probable label of every point, `[rows, features]`; the first of several with the same score.
 */
export function predictLabels(
  { features, classCount, weights }: LogisticModel,
  points: Float64Array,
): Uint16Array {
  const width = features + 1;
  return Uint16Array.from({ length: points.length / features }, (_, row) => {
    let [best, largest] = [0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < classCount; k++) {
      let score = weights[k * width + features]!;
      for (let f = 0; f < features; f++) score += weights[k * width + f]! * points[row * features + f]!;
      if (score > largest) [best, largest] = [k, score];
    }
    return best;
  });
}
