import { createCanvas, type Canvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Picture } from '../pictures/picture.ts';
import { cssColour, PAPER } from './colours.ts';
import {
  shownDrawing,
  type DiscMark,
  type Drawing,
  type ImageMark,
  type Mark,
  type PathMark,
  type TextMark,
} from './drawing.ts';
import { setTextStyle } from './fonts.ts';

function canvasOf({ width, height, channels, data }: Picture): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = data[channels * i + (channels === 3 ? c : 0)]!;
    pixels.data[4 * i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function paintImage(
  context: SKRSContext2D,
  { picture, x, y, width, height }: ImageMark,
  scale: number,
): void {
  // On whole pixels of the paper, so that all of a picture's own are of one size.
  const snap = (value: number): number => Math.round(value * scale) / scale;
  context.imageSmoothingEnabled = false;
  context.drawImage(canvasOf(picture), snap(x), snap(y), snap(width), snap(height));
}

function paintText(context: SKRSContext2D, mark: TextMark): void {
  const { text, x, baseline, style, align = 'left', isTurned = false } = mark;
  context.save();
  context.translate(x, baseline);
  if (isTurned) context.rotate(-Math.PI / 2);
  setTextStyle(context, style);
  context.textAlign = align === 'middle' ? 'center' : align;
  context.fillStyle = cssColour(style.colour);
  context.fillText(text, 0, 0);
  context.restore();
}

function paintPath(context: SKRSContext2D, { points, stroke, fill }: PathMark): void {
  context.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  if (fill) {
    context.globalAlpha = fill.opacity;
    context.fillStyle = cssColour(fill.colour);
    context.fill();
    context.globalAlpha = 1;
  }
  if (stroke) {
    context.strokeStyle = cssColour(stroke.colour);
    context.lineWidth = stroke.width;
    context.lineJoin = 'round';
    context.setLineDash([...(stroke.dash ?? [])]);
    context.stroke();
  }
}

function paintDisc(context: SKRSContext2D, { x, y, radius, colour }: DiscMark): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = cssColour(colour);
  context.fill();
}

function paintMark(context: SKRSContext2D, mark: Mark, scale: number): void {
  switch (mark.kind) {
    case 'image':
      paintImage(context, mark, scale);
      break;
    case 'text':
      paintText(context, mark);
      break;
    case 'path':
      paintPath(context, mark);
      break;
    case 'disc':
      paintDisc(context, mark);
      break;
  }
}

/**
 * Paints a drawing on a canvas or a page whose unit is the point.
 *
 * @param scale - pixels a point, to which pictures are aligned; a page without pixels takes any
 */
export function paint(context: SKRSContext2D, drawing: Drawing, scale: number): void {
  const { width, height, marks } = shownDrawing(drawing);
  context.fillStyle = cssColour(PAPER.paper);
  context.fillRect(0, 0, width, height);
  for (const mark of marks) paintMark(context, mark, scale);
}
