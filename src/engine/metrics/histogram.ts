/** Number of bins per dimension in disentanglement_lib, and in published scores. */
export const HISTOGRAM_BINS = 20;

/**
 * Edges of bins of equal width from the smallest to the largest value, as in NumPy's histogram of float32.
 *
 * @returns `[bins + 1]`, rounded to float32 like the values; for a constant, a range of width one around it
 */
export function histogramEdges(smallest: number, largest: number, bins: number): Float32Array {
  const [low, high] = smallest === largest ? [smallest - 0.5, largest + 0.5] : [smallest, largest];
  const edges = Float32Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins);
  edges[bins] = high;
  return edges;
}

/**
 * Discretises one column of a table into bins of equal width. Each bin includes its lower edge, and the last one
 * both edges.
 *
 * @param table - `[rows, width]`
 * @param column - index of the column
 * @param bins - at most 255
 * @returns `[rows]`, each below `bins`; 255 for NaN
 */
export function cutColumn(
  table: Float32Array,
  width: number,
  column: number,
  bins: number = HISTOGRAM_BINS,
): Uint8Array {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = column; at < table.length; at += width) {
    const value = table[at]!;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  const edges = histogramEdges(smallest, largest, bins);
  const scale = bins / (edges[bins]! - edges[0]!);
  const cut = new Uint8Array(table.length / width);
  for (let row = 0, at = column; row < cut.length; row++, at += width) {
    const value = table[at]!;
    if (Number.isNaN(value)) {
      cut[row] = 255;
      continue;
    }
    let bin = Math.min(bins - 1, Math.floor((value - smallest) * scale));
    // The division may give a neighbouring bin close to an edge, so the edges are compared.
    while (bin > 0 && value < edges[bin]!) bin -= 1;
    while (bin < bins - 1 && value >= edges[bin + 1]!) bin += 1;
    cut[row] = bin;
  }
  return cut;
}
