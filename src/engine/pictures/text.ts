import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { blendPixel, type Colour, type Picture } from './picture.ts';
import { shownText } from '../../contract/shown-text.ts';

/** How a text is set. */
export interface TextStyle {
  readonly sizePx: number;
  readonly weight: 400 | 600;
}

/** The subsets of Inter that labels are made of: a σ or a name in Polish finds its letters too. */
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'];
const FAMILY = SUBSETS.map((subset) => `"Unravel Inter ${subset}"`).join(', ');
/** Left free around a text's box, because glyphs may reach over it. */
const MARGIN = 2;

let measuring: SKRSContext2D | undefined;

/** The context that texts are measured with. The bundled font is loaded on first use, from its bytes. */
function measuringContext(): SKRSContext2D {
  if (!measuring) {
    const { resolve } = createRequire(import.meta.url);
    for (const subset of SUBSETS) {
      // Read by Node and not by path, since in a packaged app the files lie inside an archive.
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
 * @param baselineY - the line that letters stand on
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
  // In its own colour, because glyphs' edges are corrected for the brightness of the text.
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

/** What stands between a label's name and what is said about it: `z3 · 1.24 nats`. */
const SEPARATOR = ' · ';

/** Cuts a label into its name and what follows the first separator. */
function labelParts(label: string): [name: string, note: string] {
  const at = label.indexOf(SEPARATOR);
  return at < 0 ? [label, ''] : [label.slice(0, at), label.slice(at + SEPARATOR.length)];
}

/** The gap between a label's name and its note. */
function labelGap(sizePx: number): number {
  return Math.round(sizePx * 0.6);
}

/** The width of a label as {@link drawLabel} sets it, in pixels. */
export function labelWidth(label: string, sizePx: number): number {
  const [name, note] = labelParts(label);
  const nameWidth = textWidth(name, { sizePx, weight: 600 });
  return note ? nameWidth + labelGap(sizePx) + textWidth(note, { sizePx, weight: 400 }) : nameWidth;
}

/**
 * Draws a label: its name strong, what follows ` · ` quieter, with a gap in place of the dot.
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

/** A latent value for people: a true minus, a plus, no more decimals than it needs. */
export function signed(value: number, decimals = 2): string {
  const magnitude = String(Number(Math.abs(value).toFixed(decimals)));
  if (magnitude === '0') return '0';
  return (value < 0 ? '−' : '+') + magnitude;
}
