import type * as CanvasPackage from '@napi-rs/canvas';
import { createRequire } from 'node:module';
import type { Pixels } from './pixels.ts';
import type { PictureHeader } from './picture-header.ts';
import { UnreadableImage } from './unreadable.ts';

/** A canvas of at most this size is kept for the next picture, which often has the same size. */
const KEPT_PIXELS = 1 << 22;

/** Loaded when the first picture needs it, because most data sets contain JPEGs only. */
let loaded: typeof CanvasPackage | undefined;
let kept: CanvasPackage.Canvas | undefined;

function canvasPackage(): typeof CanvasPackage {
  loaded ??= createRequire(import.meta.url)('@napi-rs/canvas') as typeof CanvasPackage;
  return loaded;
}

function canvasOf(width: number, height: number): CanvasPackage.Canvas {
  if (kept?.width === width && kept.height === height) return kept;
  const canvas = canvasPackage().createCanvas(width, height);
  kept = width * height <= KEPT_PIXELS ? canvas : undefined;
  return canvas;
}

/** What the canvas decodes. Transparency is looked for where the header does not exclude it. */
type Canvased = Pick<PictureHeader, 'decodable' | 'width' | 'height'> &
  Partial<Pick<PictureHeader, 'hasAlpha'>>;

/**
 * Transparent pixels are looked for in pictures of at most this many, because drawing twice takes memory. Larger ones with
 * a channel of transparency count as transparent.
 */
const MOST_LOOKED_AT = 16_000_000;
/** Number of bytes of a canvas that are looked at together. */
const STRIP_BYTES = 1 << 22;

/** True if a pixel of a canvas is not opaque. */
function hasClearPixel(context: CanvasPackage.SKRSContext2D, width: number, height: number): boolean {
  const rows = Math.max(1, Math.floor(STRIP_BYTES / (4 * width)));
  for (let top = 0; top < height; top += rows) {
    const { data } = context.getImageData(0, top, width, Math.min(rows, height - top));
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return true;
  }
  return false;
}

/**
 * Decodes a PNG, WebP, AVIF or GIF of any depth to eight bits per channel. Transparent pixels are drawn over white.
 *
 * @param format - its name in messages
 * @param picture - its bytes and the size in its header, which must match the decoder's
 */
export function decodeWithCanvas(
  format: string,
  { decodable, width, height, hasAlpha = true }: Canvased,
): Pixels & { readonly isTransparent: boolean } {
  const { Image } = canvasPackage();
  const image = new Image();
  try {
    image.src = decodable;
  } catch (cause) {
    throw new UnreadableImage(`the ${format} is damaged`, { cause });
  }
  // Pixels are decoded only when they are drawn, so no memory for them has been allocated yet.
  if (!image.complete || image.width !== width || image.height !== height) {
    throw new UnreadableImage(`the ${format} is damaged`);
  }
  const context = canvasOf(width, height).getContext('2d');
  const isLookedAt = hasAlpha && width * height <= MOST_LOOKED_AT;
  let isTransparent = hasAlpha;
  if (isLookedAt) {
    context.clearRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    isTransparent = hasClearPixel(context, width, height);
  }
  if (!isLookedAt || isTransparent) {
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
  }
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, pixelBytes: 4, channels: 3, data, isTransparent };
}
