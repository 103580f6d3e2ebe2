/** Width of the windows whose spectrum is measured, pixels. */
const WINDOW = 16;
/** Of all windows, the flattest part that counts: elsewhere edges hide a grid. */
const FLAT_PART = 0.25;
/** Periods of the grids that strides of 2 and 4 make, pixels. */
const PERIODS = [2, 4] as const;
const LUMA = [0.299, 0.587, 0.114] as const;

/** Windows of pictures, at which a grid is looked for: the picture, and the window's upper left corner. */
export interface FlatWindow {
  readonly picture: number;
  readonly x: number;
  readonly y: number;
}

/**
 * The flattest windows of pictures, by the variance of their grey values.
 *
 * @param pictures - `[count, size, size, channels]` in [0, 1]; those of the data, so that all models are measured at the
 * same places
 */
export function flatWindows(
  pictures: Float32Array,
  count: number,
  size: number,
  channels: 1 | 3,
): FlatWindow[] {
  const all: { window: FlatWindow; variance: number }[] = [];
  for (let picture = 0; picture < count; picture++) {
    for (let y = 0; y + WINDOW <= size; y += WINDOW / 2) {
      for (let x = 0; x + WINDOW <= size; x += WINDOW / 2) {
        const window = { picture, x, y };
        const grey = greyIn(pictures, window, size, channels);
        const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
        const variance = grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length;
        all.push({ window, variance });
      }
    }
  }
  all.sort((a, b) => a.variance - b.variance);
  return all.slice(0, Math.max(1, Math.round(FLAT_PART * all.length))).map(({ window }) => window);
}

/**
 * How much of a grid is in the flat regions of pictures: the spectral power at the frequencies of a grid of 2 and of 4
 * pixels (along each axis and along both), divided by that of the neighbouring frequencies; the largest of these
 * ratios. Without a grid it is near 1: the spectrum of pictures is smooth.
 *
 * @param pictures - `[count, size, size, channels]` in [0, 1]
 */
export function gridPower(
  pictures: Float32Array,
  windows: readonly FlatWindow[],
  size: number,
  channels: 1 | 3,
): number {
  const power = new Float64Array(WINDOW * WINDOW);
  for (const window of windows) addSpectrum(greyIn(pictures, window, size, channels), power);
  const at = (v: number, u: number): number =>
    power[((v + WINDOW) % WINDOW) * WINDOW + ((u + WINDOW) % WINDOW)]!;
  const ratios = PERIODS.flatMap((period) => {
    const k = WINDOW / period;
    return [
      [0, k],
      [k, 0],
      [k, k],
    ].map(([v, u]) => {
      // The taper of the windows spreads each frequency over its neighbours, so the second ones are compared.
      const around = [-2, 2].flatMap((step) => [at(v!, u! + (u ? step : 0)), at(v! + (v ? step : 0), u!)]);
      // Where the frequency is 0 along an axis, it is not left along it.
      const others = around.filter((value) => value !== at(v!, u!));
      const mean = Math.exp(others.reduce((sum, value) => sum + Math.log(value + 1e-12), 0) / others.length);
      return (at(v!, u!) + 1e-12) / mean;
    });
  });
  return Math.max(...ratios);
}

function greyIn(
  pictures: Float32Array,
  { picture, x, y }: FlatWindow,
  size: number,
  channels: 1 | 3,
): Float64Array {
  const grey = new Float64Array(WINDOW * WINDOW);
  for (let i = 0; i < grey.length; i++) {
    const [row, column] = [y + Math.floor(i / WINDOW), x + (i % WINDOW)];
    const at = ((picture * size + row) * size + column) * channels;
    grey[i] =
      255 *
      (channels === 1
        ? pictures[at]!
        : LUMA[0] * pictures[at]! + LUMA[1] * pictures[at + 1]! + LUMA[2] * pictures[at + 2]!);
  }
  return grey;
}

/** Adds the power of each frequency of a window, without its mean and tapered to its edges (Hann). */
function addSpectrum(grey: Float64Array, power: Float64Array): void {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const taper = Float64Array.from(
    { length: WINDOW },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / WINDOW),
  );
  const tapered = grey.map(
    (value, i) => (value - mean) * taper[Math.floor(i / WINDOW)]! * taper[i % WINDOW]!,
  );
  const { real, imaginary } = transform(tapered);
  for (let i = 0; i < power.length; i++) power[i]! += real[i]! ** 2 + imaginary[i]! ** 2;
}

const COSINES = Float64Array.from({ length: WINDOW }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW));
const SINES = Float64Array.from({ length: WINDOW }, (_, i) => Math.sin((2 * Math.PI * i) / WINDOW));

/** The discrete Fourier transform of a window, along rows and then columns. */
function transform(values: Float64Array): { real: Float64Array; imaginary: Float64Array } {
  const rows = { real: new Float64Array(values.length), imaginary: new Float64Array(values.length) };
  const result = { real: new Float64Array(values.length), imaginary: new Float64Array(values.length) };
  for (let y = 0; y < WINDOW; y++) {
    for (let u = 0; u < WINDOW; u++) {
      for (let x = 0; x < WINDOW; x++) {
        const value = values[y * WINDOW + x]!;
        rows.real[y * WINDOW + u]! += value * COSINES[(u * x) % WINDOW]!;
        rows.imaginary[y * WINDOW + u]! -= value * SINES[(u * x) % WINDOW]!;
      }
    }
  }
  for (let u = 0; u < WINDOW; u++) {
    for (let v = 0; v < WINDOW; v++) {
      for (let y = 0; y < WINDOW; y++) {
        const [c, s] = [COSINES[(v * y) % WINDOW]!, SINES[(v * y) % WINDOW]!];
        const [a, b] = [rows.real[y * WINDOW + u]!, rows.imaginary[y * WINDOW + u]!];
        result.real[v * WINDOW + u]! += a * c + b * s;
        result.imaginary[v * WINDOW + u]! += b * c - a * s;
      }
    }
  }
  return result;
}
