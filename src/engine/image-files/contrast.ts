import { MOST_INTENSITY, type Bounds, type Percentiles } from '../../contract/contrast.ts';

/** Number of intensities that are told apart: 16 bits. */
export const INTENSITIES = MOST_INTENSITY + 1;
/** An eight-bit intensity times this is the same part of the range of 16 bits. */
const BYTE_SCALE = 257;
/** Number of pixels of a picture that are counted at most, so that large pictures do not outweigh small ones. */
const MOST_COUNTED = 65_536;

/** Pixels of 8 or 16 bits, channels interleaved. */
export interface Intensities {
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** Values per pixel in `data`. */
  readonly stride: number;
  /** The first of them, which are counted. */
  readonly channels: number;
}

/**
 * Counts a picture's intensities, evenly chosen pixels of a large one.
 *
 * @param histogram - `[INTENSITIES]`, to which they are added; may be shared between threads
 */
export function countIntensities({ data, stride, channels }: Intensities, histogram: Int32Array): void {
  const scale = data instanceof Uint16Array ? 1 : BYTE_SCALE;
  const pixels = data.length / stride;
  const step = Math.max(1, Math.ceil(pixels / MOST_COUNTED));
  for (let pixel = 0; pixel < pixels; pixel += step) {
    for (let channel = 0; channel < channels; channel++) {
      Atomics.add(histogram, data[pixel * stride + channel]! * scale, 1);
    }
  }
}

/** True if some counted intensity needs more than eight bits. */
export function isDeep(histogram: Int32Array): boolean {
  return histogram.some((count, intensity) => count > 0 && intensity % BYTE_SCALE !== 0);
}

/**
 * The intensities at two percentiles: the least that at least that part of the counted pixels do not exceed.
 *
 * @returns undefined if they are the same, or nothing was counted
 */
export function boundsOf(histogram: Int32Array, [lower, upper]: Percentiles): Bounds | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const at = (percentile: number): number => {
    // A whole number of pixels is reached whatever the rounding errors of the percentile.
    const wanted = Math.max(1, (percentile / 100) * total - 1e-6);
    let sum = 0;
    return histogram.findIndex((count) => (sum += count) >= wanted);
  };
  if (total === 0) return undefined;
  const [black, white] = [at(lower), at(upper)];
  return black < white ? [black, white] : undefined;
}

let table = { key: '', bytes: new Uint8Array(0) };

/** The byte of every intensity: 0 up to the lower bound, 255 from the upper one on, and linear between. */
function tableOf([black, white]: Bounds): Uint8Array {
  const key = `${black} ${white}`;
  if (table.key !== key) {
    const bytes = Uint8Array.from({ length: INTENSITIES }, (_, intensity) =>
      Math.round((255 * Math.min(white - black, Math.max(0, intensity - black))) / (white - black)),
    );
    table = { key, bytes };
  }
  return table.bytes;
}

/**
 * Stretches intensities to bytes.
 *
 * @returns as long as `data`
 */
export function stretch(data: Intensities['data'], bounds: Bounds): Uint8Array {
  const bytes = tableOf(bounds);
  const scale = data instanceof Uint16Array ? 1 : BYTE_SCALE;
  const stretched = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) stretched[i] = bytes[data[i]! * scale]!;
  return stretched;
}
