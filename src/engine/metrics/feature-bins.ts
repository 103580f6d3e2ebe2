/** Maximum number of bins of a feature. With at most as many distinct values, each has its own bin. */
const MOST_BINS = 127;

/**
 * Features divided into bins, so that a tree finds the approximate position of a split by counting instead of
 * sorting. The exact position is then searched in the two adjacent bins.
 */
export interface FeatureBins {
  readonly features: number;
  /** `[rows, features]`, the features themselves. */
  readonly table: Float32Array;
  /** `[rows, features]`: the bin of every number, numbered over all features. */
  readonly places: Uint16Array;
  /** The number of each feature's first bin, `[features + 1]`. */
  readonly starts: Uint32Array;
  /** For each bin, 1 if it contains a single value, else 0. */
  readonly isSingle: Uint8Array;
}

/** The largest value of every bin except the last, and whether each bin contains a single value. */
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
 * Divides the features of a table into bins.
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
