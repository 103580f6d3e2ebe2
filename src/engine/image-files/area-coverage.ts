/** The source pixels that each target pixel covers along one axis, with their weights. */
export interface Coverage {
  /** The first and the last source pixel that each target pixel covers. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /**
   * The covered part of the first and the last; those between are covered completely. Zero for the last if it is
   * also the first.
   */
  readonly firstWeight: Float64Array;
  readonly lastWeight: Float64Array;
  /**
   * The same as weights of three neighbours from the first on, `[size, 3]`; undefined if some target covers more.
   * Most pictures are reduced by less than a factor of two, and a loop without branches takes half the time.
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
    // Computed from the same origin each time, so that neighbours have exactly the same edge.
    const start = from + i * step;
    const end = i === size - 1 ? to : from + (i + 1) * step;
    const a = Math.min(Math.floor(start), limit - 1);
    // A target that ends at a pixel's edge does not cover the pixel that begins there.
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

/** The pictures of most data sets have one size, so the last coverage of each axis is cached. */
const kept: { rows?: Kept; columns?: Kept } = {};

/**
 * Computes which source pixels each of `size` target pixels covers, between two positions on one axis. Calls with
 * the same arguments return the same object.
 *
 * @param from - position where the first target pixel begins, in source pixels, possibly fractional
 * @param to - position where the last one ends
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
