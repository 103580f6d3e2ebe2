/** A Gaussian is neglected beyond this many standard deviations, where it is below e^−40 of its height. */
const REACH = 9;
/** Number of grid steps per standard deviation of the narrowest Gaussian of a grid. */
const STEPS = 20;
/** Number of grid values for the interpolation. With 20 steps its error is about 10^−11 of a Gaussian's height. */
const POINTS = 8;
/** Number of grid steps that take as long as one Gaussian at one code with its exponential. */
const STEPS_PER_EXPONENTIAL = 8;
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/**
 * Computes an aggregate posterior's marginal at many codes, log (1/N) Σₙ N(z; μₙ, Σₙ) in one dimension.
 *
 * Computing N Gaussians at N codes takes N² exponentials. Instead, Gaussians of similar width are summed on a grid
 * with a step of a twentieth of that width, where each further point takes two multiplications, and the values at
 * the codes are interpolated from eight points. Narrow Gaussians, which are near few codes, are computed directly.
 * The error is below 10^−10 of the densities.
 *
 * @param mu - `[components]`
 * @param logVar - `[components]`
 * @param codes - `[count]`
 * @returns `[count]`, nats
 */
export function logMarginal(mu: Float64Array, logVar: Float64Array, codes: Float64Array): Float64Array {
  const order = Uint32Array.from(codes.keys()).sort((a, b) => codes[a]! - codes[b]!);
  const sorted = Float64Array.from(order, (at) => codes[at]!);
  const density = new Float64Array(codes.length);
  for (const members of byWidth(logVar)) addOctave(members, mu, logVar, sorted, density);
  const result = new Float64Array(codes.length);
  for (let i = 0; i < order.length; i++) result[order[i]!] = Math.log(density[i]! / mu.length);
  return result;
}

/** Groups components whose standard deviations differ by less than a factor of two. */
function byWidth(logVar: Float64Array): Uint32Array[] {
  const octaves = new Map<number, number[]>();
  for (let n = 0; n < logVar.length; n++) {
    const octave = Math.floor(logVar[n]! / (2 * Math.LN2));
    const members = octaves.get(octave);
    if (members) members.push(n);
    else octaves.set(octave, [n]);
  }
  return [...octaves.values()].map((members) => Uint32Array.from(members));
}

function addOctave(
  members: Uint32Array,
  mu: Float64Array,
  logVar: Float64Array,
  sorted: Float64Array,
  density: Float64Array,
): void {
  let [narrowest, widest] = [Number.POSITIVE_INFINITY, 0];
  for (const n of members) {
    const sigma = Math.exp(0.5 * logVar[n]!);
    narrowest = Math.min(narrowest, sigma);
    widest = Math.max(widest, sigma);
  }
  const range = sorted.at(-1)! - sorted[0]!;
  const step = narrowest / STEPS;
  const reached = range === 0 ? 1 : Math.min(1, (2 * REACH * widest) / range);
  const direct = members.length * sorted.length * reached * STEPS_PER_EXPONENTIAL;
  const nodes = range / step + 2 * POINTS;
  const onGrid =
    members.length * Math.min(nodes, (2 * REACH * widest) / step) + nodes + sorted.length * 4 * POINTS;
  if (direct <= onGrid) addDirectly(members, mu, logVar, sorted, density);
  else addByGrid(members, mu, logVar, sorted, density, step);
}

/** The index of the first sorted number that is not below a value. */
function placeOf(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addDirectly(
  members: Uint32Array,
  mu: Float64Array,
  logVar: Float64Array,
  sorted: Float64Array,
  density: Float64Array,
): void {
  for (const n of members) {
    const mean = mu[n]!;
    const sigma = Math.exp(0.5 * logVar[n]!);
    const height = 1 / (sigma * SQRT_TWO_PI);
    const scale = -0.5 / (sigma * sigma);
    const last = mean + REACH * sigma;
    for (let i = placeOf(sorted, mean - REACH * sigma); i < sorted.length && sorted[i]! <= last; i++) {
      const distance = sorted[i]! - mean;
      density[i]! += height * Math.exp(scale * distance * distance);
    }
  }
}

function addByGrid(
  members: Uint32Array,
  mu: Float64Array,
  logVar: Float64Array,
  sorted: Float64Array,
  density: Float64Array,
  step: number,
): void {
  const before = POINTS / 2 - 1;
  const origin = sorted[0]! - before * step;
  const grid = new Float64Array(Math.ceil((sorted.at(-1)! - sorted[0]!) / step) + POINTS + 1);
  for (const n of members) {
    const mean = mu[n]!;
    const precision = Math.exp(-logVar[n]!);
    const reach = REACH / Math.sqrt(precision);
    const first = Math.max(0, Math.ceil((mean - reach - origin) / step));
    const last = Math.min(grid.length - 1, Math.floor((mean + reach - origin) / step));
    const distance = origin + first * step - mean;
    // f(z + h) = f(z)·r(z) and r(z + h) = r(z)·q, with q = exp(−h²/Σ).
    let value = (Math.sqrt(precision) / SQRT_TWO_PI) * Math.exp(-0.5 * precision * distance * distance);
    let ratio = Math.exp(-precision * step * (distance + 0.5 * step));
    const change = Math.exp(-precision * step * step);
    for (let node = first; node <= last; node++) {
      grid[node]! += value;
      value *= ratio;
      ratio *= change;
    }
  }
  for (let i = 0; i < sorted.length; i++) {
    const place = (sorted[i]! - origin) / step;
    // Because of rounding, the first code may be slightly before its grid point.
    const left = Math.max(before, Math.floor(place));
    density[i]! += Math.max(0, interpolate(grid, left - before, place - left + before));
  }
}

/** 1 / Π_{k ≠ j} (j − k) for j, k below 8: the normalisation of Lagrange's polynomials. */
const LAGRANGE = Float64Array.from({ length: POINTS }, (_, j) => {
  let product = 1;
  for (let k = 0; k < POINTS; k++) if (k !== j) product *= j - k;
  return 1 / product;
});
const fromRight = new Float64Array(POINTS + 1);

/** The polynomial through eight neighbouring grid values, at `t` steps from the first of them. */
function interpolate(grid: Float64Array, first: number, t: number): number {
  fromRight[POINTS] = 1;
  for (let j = POINTS - 1; j > 0; j--) fromRight[j] = fromRight[j + 1]! * (t - j);
  let [fromLeft, sum] = [1, 0];
  for (let j = 0; j < POINTS; j++) {
    sum += grid[first + j]! * LAGRANGE[j]! * fromLeft * fromRight[j + 1]!;
    fromLeft *= t - j;
  }
  return sum;
}
