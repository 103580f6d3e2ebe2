/** Moves labels apart that would overlap, as little as needed, keeping their order and staying inside. */
export function spreadLabels(tops: readonly number[], apart: number, low: number, high: number): number[] {
  const order = tops.map((_, i) => i).sort((a, b) => tops[a]! - tops[b]!);
  const placed = [...tops];
  let least = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i]!, least);
    least = placed[i] + apart;
  }
  let most = high;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i]!, most);
    most = placed[i] - apart;
  }
  return placed;
}
