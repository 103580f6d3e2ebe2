import { setImmediate as nextTurn } from 'node:timers/promises';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { principalComponents } from '../codes/principal-components.ts';
import type { Progress } from '../../contract/dataset.ts';
import { createProgress } from '../basics/progress.ts';
import { createRandom, type Random } from '../basics/random.ts';

/**
 * Rows with which the directions are searched. Then all rows are used, from where the search ended; because Newton's
 * steps converge at least quadratically, few of them are needed.
 */
const SEARCH_ROWS = 20_000;
const MOST_SEARCH_STEPS = 400;
const MOST_STEPS = 12;
/** The search has converged when no direction turns by more: 1 − |cos|. */
const TOLERANCE = 1e-8;
/** A principal component with a smaller share of the largest variance is noise of rounding, and is left out. */
const LEAST_VARIANCE = 1e-8;
/** Number of rows between two turns of the event loop. */
const ROWS_PER_TURN = 4_000;

/** Independent components of codes: s = unmixing · (z − mean), and z ≈ mean + mixing · s. */
export interface IndependentComponents {
  readonly latentDim: number;
  /** Number of components. */
  readonly count: number;
  /** `[latentDim]`. */
  readonly mean: Float64Array;
  /** `[count, latentDim]`; the components have unit variance over the codes. */
  readonly unmixing: Float64Array;
  /** `[latentDim, count]`, the pseudo-inverse of `unmixing`. */
  readonly mixing: Float64Array;
  /** Whether the directions converged. Directions in which codes are Gaussian are not determined, and do not. */
  readonly hasConverged: boolean;
}

/** Each component's part of the variance of the codes' dimensions that the components are of, from 0 to 1. */
export function varianceParts({ latentDim, count, mixing }: IndependentComponents): number[] {
  const variances = Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let l = 0; l < latentDim; l++) sum += mixing[l * count + k]! ** 2;
    return sum;
  });
  const total = variances.reduce((sum, value) => sum + value, 0);
  return variances.map((variance) => variance / total);
}

/** (W·Wᵀ)^−½·W: the orthonormal matrix nearest to W (Hyvärinen 1999, eq. 23). */
function decorrelated(weights: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    weights.mmul(weights.transpose()),
    {
      assumeSymmetric: true,
    },
  );
  const scale = Matrix.diag(realEigenvalues.map((value) => 1 / Math.sqrt(Math.max(value, 1e-300))));
  return eigenvectorMatrix.mmul(scale).mmul(eigenvectorMatrix.transpose()).mmul(weights);
}

/** One fixed-point step for all directions: E[tanh(W·x)·xᵀ] − E[tanh′(W·x)]·W, decorrelated. */
async function step(
  white: Float64Array,
  rows: number,
  weights: Matrix,
  signal?: AbortSignal,
): Promise<Matrix> {
  const n = weights.rows;
  const w = Float64Array.from(weights.to1DArray());
  const products = new Float64Array(n * n);
  const slopes = new Float64Array(n);
  for (let from = 0; from < rows; from += ROWS_PER_TURN) {
    signal?.throwIfAborted();
    for (let row = from; row < Math.min(rows, from + ROWS_PER_TURN); row++) {
      const at = row * n;
      for (let k = 0; k < n; k++) {
        let sum = 0;
        for (let l = 0, i = k * n; l < n; l++, i++) sum += w[i]! * white[at + l]!;
        const g = Math.tanh(sum);
        slopes[k]! += 1 - g * g;
        for (let l = 0, i = k * n; l < n; l++, i++) products[i]! += g * white[at + l]!;
      }
    }
    await nextTurn();
  }
  const next = new Matrix(n, n);
  for (let k = 0; k < n; k++) {
    for (let l = 0; l < n; l++) next.set(k, l, (products[k * n + l]! - slopes[k]! * w[k * n + l]!) / rows);
  }
  return decorrelated(next);
}

/** How far the direction that turned most turned, either way round. */
function largestTurn(before: Matrix, after: Matrix): number {
  let largest = 0;
  for (let k = 0; k < before.rows; k++) {
    let cosine = 0;
    for (let l = 0; l < before.columns; l++) cosine += before.get(k, l) * after.get(k, l);
    largest = Math.max(largest, Math.abs(1 - Math.abs(cosine)));
  }
  return largest;
}

async function iterate(
  start: Matrix,
  white: Float64Array,
  rows: number,
  mostSteps: number,
  signal: AbortSignal | undefined,
  onStep: () => void,
): Promise<{ weights: Matrix; hasConverged: boolean }> {
  let weights = start;
  for (let taken = 0; taken < mostSteps; taken++) {
    const next = await step(white, rows, weights, signal);
    const turn = largestTurn(weights, next);
    weights = next;
    onStep();
    if (turn < TOLERANCE) return { weights, hasConverged: true };
  }
  return { weights, hasConverged: false };
}

function randomRotation(n: number, random: Random): Matrix {
  return decorrelated(
    new Matrix(Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()))),
  );
}

/**
 * Independent component analysis: FastICA with symmetric decorrelation and the contrast log cosh (Hyvärinen 1999), on
 * whitened codes. The components come with the largest part of the codes' variance first, each with the sign by which
 * its largest effect on a dimension is positive.
 *
 * @param codes - `[rows, latentDim]`
 * @param options.used - the dimensions to use; the others have no part in any component. All if left out
 * @param options.onProgress - called after each step; the search usually ends before it has taken them all
 */
