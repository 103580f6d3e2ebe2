import type { DirectionQuality } from '../../contract/direction.ts';
import { ranksOf } from '../metrics/ranks.ts';

/** The quantile of a standard normal for 95 % intervals. */
const Z = 1.959964;

/**
 * The area under the ROC curve: the probability that a row with the label has a higher score than one without, equal
 * scores counting half. The interval is that of Hanley & McNeil (1982).
 *
 * @param labels - 0 or 1
 * @returns null where one of the two does not occur
 */
export function aucOf(scores: Float64Array, labels: ArrayLike<number>): DirectionQuality | null {
  const ranks = ranksOf(scores);
  let [positives, sum] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] !== 1) continue;
    positives += 1;
    sum += ranks[row]!;
  }
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const value = (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
  const twoPositives = value / (2 - value);
  const twoNegatives = (2 * value ** 2) / (1 + value);
  const variance =
    (value * (1 - value) +
      (positives - 1) * (twoPositives - value ** 2) +
      (negatives - 1) * (twoNegatives - value ** 2)) /
    (positives * negatives);
  return between('auc', value, Math.sqrt(Math.max(0, variance)), labels.length);
}

/**
 * The squared correlation of scores and labels; the interval comes from Fisher's transformation.
 *
 * @returns null where there are fewer than four rows, or all labels or scores are the same
 */
export function r2Of(scores: Float64Array, labels: ArrayLike<number>): DirectionQuality | null {
  const rows = labels.length;
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) [x, y] = [x + scores[row]! / rows, y + labels[row]! / rows];
  for (let row = 0; row < rows; row++) {
    const [p, q] = [scores[row]! - x, labels[row]! - y];
    [xx, yy, xy] = [xx + p * p, yy + q * q, xy + p * q];
  }
  if (rows < 4 || xx === 0 || yy === 0) return null;
  const correlation = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  // A direction that tells the label the wrong way round tells nothing.
  const square = (r: number): number => Math.max(0, r) ** 2;
  const fisher = Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, correlation)));
  const half = Z / Math.sqrt(rows - 3);
  return {
    kind: 'r2',
    value: square(correlation),
    low: square(Math.tanh(fisher - half)),
    high: square(Math.tanh(fisher + half)),
    images: rows,
  };
}

function between(kind: 'auc', value: number, error: number, images: number): DirectionQuality {
  const within = (bound: number): number => Math.max(0, Math.min(1, bound));
  return { kind, value, low: within(value - Z * error), high: within(value + Z * error), images };
}
