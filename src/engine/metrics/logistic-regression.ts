import { minimise } from './lbfgs.ts';

/** Points with labels. */
export interface LabelledPoints {
  /** `[rows, features]`. */
  readonly points: Float64Array;
  readonly features: number;
  /** `[rows]`, each below `classCount`. */
  readonly labels: Uint16Array;
  readonly classCount: number;
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
 * without a penalty on biases; divided by the number of rows, so that its gradient does not grow with it.
 *
 * @param gradient - receives the gradient, `[classCount, features + 1]`
 */
export function logisticLoss(
  { points, features, labels, classCount }: LabelledPoints,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const rows = labels.length;
  const width = features + 1;
  const scores = new Float64Array(classCount);
  gradient.fill(0);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * features;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classCount; k++) {
      let score = weights[k * width + features]!;
      for (let f = 0; f < features; f++) score += weights[k * width + f]! * points[at + f]!;
      scores[k] = score;
      if (score > largest) largest = score;
    }
    let sum = 0;
    for (let k = 0; k < classCount; k++) sum += Math.exp(scores[k]! - largest);
    loss += largest + Math.log(sum) - scores[labels[row]!]!;
    for (let k = 0; k < classCount; k++) {
      const pull = Math.exp(scores[k]! - largest) / sum - (k === labels[row] ? 1 : 0);
      for (let f = 0; f < features; f++) gradient[k * width + f]! += pull * points[at + f]!;
      gradient[k * width + features]! += pull;
    }
  }
  for (let i = 0; i < weights.length; i++) {
    if (i % width === features) continue;
    loss += 0.5 * weights[i]! ** 2;
    gradient[i]! += weights[i]!;
  }
  for (let i = 0; i < gradient.length; i++) gradient[i]! /= rows;
  return loss / rows;
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
