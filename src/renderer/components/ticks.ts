/** The next round number at or above: 1, 2 or 5 times a power of ten. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((each) => value <= each * power * (1 + 1e-9)) ?? 10) * power;
}

/**
 * Round numbers around a span, evenly spaced; the first is at or below its start, the last at or above its end.
 *
 * @param most - so many at most, three at least
 */
export function ticksAround(from: number, to: number, most: number): number[] {
  // One value stands in the middle, nothing at the start.
  if (!(to > from)) return from === 0 ? ticksAround(0, 1, most) : ticksAround(from * 0.75, from * 1.25, most);
  for (let step = roundStep((to - from) / (most - 1)); ; step = roundStep(step * 1.5)) {
    const first = Math.floor(from / step + 1e-9);
    const last = Math.max(first + 1, Math.ceil(to / step - 1e-9));
    if (last - first + 1 > most) continue;
    const digits = Math.max(0, -Math.floor(Math.log10(step)));
    return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  }
}

/** The round numbers 1, 2 and 5 times powers of ten around a span above nothing, for a logarithmic axis. */
export function roundAround(from: number, to: number): number[] {
  const first = 10 ** Math.floor(Math.log10(from));
  const all: number[] = [];
  for (let power = first; power < to * 10; power *= 10) all.push(power, 2 * power, 5 * power);
  const low = all.findLastIndex((tick) => tick <= from * (1 + 1e-9));
  const high = all.findIndex((tick) => tick >= to * (1 - 1e-9));
  return all.slice(Math.max(0, low), high + 1).map((tick) => Number(tick.toPrecision(3)));
}

const tick = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

/** What stands beside a tick: `10,000`, `0.0001`. */
export function tickText(value: number): string {
  return tick.format(value);
}

/** About the width of the longest of some ticks' texts in the axes' font, pixels. */
export function ticksWidth(texts: readonly string[]): number {
  return TICK_CHARACTER_PX * Math.max(0, ...texts.map(({ length }) => length));
}

const TICK_CHARACTER_PX = 7;

/** From a value to its place between two ends. */
export function placeBetween(value: number, from: number, to: number, start: number, end: number): number {
  return start + ((value - from) / (to - from)) * (end - start);
}

/** Epochs that are named on an axis: the first, and every few after it. */
export function epochTicks(epochs: number, most = 5): number[] {
  const step = [1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 5000, 25_000].find(
    (each) => epochs / each <= most,
  );
  const every = step ?? epochs;
  return Array.from({ length: Math.ceil(epochs / every) }, (_, i) => 1 + i * every);
}
