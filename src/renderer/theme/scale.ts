/** The colour between two neighbours of a scale. */
export function scaleColour(scale: readonly string[], part: number): [number, number, number] {
  const at = Math.min(1, Math.max(0, part)) * (scale.length - 1);
  const low = Math.floor(at);
  const from = channels(scale[low]!);
  const to = channels(scale[Math.min(low + 1, scale.length - 1)]!);
  return from.map((value, i) => Math.round(value + (to[i]! - value) * (at - low))) as [
    number,
    number,
    number,
  ];
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
