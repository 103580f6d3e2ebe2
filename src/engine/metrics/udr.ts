import { applyScale, fitLassoOfStrength, standardise } from './lasso.ts';
import { ranksOf } from './ranks.ts';

/** Strength of the lasso in the authors' code. */
const LASSO_STRENGTH = 0.1;

/** Codes of one model; those of all models are of the same images. */
export interface ModelCodes {
  /** `[images, latentDim]`. */
  readonly codes: Float32Array;
  readonly latentDim: number;
  /** Whether each dimension is active: inactive ones, by their KL, are left out. */
  readonly active: readonly boolean[];
}

/** Non-negative similarities of one model's active dimensions (rows) with those of another (columns). */
interface Similarities {
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns]`. */
  readonly values: Float64Array;
}

/** UDR of models, and the stability of their dimensions. */
export interface Udr {
  /** By model: the median over the other models of how well both agree. */
  readonly spearman: readonly number[];
  /** The same with the weights of a lasso in place of correlations. */
  readonly lasso: readonly number[];
  /**
   * By model and dimension: the median over the other models of the absolute Spearman correlation with the dimension
   * there that is most like it; null for an inactive dimension.
   */
  readonly stability: readonly (readonly (number | null)[])[];
}

/** A model's active dimensions: standardised values, and standardised ranks, each `[images, width]`. */
interface Prepared {
  readonly width: number;
  readonly values: Float64Array;
  readonly ranks: Float64Array;
}

function prepare({ codes, latentDim, active }: ModelCodes): Prepared {
  const used = active.flatMap((isActive, l) => (isActive ? [l] : []));
  const [rows, width] = [codes.length / latentDim, used.length];
  const values = new Float64Array(rows * width);
  const ranks = new Float64Array(rows * width);
  used.forEach((dimension, u) => {
    const column = Float64Array.from({ length: rows }, (_, row) => codes[row * latentDim + dimension]!);
    ranksOf(column).forEach((rank, row) => (ranks[row * width + u] = rank));
    column.forEach((value, row) => (values[row * width + u] = value));
  });
  const scaled = (table: Float64Array): Float64Array =>
    width === 0 ? table : applyScale(standardise(table, width), table);
  return { width, values: scaled(values), ranks: scaled(ranks) };
}

/** Absolute Spearman correlations. */
function correlations(a: Prepared, b: Prepared): Similarities {
  const rows = a.width === 0 ? 0 : a.ranks.length / a.width;
  const values = new Float64Array(a.width * b.width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < a.width; i++) {
      const own = a.ranks[row * a.width + i]!;
      for (let j = 0; j < b.width; j++) values[i * b.width + j]! += own * b.ranks[row * b.width + j]!;
    }
  }
  return { rows: a.width, columns: b.width, values: values.map((sum) => Math.abs(sum / rows)) };
}

/** Absolute weights of lasso regressions of the second model's dimensions on the first's. */
function lassoWeights(a: Prepared, b: Prepared): Similarities {
  const values = new Float64Array(a.width * b.width);
  if (values.length > 0) {
    fitLassoOfStrength(a.values, a.width, b.values, b.width, LASSO_STRENGTH).forEach((weights, j) =>
      weights.forEach((weight, i) => (values[i * b.width + j] = Math.abs(weight))),
    );
  }
  return { rows: a.width, columns: b.width, values };
}

/** Σ over the lines of max² / Σ, as their mean; 0 for a line of zeros, and where there is no line. */
function meanStrength(lines: readonly (readonly number[])[]): number {
  const strengths = lines.map((line) => {
    const sum = line.reduce((total, value) => total + value, 0);
    return sum === 0 ? 0 : Math.max(...line) ** 2 / sum;
  });
  return strengths.length ? strengths.reduce((sum, value) => sum + value, 0) / strengths.length : 0;
}

/**
 * How well the dimensions of two models correspond one to one (Duan et al. 2020, eq. 3): the strength of each
 * dimension's best match relative to all its matches, averaged over the dimensions of each model, and over both models.
 * The paper averages over all dimensions of both at once, which is the same if both have as many; this is the authors'
 * code.
 */
export function relativeStrength({ rows, columns, values }: Similarities): number {
  const down = Array.from({ length: columns }, (_, j) =>
    Array.from({ length: rows }, (__, i) => values[i * columns + j]!),
  );
  const across = Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
  return (meanStrength(rows > 0 ? down : []) + meanStrength(columns > 0 ? across : [])) / 2;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Unsupervised disentanglement ranking (Duan et al. 2020, "Unsupervised Model Selection for Variational Disentangled
 * Representation Learning"): models that are trained alike from different seeds find the same dimensions if these are
 * disentangled. Needs no labels.
 *
 * @param models - at least 2
 * @param pause - awaited regularly; throws if the work is cancelled
 */
export async function measureUdr(models: readonly ModelCodes[], pause: () => Promise<void>): Promise<Udr> {
  const all = models.map(prepare);
  const others = (i: number): number[] => [...all.keys()].filter((j) => j !== i);
  const stability: (number | null)[][] = [];
  const [spearman, lasso]: [number[], number[]] = [[], []];
  for (const [i, own] of all.entries()) {
    const pairs: Similarities[] = [];
    const weighed: number[] = [];
    for (const j of others(i)) {
      pairs.push(correlations(own, all[j]!));
      // The authors take the column of a model's pairs: the regressions of its dimensions on those of the others.
      weighed.push(relativeStrength(lassoWeights(all[j]!, own)));
      await pause();
    }
    spearman.push(median(pairs.map(relativeStrength)));
    lasso.push(median(weighed));
    let u = 0;
    stability.push(
      models[i]!.active.map((isActive) => {
        if (!isActive) return null;
        const row = u++;
        return median(
          pairs.map(({ columns, values }) =>
            Math.max(0, ...values.subarray(row * columns, (row + 1) * columns)),
          ),
        );
      }),
    );
  }
  return { spearman, lasso, stability };
}
