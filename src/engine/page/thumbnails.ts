import { createCanvas } from '@napi-rs/canvas';
import type { ImageShape } from '../../contract/image-size.ts';

/** Thumbnails in one WebP picture, a row of tiles after the other. */
export interface Thumbnails {
  readonly webp: Uint8Array;
  readonly sizePx: number;
  readonly perRow: number;
}

/** Sizes of tiles and qualities of WebP, from the best looking to the smallest. */
const STEPS: readonly { readonly sizePx: number; readonly quality: number }[] = [
  { sizePx: 64, quality: 85 },
  { sizePx: 64, quality: 70 },
  { sizePx: 64, quality: 50 },
  { sizePx: 32, quality: 85 },
  { sizePx: 32, quality: 70 },
  { sizePx: 32, quality: 50 },
];
/** So many tiles are encoded to estimate the size of all. */
const SAMPLE = 256;
/** An estimate may be this much too small. */
const MARGIN = 1.05;

/** Draws the tiles at `indices` as one picture, each pixel the mean of those that it covers. */
function drawTiles(
  images: Uint8Array,
  { imageSize, channels }: ImageShape,
  indices: Uint32Array,
  sizePx: number,
): { rgba: Uint8ClampedArray<ArrayBuffer>; perRow: number; rows: number } {
  const perRow = Math.ceil(Math.sqrt(indices.length));
  const rows = Math.ceil(indices.length / perRow);
  const width = perRow * sizePx;
  const rgba = new Uint8ClampedArray(width * rows * sizePx * 4);
  const covered = imageSize / sizePx;
  indices.forEach((image, tile) => {
    const from = image * imageSize * imageSize * channels;
    const [left, top] = [(tile % perRow) * sizePx, Math.floor(tile / perRow) * sizePx];
    for (let y = 0; y < sizePx; y++) {
      for (let x = 0; x < sizePx; x++) {
        const to = ((top + y) * width + left + x) * 4;
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let i = 0; i < covered; i++) {
            const row =
              from + ((y * covered + i) * imageSize + x * covered) * channels + (channels === 3 ? c : 0);
            for (let j = 0; j < covered; j++) sum += images[row + j * channels]!;
          }
          rgba[to + c] = sum / (covered * covered);
        }
        rgba[to + 3] = 255;
      }
    }
  });
  return { rgba, perRow, rows };
}

async function encodeTiles(
  images: Uint8Array,
  shape: ImageShape,
  indices: Uint32Array,
  { sizePx, quality }: (typeof STEPS)[number],
): Promise<Thumbnails> {
  const { rgba, perRow, rows } = drawTiles(images, shape, indices, sizePx);
  const canvas = createCanvas(perRow * sizePx, rows * sizePx);
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(canvas.width, canvas.height);
  pixels.data.set(rgba);
  context.putImageData(pixels, 0, 0);
  return { webp: await canvas.encode('webp', quality), sizePx, perRow };
}

/**
 * Puts thumbnails of images into one picture that is as good as fits into a number of bytes.
 *
 * @param images - `[count, imageSize, imageSize, channels]`
 * @returns undefined if they do not fit at all
 */
export async function packThumbnails(
  images: Uint8Array,
  count: number,
  shape: ImageShape,
  mostBytes: number,
): Promise<Thumbnails | undefined> {
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  const sample = all.filter((i) => i % Math.max(1, Math.floor(count / SAMPLE)) === 0);
  const smallest = Math.min(...STEPS.map(({ sizePx }) => sizePx));
  const steps = STEPS.filter(({ sizePx }) => sizePx <= Math.max(shape.imageSize, smallest));
  for (const step of steps) {
    const trial = await encodeTiles(images, shape, sample, step);
    if ((trial.webp.length * count * MARGIN) / sample.length > mostBytes) continue;
    const packed = sample.length === count ? trial : await encodeTiles(images, shape, all, step);
    if (packed.webp.length <= mostBytes) return packed;
  }
  return undefined;
}
