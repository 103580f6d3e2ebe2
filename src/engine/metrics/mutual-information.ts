/** A matrix with a number for each dimension and factor. */
export interface DimensionFactorMatrix {
  readonly dimensions: number;
  readonly factors: number;
  /** `[dimensions, factors]`. */
  readonly values: Float64Array;
}

/** The class of a row whose factor is unknown. */
export const UNKNOWN_CLASS = 0xffff;

/** The number of occurrences of each pair of a bin and a class. */
export interface Contingency {
  readonly bins: number;
  readonly classes: number;
  /** `[bins, classes]`. */
  readonly counts: Float64Array;
}

/**
 * Counts pairs of a bin and a class; rows of an unknown class are left out.
 *
 * @param bins - `[rows]`, each below `binCount`
 * @param classes - `[rows]`, each below `classCount` or {@link UNKNOWN_CLASS}
 * @param weights - the weight of each row; 1 if left out
 */
export function countPairs(
  bins: Uint8Array,
  binCount: number,
  classes: Uint16Array,
  classCount: number,
  weights?: Uint8Array,
): Contingency {
  const counts = new Float64Array(binCount * classCount);
  if (weights) {
    for (let row = 0; row < bins.length; row++) {
      const known = classes[row]!;
      if (known !== UNKNOWN_CLASS) counts[bins[row]! * classCount + known]! += weights[row]!;
    }
  } else {
    for (let row = 0; row < bins.length; row++) {
      const known = classes[row]!;
      if (known !== UNKNOWN_CLASS) counts[bins[row]! * classCount + known]! += 1;
    }
  }
  return { bins: binCount, classes: classCount, counts };
}

function marginals({ bins, classes, counts }: Contingency): { rows: Float64Array; columns: Float64Array } {
  const [rows, columns] = [new Float64Array(bins), new Float64Array(classes)];
  for (let bin = 0, at = 0; bin < bins; bin++) {
    for (let known = 0; known < classes; known++, at++) {
      rows[bin]! += counts[at]!;
      columns[known]! += counts[at]!;
    }
  }
  return { rows, columns };
}

/** I(bin; class) from the counted frequencies, in nats: Σ p(b, c) log (p(b, c) / p(b) p(c)). */
export function mutualInformation(pairs: Contingency): number {
  const { rows, columns } = marginals(pairs);
  const total = rows.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  let sum = 0;
  for (let bin = 0, at = 0; bin < pairs.bins; bin++) {
    for (let known = 0; known < pairs.classes; known++, at++) {
      const count = pairs.counts[at]!;
      if (count > 0) sum += count * Math.log((count * total) / (rows[bin]! * columns[known]!));
    }
  }
  return Math.max(0, sum / total);
}

/** Number of standard deviations above the mean of chance that information must exceed. */
const BEYOND_CHANCE = 4;

/**
 * The part of I(bin; class) beyond chance. Without any information, the estimate from N rows is distributed as
 * (1/2N)·χ²ₖ nats with k = (B − 1)(C − 1) for B bins and C classes that occur (Wilks 1938). Its mean k / 2N is
 * subtracted (Miller 1955); its standard deviation is √(2k) / 2N. The result is 0 if it does not exceed four
 * standard deviations.
 */
export function informationBeyondChance(pairs: Contingency): number {
  const { rows, columns } = marginals(pairs);
  const total = rows.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const occupied = (counts: Float64Array): number => counts.filter((value) => value > 0).length;
  const freedom = (occupied(rows) - 1) * (occupied(columns) - 1);
  const beyond = mutualInformation(pairs) - freedom / (2 * total);
  return beyond > (BEYOND_CHANCE * Math.sqrt(2 * freedom)) / (2 * total) ? beyond : 0;
}

/** H(class) from the counted frequencies, in nats; classes of unknown rows are left out. */
export function classEntropy(classes: Uint16Array, classCount: number, weights?: Uint8Array): number {
  const counts = new Float64Array(classCount);
  let total = 0;
  for (let row = 0; row < classes.length; row++) {
    const known = classes[row]!;
    if (known === UNKNOWN_CLASS) continue;
    const weight = weights ? weights[row]! : 1;
    counts[known]! += weight;
    total += weight;
  }
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= (count / total) * Math.log(count / total);
  return sum;
}
