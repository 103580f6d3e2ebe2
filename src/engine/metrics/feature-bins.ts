/** A feature is cut into at most so many steps; with no more different values than that, each has its own. */
const MOST_BINS = 127;

/**
 * Features cut into steps, so that a tree finds about where to split by counting instead of sorting; the exact place
 * is then looked for inside the two steps beside it.
 */
export interface FeatureBins {
  readonly features: number;
  /** `[rows, features]`, the features themselves. */
  readonly table: Float32Array;
  /** `[rows, features]`: the bin of every number, counted through all features' bins. */
  readonly places: Uint16Array;
  /** Where each feature's bins begin, `[features + 1]`. */
  readonly starts: Uint32Array;
  /** By bin, whether it holds a single value, 1, or several, 0. */
  readonly isSingle: Uint8Array;
}

/** The largest value of every bin but the last, and whether each bin holds one value only. */
function cutFeature(sorted: Float32Array): { ends: number[]; isSingle: boolean[] } {
  let different = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different += 1;
  const perBin = different <= MOST_BINS ? 0 : sorted.length / MOST_BINS;
  const [ends, isSingle]: [number[], boolean[]] = [[], []];
  let first = sorted[0]!;
  for (let i = 1; i < sorted.length; i++) {
    const [before, value] = [sorted[i - 1]!, sorted[i]!];
    if (value === before || i < perBin * (ends.length + 1)) continue;
    ends.push(before);
    isSingle.push(first === before);
    first = value;
  }
  isSingle.push(first === sorted.at(-1));
  return { ends, isSingle };
}

/**
 * Cuts the features of a table.
 *
 * @param table - `[rows, features]`; kept, not copied
 */
export function binFeatures(table: Float32Array, features: number): FeatureBins {
  const rows = table.length / features;
  const cuts = Array.from({ length: features }, (_, f) =>
    cutFeature(Float32Array.from({ length: rows }, (__, row) => table[row * features + f]!).sort()),
  );
  const starts = new Uint32Array(features + 1);
  cuts.forEach(({ isSingle }, f) => (starts[f + 1] = starts[f]! + isSingle.length));
  const places = new Uint16Array(table.length);
  for (let at = 0; at < table.length; at++) {
    const { ends } = cuts[at % features]!;
    const value = table[at]!;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < value) low = middle + 1;
      else high = middle;
    }
    places[at] = starts[at % features]! + low;
  }
  const isSingle = Uint8Array.from(cuts.flatMap((cut) => cut.isSingle.map(Number)));
  return { features, table, places, starts, isSingle };
}
