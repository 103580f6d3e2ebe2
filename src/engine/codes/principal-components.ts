import { setImmediate as nextTurn } from 'node:timers/promises';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Number of multiplications between two turns of the event loop: about ten milliseconds. */
const PRODUCTS_PER_TURN = 3_000_000;

/** The mean of codes and their principal components, sorted by variance. */
export interface PrincipalComponents {
  /** `[latentDim]`. */
  readonly mean: Float64Array;
  /** `[latentDim, latentDim]`: orthonormal rows; each one's largest component is positive. */
  readonly components: readonly Float64Array[];
  /** `[latentDim]`: variance along each, in descending order. */
  readonly variances: Float64Array;
}

/** Number of rows for about {@link PRODUCTS_PER_TURN} products. */
function rowsPerTurn(productsPerRow: number): number {
  return Math.max(1, Math.floor(PRODUCTS_PER_TURN / productsPerRow));
}

/** Mean and variance of every dimension, computed in several turns of the event loop. */
export async function meanAndVariance(
  codes: Float32Array,
  latentDim: number,
): Promise<{ readonly mean: Float64Array; readonly variance: Float64Array }> {
  const count = codes.length / latentDim;
  const mean = new Float64Array(latentDim);
  const variance = new Float64Array(latentDim);
  const rows = rowsPerTurn(latentDim);
  for (const isMean of [true, false]) {
    for (let start = 0; start < count; start += rows) {
      for (let i = start; i < Math.min(count, start + rows); i++) {
        for (let l = 0; l < latentDim; l++) {
          const value = codes[i * latentDim + l]!;
          if (isMean) mean[l]! += value;
          else variance[l]! += (value - mean[l]!) ** 2;
        }
      }
      await nextTurn();
    }
    // Divided at the end, so that the mean of equal numbers is exactly that number.
    const sums = isMean ? mean : variance;
    for (let l = 0; l < latentDim; l++) sums[l]! /= Math.max(1, count);
  }
  return { mean, variance };
}

/** The covariance of codes, `[latentDim, latentDim]`, computed in several turns of the event loop. */
async function covariance(codes: Float32Array, latentDim: number, mean: Float64Array): Promise<Matrix> {
  const count = codes.length / latentDim;
  const sums = new Float64Array(latentDim * latentDim);
  const row = new Float64Array(latentDim);
  const rows = rowsPerTurn((latentDim * (latentDim + 1)) / 2);
  for (let start = 0; start < count; start += rows) {
    for (let i = start; i < Math.min(count, start + rows); i++) {
      for (let l = 0; l < latentDim; l++) row[l] = codes[i * latentDim + l]! - mean[l]!;
      for (let l = 0; l < latentDim; l++) {
        const value = row[l]!;
        for (let m = l; m < latentDim; m++) sums[l * latentDim + m]! += value * row[m]!;
      }
    }
    await nextTurn();
  }
  const matrix = new Matrix(latentDim, latentDim);
  for (let l = 0; l < latentDim; l++) {
    for (let m = l; m < latentDim; m++) {
      const value = count > 0 ? sums[l * latentDim + m]! / count : 0;
      matrix.set(l, m, value);
      matrix.set(m, l, value);
    }
  }
  return matrix;
}

/** Chooses the sign of a direction so that its largest component is positive. */
function withChosenSign(direction: Float64Array): Float64Array {
  let largest = 0;
  for (const value of direction) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? direction.map((value) => -value) : direction;
}

/**
 * Principal components of codes (Pearson 1901): the eigenvectors of their covariance over all rows.
 *
 * @param codes - `[count, latentDim]`
 */
export async function principalComponents(
  codes: Float32Array,
  latentDim: number,
): Promise<PrincipalComponents> {
  const { mean } = await meanAndVariance(codes, latentDim);
  const matrix = await covariance(codes, latentDim, mean);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, l) => l).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return {
    mean,
    components: order.map((column) => withChosenSign(Float64Array.from(eigenvectorMatrix.getColumn(column)))),
    // Rounding may give a direction without variance a slightly negative eigenvalue.
    variances: Float64Array.from(order, (column) => Math.max(0, realEigenvalues[column]!)),
  };
}
