import type { Picture } from './picture.ts';

/**
 * Enlarges by a whole factor without interpolation: every pixel becomes a square.
 *
 * @param factor - whole, at least 1
 */
export function enlarge(picture: Picture, factor: number): Picture {
  if (factor === 1) return picture;
  const { width, height, channels, data: from } = picture;
  const data = new Uint8Array(from.length * factor * factor);
  const row = width * factor * channels;
  for (let y = 0; y < height; y++) {
    const start = y * factor * row;
    for (let x = 0; x < width; x++) {
      const pixel = from.subarray((y * width + x) * channels, (y * width + x + 1) * channels);
      for (let i = 0; i < factor; i++) data.set(pixel, start + (x * factor + i) * channels);
    }
    for (let i = 1; i < factor; i++) data.copyWithin(start + i * row, start, start + row);
  }
  return { width: width * factor, height: height * factor, channels, data };
}

/** The kernel of cubic convolution with a = −½ (Keys 1981, eq. 4), the Catmull–Rom spline. */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/**
 * For each target position, the first source position in the kernel and the weights from there on, which sum to 1.
 */
function filterWeights(from: number, to: number): { first: number; weights: number[] }[] {
  const step = from / to;
  // When the image is reduced, the kernel is widened with the step, so that every source pixel contributes.
  const stretch = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(centre - 2 * stretch));
    const last = Math.min(from - 1, Math.floor(centre + 2 * stretch));
    const raw = Array.from({ length: last - first + 1 }, (_, k) => cubic((first + k - centre) / stretch));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/**
 * Resizes by cubic convolution, for sizes that are not a multiple.
 *
 * @returns an image of exactly `width` × `height`
 */
export function resizeSmooth(picture: Picture, width: number, height: number): Picture {
  const { channels } = picture;
  const columns = filterWeights(picture.width, width);
  const lines = filterWeights(picture.height, height);
  const wide = new Float32Array(picture.height * width * channels);
  for (let y = 0; y < picture.height; y++) {
    columns.forEach(({ first, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += weights[k]! * picture.data[(y * picture.width + first + k) * channels + c]!;
        }
        wide[(y * width + x) * channels + c] = sum;
      }
    });
  }
  const row = width * channels;
  const data = new Uint8Array(height * row);
  lines.forEach(({ first, weights }, y) => {
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * wide[(first + k) * row + i]!;
      data[y * row + i] = Math.min(255, Math.max(0, Math.floor(sum + 0.5)));
    }
  });
  return { width, height, channels, data };
}

/**
 * Resizes an image to a tile: by a whole factor without interpolation if possible, else by cubic convolution.
 *
 * @param sizePx - the tile's width; the height keeps the ratio
 */
export function tileOfSize(picture: Picture, sizePx: number): Picture {
  if (sizePx % picture.width === 0) return enlarge(picture, sizePx / picture.width);
  const height = Math.max(1, Math.round((picture.height * sizePx) / picture.width));
  return resizeSmooth(picture, sizePx, height);
}
