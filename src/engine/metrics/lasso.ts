/**
 * Number of strengths of the penalty that are tried, from the one with only zero weights down to a thousandth of
 * it.
 */
const STRENGTHS = 30;
const WEAKEST = 1e-3;
/** Maximum number of rounds of coordinate descent at each strength, and the step size at which they end. */
const MOST_ROUNDS = 1000;
const SMALLEST_STEP = 1e-7;
/** One in this many rows is used for validation, to choose the strength. */
const KEPT_EVERY = 5;

/** Means and products of rows, which are sufficient for a linear regression. */
interface Moments {
  /** Xᵀ·X / rows, `[features, features]`. */
  readonly gram: Float64Array;
  /** Xᵀ·y / rows, `[features]`. */
  readonly products: Float64Array;
  /** Mean of y². */
  readonly square: number;
}

/** Means and standard deviations by which features are standardised; the scale of a constant feature is 0. */
export interface Standardised {
  readonly features: number;
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Computes means and standard deviations of a table's columns, `[rows, features]`. */
export function standardise(table: ArrayLike<number>, features: number): Standardised {
  const rows = table.length / features;
  const [mean, scale] = [new Float64Array(features), new Float64Array(features)];
  for (let at = 0; at < table.length; at++) mean[at % features]! += table[at]! / rows;
  for (let at = 0; at < table.length; at++)
    scale[at % features]! += (table[at]! - mean[at % features]!) ** 2 / rows;
  return { features, mean, scale: scale.map((value) => (value > 1e-12 ? Math.sqrt(value) : 0)) };
}

/** Standardises a table's columns. */
export function applyScale({ features, mean, scale }: Standardised, table: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: table.length }, (_, at) => {
    const f = at % features;
    return scale[f]! === 0 ? 0 : (table[at]! - mean[f]!) / scale[f]!;
  });
}

function momentsOf(
  x: Float64Array,
  features: number,
  y: Float64Array,
  uses: (row: number) => boolean,
): Moments {
  const [gram, products] = [new Float64Array(features * features), new Float64Array(features)];
  let [rows, square] = [0, 0];
  for (let row = 0; row < y.length; row++) {
    if (!uses(row)) continue;
    rows += 1;
    square += y[row]! ** 2;
    const from = row * features;
    for (let j = 0; j < features; j++) {
      const value = x[from + j]!;
      products[j]! += value * y[row]!;
      for (let k = 0; k <= j; k++) gram[j * features + k]! += value * x[from + k]!;
    }
  }
  for (let j = 0; j < features; j++) {
    products[j]! /= rows;
    for (let k = 0; k <= j; k++) {
      gram[j * features + k]! /= rows;
      gram[k * features + j] = gram[j * features + k]!;
    }
  }
  return { gram, products, square: square / rows };
}

/**
 * Minimises (1/2n)‖y − X·w‖² + strength·Σ|w| by coordinate descent (Friedman, Hastie & Tibshirani 2010, section
 * 2.1).
 *
 * @param weights - the starting point, which is replaced by the minimum
 */
function descend({ gram, products }: Moments, strength: number, weights: Float64Array): void {
  const features = weights.length;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let largestStep = 0;
    for (let j = 0; j < features; j++) {
      const own = gram[j * features + j]!;
      if (own === 0) continue;
      let rest = products[j]! + own * weights[j]!;
      for (let k = 0; k < features; k++) rest -= gram[j * features + k]! * weights[k]!;
      const next = (Math.sign(rest) * Math.max(0, Math.abs(rest) - strength)) / own;
      largestStep = Math.max(largestStep, Math.abs(next - weights[j]!));
      weights[j] = next;
    }
    if (largestStep <= SMALLEST_STEP) return;
  }
}

/** Mean of (y − X·w)² over rows, minus that of y². */
function meanSquare({ gram, products }: Moments, weights: Float64Array): number {
  const features = weights.length;
  let sum = 0;
  for (let j = 0; j < features; j++) {
    sum -= 2 * weights[j]! * products[j]!;
    for (let k = 0; k < features; k++) sum += weights[j]! * gram[j * features + k]! * weights[k]!;
  }
  return sum;
}

/**
 * A linear regression with few weights: the lasso (Tibshirani 1996). It is fitted to four fifths of the rows and
 * validated on the others. Of all strengths whose validation error is within a standard error of the lowest, the
 * strongest is chosen (Breiman et al. 1984), so that weights caused by noise are 0.
 *
 * @param x - `[rows, features]`, standardised
 * @param y - `[rows]`, of mean 0 and variance 1
 * @returns weights, `[features]`
 */
export function fitLasso(x: Float64Array, features: number, y: Float64Array): Float64Array {
  const learned = momentsOf(x, features, y, (row) => row % KEPT_EVERY !== 0);
  const kept = momentsOf(x, features, y, (row) => row % KEPT_EVERY === 0);
  const all = momentsOf(x, features, y, () => true);
  const strongest = Math.max(1e-12, ...learned.products.map(Math.abs));
  const weights = new Float64Array(features);
  const tried = Array.from({ length: STRENGTHS }, (_, i) => {
    const strength = strongest * WEAKEST ** (i / (STRENGTHS - 1));
    descend(learned, strength, weights);
    return { strength, error: Math.max(0, kept.square + meanSquare(kept, weights)) };
  });
  const least = Math.min(...tried.map(({ error }) => error));
  // The mean of n squares of a Gaussian has a standard error of √(2/n) of itself.
  const most = least * (1 + Math.sqrt((2 * KEPT_EVERY) / y.length));
  const { strength } = tried.find(({ error }) => error <= most)!;
  weights.fill(0);
  descend(all, strength, weights);
  return weights;
}

/**
 * Lasso regressions of several targets on the same features with a given strength: each minimises
 * (1/2n)‖y − X·w‖² + strength·Σ|w|.
 *
 * @param x - `[rows, features]`, of mean 0
 * @param y - `[rows, targets]`, of mean 0
 * @returns weights by target, each `[features]`
 */
export function fitLassoOfStrength(
  x: Float64Array,
  features: number,
  y: Float64Array,
  targets: number,
  strength: number,
): Float64Array[] {
  const rows = y.length / targets;
  return Array.from({ length: targets }, (_, target) => {
    const own = Float64Array.from({ length: rows }, (__, row) => y[row * targets + target]!);
    const weights = new Float64Array(features);
    descend(
      momentsOf(x, features, own, () => true),
      strength,
      weights,
    );
    return weights;
  });
}
