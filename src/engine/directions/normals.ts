import { Matrix, solve } from 'ml-matrix';
import { fitLogistic } from '../metrics/logistic-regression.ts';

/** Codes with a label. */
export interface LabelledCodes {
  /** `[rows, latentDim]`. */
  readonly codes: Float32Array;
  readonly latentDim: number;
  /** `[rows]`: 0 or 1 for a yes or no, else numbers. */
  readonly labels: Float32Array;
  /** How much each row counts, `[rows]`, with a sum of `rows`. */
  readonly weights: Float64Array;
  /** By dimension: whether it tells anything about images. Others have no part in a direction. */
  readonly active: readonly boolean[];
}

/** Weight of the penalty on the normal, for codes of unit variance: scikit-learn's default for logistic regression. */
const PENALTY = 1;

/** The weighted mean and standard deviation of each dimension. */
function statistics({ codes, latentDim, weights }: LabelledCodes): {
  mean: Float64Array;
  deviation: Float64Array;
} {
  const rows = weights.length;
  const mean = new Float64Array(latentDim);
  const squares = new Float64Array(latentDim);
  for (let row = 0; row < rows; row++) {
    for (let l = 0; l < latentDim; l++) mean[l]! += (weights[row]! * codes[row * latentDim + l]!) / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let l = 0; l < latentDim; l++) {
      squares[l]! += (weights[row]! * (codes[row * latentDim + l]! - mean[l]!) ** 2) / rows;
    }
  }
  return { mean, deviation: squares.map(Math.sqrt) };
}

/** The dimensions that take part: active, and not the same for all images. */
function usedOf(active: readonly boolean[], deviation: Float64Array): number[] {
  return active.flatMap((isActive, l) => (isActive && deviation[l]! > 1e-12 ? [l] : []));
}

/** The mean code of the rows whose label is 1, less that of those whose label is 0. `[latentDim]`. */
export function differenceOfMeans(data: LabelledCodes): Float64Array {
  const { codes, latentDim, labels, weights, active } = data;
  const sums = [new Float64Array(latentDim), new Float64Array(latentDim)] as const;
  const totals: [number, number] = [0, 0];
  labels.forEach((label, row) => {
    const side = label === 1 ? 1 : 0;
    totals[side] += weights[row]!;
    for (let l = 0; l < latentDim; l++) sums[side][l]! += weights[row]! * codes[row * latentDim + l]!;
  });
  return Float64Array.from(active, (isActive, l) =>
    isActive ? sums[1][l]! / totals[1] - sums[0][l]! / totals[0] : 0,
  );
}

/** The used dimensions, less their means and with unit variance: `[rows, used]`. */
function standardised(
  { codes, latentDim, weights }: LabelledCodes,
  used: readonly number[],
  { mean, deviation }: { readonly mean: Float64Array; readonly deviation: Float64Array },
): Float64Array {
  const points = new Float64Array(weights.length * used.length);
  for (let row = 0; row < weights.length; row++) {
    used.forEach((l, i) => {
      points[row * used.length + i] = (codes[row * latentDim + l]! - mean[l]!) / deviation[l]!;
    });
  }
  return points;
}

function inDimensions(
  weights: ArrayLike<number>,
  used: readonly number[],
  deviation: Float64Array,
): Float64Array {
  const normal = new Float64Array(deviation.length);
  used.forEach((l, i) => (normal[l] = weights[i]! / deviation[l]!));
  return normal;
}

/**
 * The normal of the plane by which a logistic regression with an L2 penalty separates the rows whose label is 1 from
 * those whose label is 0, pointing to the first. Dimensions are standardised before, so that the penalty is the same for all.
 */
export function classifierNormal(data: LabelledCodes): Float64Array {
  const known = statistics(data);
  const used = usedOf(data.active, known.deviation);
  const features = used.length;
  const { weights } = fitLogistic({
    points: standardised(data, used, known),
    features,
    labels: Uint16Array.from(data.labels),
    classCount: 2,
    rowWeights: data.weights,
    penalty: PENALTY,
  });
  const width = features + 1;
  return inDimensions(
    Float64Array.from({ length: features }, (_, f) => weights[width + f]! - weights[f]!),
    used,
    known.deviation,
  );
}

/** The normal of a ridge regression of the labels, of dimensions that are standardised before. */
export function regressionNormal(data: LabelledCodes): Float64Array {
  const known = statistics(data);
  const used = usedOf(data.active, known.deviation);
  const { labels, weights } = data;
  const points = standardised(data, used, known);
  const n = used.length;
  const gram = Matrix.zeros(n, n);
  const target = Matrix.zeros(n, 1);
  const mean = labels.reduce((sum, label, row) => sum + weights[row]! * label, 0) / labels.length;
  for (let row = 0; row < labels.length; row++) {
    const at = row * n;
    const weight = weights[row]!;
    for (let i = 0; i < n; i++) {
      const scaled = weight * points[at + i]!;
      target.set(i, 0, target.get(i, 0) + scaled * (labels[row]! - mean));
      for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + scaled * points[at + j]!);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j));
    gram.set(i, i, gram.get(i, i) + PENALTY);
  }
  return inDimensions(solve(gram, target).to1DArray(), used, known.deviation);
}

/** Takes away from a vector what lies along unit vectors that are orthogonal to each other. */
function takeAway(vector: Float64Array, units: readonly Float64Array[]): void {
  for (const unit of units) {
    const along = dot(vector, unit);
    for (let l = 0; l < vector.length; l++) vector[l]! -= along * unit[l]!;
  }
}

/** The part of a vector that is orthogonal to others, by Gram and Schmidt. */
export function orthogonalTo(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const units: Float64Array[] = [];
  for (const other of others) {
    const rest = other.slice();
    takeAway(rest, units);
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-9 * Math.sqrt(dot(other, other))) units.push(rest.map((value) => value / length));
  }
  const result = vector.slice();
  // Twice, because rounding leaves a small part the first time.
  takeAway(result, units);
  takeAway(result, units);
  return result;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** normal · z of every code: `[rows]`. @param codes - `[rows, latentDim]` */
export function scoresAlong(normal: ArrayLike<number>, codes: Float32Array): Float64Array {
  const latentDim = normal.length;
  return Float64Array.from({ length: codes.length / latentDim }, (_, row) => {
    let score = 0;
    for (let l = 0; l < latentDim; l++) score += normal[l]! * codes[row * latentDim + l]!;
    return score;
  });
}
