import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { blendPixel, type Colour, type Picture } from './picture.ts';
import { shownText } from '../../contract/shown-text.ts';

/** Size and weight of a text. */
export interface TextStyle {
  readonly sizePx: number;
  readonly weight: 400 | 600;
}

/** The subsets of Inter for labels, which include Greek letters and those of other European languages. */
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];
const FAMILY = SUBSETS.map((subset) => `"Unravel Inter ${subset}"`).join(', ');
/** Free space around a text's box, because glyphs may extend beyond it. */
const MARGIN = 2;

let measuring: SKRSContext2D | undefined;

/** The context for measuring texts. The bundled font is loaded on first use. */
function measuringContext(): SKRSContext2D {
  if (!measuring) {
    const { resolve } = createRequire(import.meta.url);
    for (const subset of SUBSETS) {
      // Read by Node, because in a packaged app the files are in an archive, which the canvas cannot open by path.
      const file = resolve(`@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`);
      GlobalFonts.register(readFileSync(file), `Unravel Inter ${subset}`);
    }
    measuring = createCanvas(1, 1).getContext('2d');
  }
  return measuring;
}

function setStyle(context: SKRSContext2D, { sizePx, weight }: TextStyle): void {
  context.font = `${weight} ${sizePx}px ${FAMILY}`;
  context.fontVariantNumeric = 'tabular-nums';
}

/** The width of a text in pixels, a whole number. */
export function textWidth(text: string, style: TextStyle): number {
  const context = measuringContext();
  setStyle(context, style);
  return Math.ceil(context.measureText(shownText(text)).width);
}

/**
 * Draws one line of text in the bundled Inter.
 *
 * @param x - its left edge, or its middle or right edge with `align`; whole pixels
 * @param baselineY - the baseline of the text
 */
export function drawText(
  onto: Picture,
  text: string,
  x: number,
  baselineY: number,
  { colour, align = 'left', ...style }: TextStyle & { colour: Colour; align?: 'left' | 'middle' | 'right' },
): void {
  if (!text) return;
  const width = textWidth(text, style) + 2 * MARGIN;
  const ascent = Math.ceil(style.sizePx * 1.1) + MARGIN;
  const height = Math.ceil(style.sizePx * 1.5) + 2 * MARGIN;
  const context = createCanvas(width, height).getContext('2d');
  setStyle(context, style);
  // Drawn in the final colour, because the anti-aliasing of glyphs depends on the brightness of the text.
  context.fillStyle = `rgb(${colour.join(' ')})`;
  context.fillText(shownText(text), MARGIN, ascent);
  const { data } = context.getImageData(0, 0, width, height);
  const shift = { left: 0, middle: Math.round((width - 2 * MARGIN) / 2), right: width - 2 * MARGIN }[align];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const coverage = data[4 * (row * width + column) + 3]! / 255;
      blendPixel(onto, x - shift - MARGIN + column, baselineY - ascent + row, colour, coverage);
    }
  }
}

/** The separator between a label's name and its note: `z3 · 1.24 nats`. */
const SEPARATOR = ' · ';

/** Splits a label at the first separator into its name and its note. */
function labelParts(label: string): [name: string, note: string] {
  const at = label.indexOf(SEPARATOR);
  return at < 0 ? [label, ''] : [label.slice(0, at), label.slice(at + SEPARATOR.length)];
}

/** The gap between a label's name and its note. */
function labelGap(sizePx: number): number {
  return Math.round(sizePx * 0.6);
}

/** The width of a label drawn by {@link drawLabel}, in pixels. */
export function labelWidth(label: string, sizePx: number): number {
  const [name, note] = labelParts(label);
  const nameWidth = textWidth(name, { sizePx, weight: 600 });
  return note ? nameWidth + labelGap(sizePx) + textWidth(note, { sizePx, weight: 400 }) : nameWidth;
}

/**
 * Draws a label: its name semibold, then a gap and its note in regular weight.
 *
 * @param x - left edge
 */
export function drawLabel(
  onto: Picture,
  label: string,
  x: number,
  baselineY: number,
  { sizePx, name: nameColour, note: noteColour }: { sizePx: number; name: Colour; note: Colour },
): void {
  const [name, note] = labelParts(label);
  drawText(onto, name, x, baselineY, { sizePx, weight: 600, colour: nameColour });
  if (!note) return;
  const after = x + textWidth(name, { sizePx, weight: 600 }) + labelGap(sizePx);
  drawText(onto, note, after, baselineY, { sizePx, weight: 400, colour: noteColour });
}

/** A number with its sign, a typographic minus or a plus, and as few decimals as needed. */
export function signed(value: number, decimals = 2): string {
  const magnitude = String(Number(Math.abs(value).toFixed(decimals)));
  if (magnitude === '0') return '0';
  return (value < 0 ? '−' : '+') + magnitude;
}
