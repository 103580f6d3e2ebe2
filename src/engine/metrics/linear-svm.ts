import { UNKNOWN_CLASS } from './mutual-information.ts';

/** A linear classifier of one number: the class whose `slopes[k] · x + offsets[k]` is largest. */
export interface LineClassifier {
  /** Classes in the training data, in ascending order. */
  readonly classes: Uint16Array;
  readonly slopes: Float64Array;
  readonly offsets: Float64Array;
}

/**
 * Newton's method reaches the minimum when the set of rows inside the margin does not change any more; this is only
 * a safety limit.
 */
const MOST_STEPS = 100;

/**
 * min over w, b of ½(w² + b²) + Σᵢ Cᵢ max(0, 1 − yᵢ(w·xᵢ + b))²: LIBLINEAR's L2-regularised squared hinge loss,
 * with the bias as a feature of value 1 (Fan et al. 2008, section 2). The loss is quadratic as long as the set of
 * rows inside the margin does not change, so Newton's method with a line search finds the exact minimum.
 *
 * @param x - `[rows]`
 * @param isPositive - y = 1 where it is `positive`, −1 elsewhere
 */
function separate(
  x: Float64Array,
  classes: Uint16Array,
  positive: number,
  costs: { readonly positive: number; readonly negative: number },
): { slope: number; offset: number } {
  let [w, b] = [0, 0];
  const loss = (slope: number, offset: number): number => {
    let sum = 0.5 * (slope * slope + offset * offset);
    for (let i = 0; i < x.length; i++) {
      const isPositive = classes[i] === positive;
      const inside = 1 - (isPositive ? 1 : -1) * (slope * x[i]! + offset);
      if (inside > 0) sum += (isPositive ? costs.positive : costs.negative) * inside * inside;
    }
    return sum;
  };
  let current = loss(w, b);
  for (let step = 0; step < MOST_STEPS; step++) {
    let [gradientW, gradientB, ww, wb, bb] = [w, b, 1, 0, 1];
    for (let i = 0; i < x.length; i++) {
      const isPositive = classes[i] === positive;
      const y = isPositive ? 1 : -1;
      const inside = 1 - y * (w * x[i]! + b);
      if (inside <= 0) continue;
      const cost = 2 * (isPositive ? costs.positive : costs.negative);
      const pull = cost * y * inside;
      gradientW -= pull * x[i]!;
      gradientB -= pull;
      ww += cost * x[i]! * x[i]!;
      wb += cost * x[i]!;
      bb += cost;
    }
    const determinant = ww * bb - wb * wb;
    const dw = (wb * gradientB - bb * gradientW) / determinant;
    const db = (wb * gradientW - ww * gradientB) / determinant;
    const slope = gradientW * dw + gradientB * db;
    // The step would gain half the slope, which is negligible.
    if (-slope <= 1e-12 * Math.max(1, current)) break;
    let length = 1;
    let next = loss(w + dw, b + db);
    while (next > current + 1e-4 * length * slope && length > 1e-10) {
      length /= 2;
      next = loss(w + length * dw, b + length * db);
    }
    w += length * dw;
    b += length * db;
    current = next;
  }
  return { slope: w, offset: b };
}

/**
 * Fits a classifier of one number, one class against the rest, like scikit-learn's `LinearSVC(C,
 * class_weight="balanced")`. The weight of a class's rows is rows / (classes · rows of the class). With more than
 * two classes, the rest has the plain cost, as in LIBLINEAR.
 *
 * @param x - `[rows]`
 * @param classes - `[rows]`; rows of an unknown class are left out
 * @param cost - C
 */
export function fitLine(
  x: Float64Array,
  classes: Uint16Array,
  classCount: number,
  cost: number,
): LineClassifier {
  const counts = new Uint32Array(classCount);
  for (const known of classes) if (known !== UNKNOWN_CLASS) counts[known]! += 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = Uint16Array.from(counts.keys()).filter((known) => counts[known]! > 0);
  const isKnown = total < x.length;
  const rows = isKnown ? x.filter((_, i) => classes[i] !== UNKNOWN_CLASS) : x;
  const labels = isKnown ? classes.filter((known) => known !== UNKNOWN_CLASS) : classes;
  const slopes = new Float64Array(present.length);
  const offsets = new Float64Array(present.length);
  const balanced = (known: number): number => (cost * total) / (present.length * counts[known]!);
  if (present.length === 2) {
    const [first, second] = present as unknown as [number, number];
    const costs = { positive: balanced(second), negative: balanced(first) };
    const { slope, offset } = separate(rows, labels, second, costs);
    slopes[1] = slope;
    offsets[1] = offset;
  } else if (present.length > 2) {
    present.forEach((known, k) => {
      const { slope, offset } = separate(rows, labels, known, { positive: balanced(known), negative: cost });
      slopes[k] = slope;
      offsets[k] = offset;
    });
  }
  return { classes: present, slopes, offsets };
}

/** Predicts the class of a number; the first of several with the same score. */
export function classifyByLine({ classes, slopes, offsets }: LineClassifier, x: number): number {
  let [best, largest] = [0, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < classes.length; k++) {
    const height = slopes[k]! * x + offsets[k]!;
    if (height > largest) [best, largest] = [k, height];
  }
  return classes[best]!;
}