export async function fastIca(
  codes: Float32Array,
  latentDim: number,
  {
    seed,
    used = Array.from({ length: latentDim }, (_, l) => l),
    signal,
    onProgress,
  }: {
    readonly seed: number;
    readonly used?: readonly number[];
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  },
): Promise<IndependentComponents> {
  const rows = codes.length / latentDim;
  const width = used.length;
  const chosen = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let u = 0; u < width; u++) chosen[row * width + u] = codes[row * latentDim + used[u]!]!;
  }
  const { mean, components, variances } = await principalComponents(chosen, width);
  const n = variances.filter((value) => value > LEAST_VARIANCE * variances[0]! && value > 0).length;
  const deviations = Array.from(variances.subarray(0, n), Math.sqrt);
  const random = createRandom(seed, 'fast-ica');
  // Rows in random order, so that the first ones are a sample of all.
  const order = random.permutation(rows);
  const white = new Float64Array(rows * n);
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const from = order[row]! * width;
    for (let u = 0; u < width; u++) centred[u] = chosen[from + u]! - mean[u]!;
    for (let k = 0; k < n; k++) {
      const direction = components[k]!;
      let sum = 0;
      for (let u = 0; u < width; u++) sum += direction[u]! * centred[u]!;
      white[row * n + k] = sum / deviations[k]!;
    }
    if (row % ROWS_PER_TURN === 0) await nextTurn();
  }
  let found = { weights: randomRotation(n, random), hasConverged: n <= 1 };
  if (n > 1) {
    const some = Math.min(rows, SEARCH_ROWS);
    const progress = createProgress(MOST_SEARCH_STEPS + (some < rows ? MOST_STEPS : 0));
    let taken = 0;
    const onStep = (): void => onProgress?.(progress((taken += 1)));
    found = await iterate(found.weights, white, some, MOST_SEARCH_STEPS, signal, onStep);
    if (some < rows) found = await iterate(found.weights, white, rows, MOST_STEPS, signal, onStep);
  }
  return inOrder({ latentDim, used, mean, components, deviations, ...found });
}

/** Composes whitening and rotation, and gives the components their order and signs. */
function inOrder(parts: {
  readonly latentDim: number;
  readonly used: readonly number[];
  readonly mean: Float64Array;
  readonly components: readonly Float64Array[];
  readonly deviations: readonly number[];
  readonly weights: Matrix;
  readonly hasConverged: boolean;
}): IndependentComponents {
  const { latentDim, used, components, deviations, weights, hasConverged } = parts;
  const n = deviations.length;
  const mean = new Float64Array(latentDim);
  used.forEach((dimension, u) => (mean[dimension] = parts.mean[u]!));
  const axes = Array.from({ length: n }, (_, k) => {
    const [into, out] = [new Float64Array(latentDim), new Float64Array(latentDim)];
    used.forEach((dimension, u) => {
      for (let i = 0; i < n; i++) {
        into[dimension]! += (weights.get(k, i) * components[i]![u]!) / deviations[i]!;
        out[dimension]! += weights.get(k, i) * deviations[i]! * components[i]![u]!;
      }
    });
    const largest = out.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const sign = largest < 0 ? -1 : 1;
    const variance = out.reduce((sum, value) => sum + value * value, 0);
    return { into: into.map((value) => sign * value), out: out.map((value) => sign * value), variance };
  }).sort((a, b) => b.variance - a.variance);
  const unmixing = new Float64Array(n * latentDim);
  const mixing = new Float64Array(latentDim * n);
  axes.forEach(({ into, out }, k) => {
    unmixing.set(into, k * latentDim);
    out.forEach((value, l) => (mixing[l * n + k] = value));
  });
  return { latentDim, count: n, mean, unmixing, mixing, hasConverged };
}

/** The components of codes: `[rows, count]`. @param codes - `[rows, latentDim]` */
export function componentsOf(
  { latentDim, count, mean, unmixing }: IndependentComponents,
  codes: Float32Array,
): Float32Array {
  const rows = codes.length / latentDim;
  const found = new Float32Array(rows * count);
  const centred = new Float64Array(latentDim);
  for (let row = 0; row < rows; row++) {
    for (let l = 0; l < latentDim; l++) centred[l] = codes[row * latentDim + l]! - mean[l]!;
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let l = 0; l < latentDim; l++) sum += unmixing[k * latentDim + l]! * centred[l]!;
      found[row * count + k] = sum;
    }
  }
  return found;
}

/** The values of codes along one component: `[rows]`. @param codes - `[rows, latentDim]` */
export function valuesAlong(
  { latentDim, mean, unmixing }: IndependentComponents,
  component: number,
  codes: Float32Array,
): Float32Array {
  const weights = unmixing.subarray(component * latentDim, (component + 1) * latentDim);
  return Float32Array.from({ length: codes.length / latentDim }, (_, row) => {
    let sum = 0;
    for (let l = 0; l < latentDim; l++) sum += weights[l]! * (codes[row * latentDim + l]! - mean[l]!);
    return sum;
  });
}

/** The change of a code when a component changes by 1, `[latentDim]`. */
export function directionOf(
  { latentDim, count, mixing }: IndependentComponents,
  component: number,
): Float32Array {
  return Float32Array.from({ length: latentDim }, (_, l) => mixing[l * count + component]!);
}
