import { createRandom } from '../basics/random.ts';
import type { Factor } from './factor.ts';
import { UNKNOWN_CLASS } from './mutual-information.ts';

/** Number of neighbours in the authors' code of InfoMEC. */
const NEIGHBOURS = 10;
/** Size of the noise that separates equal values, relative to the deviation: scikit-learn's. */
const TIE_NOISE = 1e-10;

/** ψ(1), …, ψ(count) of whole numbers: ψ(1) = −γ and ψ(n + 1) = ψ(n) + 1/n. */
export function digammas(count: number): Float64Array {
  const table = new Float64Array(count + 1);
  table[0] = Number.NaN;
  if (count > 0) table[1] = -0.5772156649015329;
  for (let n = 1; n < count; n++) table[n + 1] = table[n]! + 1 / n;
  return table;
}

/** A dimension's values in ascending order, with the row of each. */
interface Sorted {
  readonly values: Float64Array;
  readonly rows: Uint32Array;
}

/** Sorts a dimension's values after equal ones are separated by a little noise; undefined for a constant. */
export function sortDimension(codes: Float32Array, latentDim: number, dimension: number): Sorted | undefined {
  const count = codes.length / latentDim;
  const random = createRandom(0, 'neighbour-information', dimension);
  let [mean, variance] = [0, 0];
  for (let at = dimension; at < codes.length; at += latentDim) mean += codes[at]! / count;
  for (let at = dimension; at < codes.length; at += latentDim) variance += (codes[at]! - mean) ** 2 / count;
  if (variance === 0) return undefined;
  const deviation = Math.sqrt(variance);
  const noisy = Float64Array.from(
    { length: count },
    (_, row) => (codes[row * latentDim + dimension]! - mean) / deviation + TIE_NOISE * random.normal(),
  );
  const rows = Uint32Array.from(noisy.keys()).sort((a, b) => noisy[a]! - noisy[b]!);
  return { values: Float64Array.from(rows, (row) => noisy[row]!), rows };
}

/** Distance of every value to its k-th nearest other value. @param values - ascending, more than `k` */
function neighbourDistances(values: Float64Array, k: number): Float64Array {
  let from = 0;
  return values.map((value, i) => {
    // The k + 1 nearest values, the value itself included, are neighbours in the order.
    while (from < i && from + k + 1 < values.length && values[from + k + 1]! - value < value - values[from]!)
      from += 1;
    return Math.max(value - values[from]!, values[from + k]! - value);
  });
}

/** Number of values that are closer to `value` than `radius`. @param values - ascending */
function countWithin(values: Float64Array, value: number, radius: number): number {
  const first = (isIn: (at: number) => boolean): number => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isIn(values[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return first((at) => at - value >= radius) - first((at) => value - at < radius);
}

/**
 * I(z; v) of a continuous dimension and a factor's classes by nearest neighbours (Ross 2014), as scikit-learn's
 * `mutual_info_classif` estimates it with 10 neighbours: ψ(N) + ⟨ψ(k)⟩ − ⟨ψ(Nᵥ)⟩ − ⟨ψ(m)⟩, where Nᵥ is the number of
 * rows of a row's class, and m the number of all rows that are closer than its k-th neighbour in this class. Rows of
 * an unknown class, and of classes with a single row, are left out.
 *
 * @param sorted - the dimension, of {@link sortDimension}
 * @param psi - of {@link digammas}, for at least the number of rows
 * @returns nats, at least 0
 */
export function neighbourInformation(
  { values, rows }: Sorted,
  { classes, size }: Pick<Factor, 'classes' | 'size'>,
  psi: Float64Array,
): number {
  const counts = new Uint32Array(size);
  for (const known of classes) if (known !== UNKNOWN_CLASS) counts[known]! += 1;
  const used = counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
  if (used === 0) return 0;
  const all = new Float64Array(used);
  const byClass = Array.from(counts, (count) => new Float64Array(count > 1 ? count : 0));
  const filled = new Uint32Array(size);
  let at = 0;
  rows.forEach((row, i) => {
    const known = classes[row]!;
    if (known === UNKNOWN_CLASS || counts[known]! < 2) return;
    const value = values[i]!;
    all[at++] = value;
    byClass[known]![filled[known]!++] = value;
  });
  let sum = 0;
  for (const own of byClass) {
    if (own.length === 0) continue;
    const k = Math.min(NEIGHBOURS, own.length - 1);
    const distances = neighbourDistances(own, k);
    sum += own.length * (psi[k]! - psi[own.length]!);
    own.forEach((value, i) => (sum -= psi[Math.max(1, countWithin(all, value, distances[i]!))]!));
  }
  return Math.max(0, psi[used]! + sum / used);
}
