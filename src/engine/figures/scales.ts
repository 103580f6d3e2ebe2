/** From numbers to places on an axis, with the numbers that are written beside it. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Where a value lies, from 0 at the axis's beginning to 1 at its end. */
  at(value: number): number;
}

/** The least of 1, 2, 2.5 and 5 times a power of ten that is no smaller. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * A scale with round ticks that holds all values. It begins at 0 where they are not far from it.
 *
 * @param most - so many ticks at most, about
 */
export function linearScale(values: readonly number[], most = 5): Scale {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (low >= 0 && low < high / 2) low = 0;
  if (high <= low) [low, high] = [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10];
  const step = roundStep((high - low) / (most - 1));
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  // Products of whole numbers, so that 3 · 0.1 is written as 0.3.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { ticks, at: (value) => (value / step - first) / (last - first) };
}

/** A scale for given values, all of which are ticks: of their logarithms where they are many times apart. */
export function valueScale(values: readonly number[]): Scale {
  const ticks = [...new Set(values)].sort((a, b) => a - b);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const isWide = low > 0 && high / low >= 8;
  const place = (value: number): number => (isWide ? Math.log(value) : value);
  const [from, to] = [place(low), place(high)];
  const margin = 0.06;
  return {
    ticks,
    at: (value) => (to > from ? margin + ((1 - 2 * margin) * (place(value) - from)) / (to - from) : 0.5),
  };
}
