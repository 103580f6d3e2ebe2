/** How much of the source pixels one target pixel covers, along one axis. */
export interface Coverage {
  /** The first and the last source pixel that it touches. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** The share of the first and of the last; those between are covered whole. Zero for the last if it is the first. */
  readonly firstWeight: Float64Array;
  readonly lastWeight: Float64Array;
  /**
   * The same as weights of three neighbours from the first on, if no target touches more; `[size, 3]`. Most
   * pictures are made less than half as large, and a loop without branches takes half the time.
   */
  readonly threeWeights: Float64Array | undefined;
}

function coverage(from: number, to: number, limit: number, size: number): Coverage {
  const step = (to - from) / size;
  const first = new Int32Array(size);
  const last = new Int32Array(size);
  const firstWeight = new Float64Array(size);
  const lastWeight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    // Measured from the same origin each time, so that edges of neighbours are the same number.
    const start = from + i * step;
    const end = i === size - 1 ? to : from + (i + 1) * step;
    const a = Math.min(Math.floor(start), limit - 1);
    // An end on a pixel's edge does not touch the pixel that begins there.
    const b = Math.max(a, Math.min(Math.ceil(end) - 1, limit - 1));
    first[i] = a;
    last[i] = b;
    firstWeight[i] = (b === a ? end : a + 1) - start;
    lastWeight[i] = b === a ? 0 : end - b;
  }
  return {
    first,
    last,
    firstWeight,
    lastWeight,
    threeWeights: asThree(first, last, firstWeight, lastWeight),
  };
}

function asThree(
  first: Int32Array,
  last: Int32Array,
  firstWeight: Float64Array,
  lastWeight: Float64Array,
): Float64Array | undefined {
  const weights = new Float64Array(first.length * 3);
  for (let i = 0; i < first.length; i++) {
    const span = last[i]! - first[i]!;
    if (span > 2) return undefined;
    weights[i * 3] = firstWeight[i]!;
    if (span > 0) weights[i * 3 + span] = lastWeight[i]!;
    if (span === 2) weights[i * 3 + 1] = 1;
  }
  return weights;
}

interface Kept {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly size: number;
  readonly value: Coverage;
}

/** Most data sets hold pictures of one size, so the last coverage of each axis is kept. */
const kept: { rows?: Kept; columns?: Kept } = {};

/**
 * Tells what each of `size` target pixels covers of the source pixels between two places on one axis. The same
 * object is returned as long as an axis is asked for the same.
 *
 * @param from - where the first target pixel begins, in source pixels, which may be within one
 * @param to - where the last one ends
 * @param limit - the number of source pixels
 */
export function coverageOf(
  axis: 'rows' | 'columns',
  from: number,
  to: number,
  limit: number,
  size: number,
): Coverage {
  const last = kept[axis];
  if (last?.from === from && last.to === to && last.limit === limit && last.size === size) return last.value;
  const value = coverage(from, to, limit, size);
  kept[axis] = { from, to, limit, size, value };
  return value;
}
