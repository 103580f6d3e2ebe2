import { createCanvas } from '@napi-rs/canvas';
import type { Picture } from '../pictures/picture.ts';
import { encodePng } from '../pictures/png.ts';
import type { Drawing } from './drawing.ts';
import { paint } from './paint.ts';

/** A face's 64 pixels are 12 points at 384 dots an inch: a tile of 24, 36 or 48 points shows each as a whole square. */
const FINE = 64 / 12;
const COARSE = FINE / 2;
/** A sheet of 512 dimensions would take half a gigabyte finely. */
const MOST_PIXELS = 48e6;

/** Pixels a point. */
function scaleOf({ width, height }: Drawing): number {
  return width * height * FINE * FINE > MOST_PIXELS ? COARSE : FINE;
}

/** A drawing in pixels, 384 dots an inch. */
export function rasterise(drawing: Drawing): Picture {
  const scale = scaleOf(drawing);
  const [width, height] = [Math.round(drawing.width * scale), Math.round(drawing.height * scale)];
  const context = createCanvas(width, height).getContext('2d');
  context.scale(scale, scale);
  paint(context, drawing, scale);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width, height, channels: 3, data };
}

/** A drawing as PNG. */
export function renderPng(drawing: Drawing): Promise<Uint8Array> {
  return encodePng(rasterise(drawing));
}
