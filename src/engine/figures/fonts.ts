import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import * as v from 'valibot';
import type { TextStyle } from './drawing.ts';

type Family = TextStyle['family'];
type Face = readonly [weight: 400 | 600, style: 'normal' | 'italic'];

/**
 * The bundled fonts. Each weight is a file of its own, because a PDF can only hold the outlines of a variable font as
 * drawings (Type 3), which many publishers refuse.
 */
const FAMILIES: Readonly<
  Record<Family, { folder: string; stem: string; name: string; generic: string; faces: readonly Face[] }>
> = {
  sans: {
    folder: '@fontsource/inter',
    stem: 'inter',
    name: 'Inter',
    generic: 'sans-serif',
    faces: [
      [400, 'normal'],
      [600, 'normal'],
    ],
  },
  serif: {
    folder: '@fontsource/stix-two-text',
    stem: 'stix-two-text',
    name: 'STIX Two Text',
    generic: 'serif',
    faces: [
      [400, 'normal'],
      [400, 'italic'],
      [600, 'normal'],
    ],
  },
};
/** The parts that the fonts come in: a name in Polish finds its letters too. */
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'vietnamese'] as const;
type Subset = (typeof SUBSETS)[number];

const { resolve } = createRequire(import.meta.url);

/** Read by Node and not by path, since in a packaged app the files lie inside an archive. */
function readFace(family: Family, subset: Subset, [weight, style]: Face): Buffer {
  const { folder, stem } = FAMILIES[family];
  return readFileSync(resolve(`${folder}/files/${stem}-${subset}-${weight}-${style}.woff2`));
}

function aliasOf(family: Family, subset: Subset): string {
  return `Figure ${FAMILIES[family].name} ${subset}`;
}

let measuring: SKRSContext2D | undefined;

/** Registers the bundled fonts with the canvas on first use. */
function loadFonts(): SKRSContext2D {
  if (measuring) return measuring;
  for (const family of ['sans', 'serif'] as const) {
    for (const subset of SUBSETS) {
      for (const face of FAMILIES[family].faces) {
        GlobalFonts.register(readFace(family, subset, face), aliasOf(family, subset));
      }
    }
  }
  measuring = createCanvas(1, 1).getContext('2d');
  return measuring;
}

/** Sets a canvas up to write in a style, the same on every machine. */
export function setTextStyle(
  context: SKRSContext2D,
  { family, sizePt, weight = 400, italic = false }: TextStyle,
): void {
  loadFonts();
  const families = SUBSETS.map((subset) => `"${aliasOf(family, subset)}"`);
  const { generic } = FAMILIES[family];
  context.font = `${italic ? 'italic ' : ''}${weight} ${sizePt}px ${families.join(', ')}, ${generic}`;
  context.lang = 'en';
  // With ligatures, a search for their letters in the PDF would fail.
  context.fontVariantLigatures = 'none';
}

/** The width of a text, in points. */
export function textWidth(text: string, style: TextStyle): number {
  const context = loadFonts();
  setTextStyle(context, style);
  return context.measureText(text).width;
}

/** The attributes of SVG that set a text in a style. */
export function svgTextStyle({ family, sizePt, weight = 400, italic = false }: TextStyle): string {
  const { name, generic } = FAMILIES[family];
  return (
    `font-family="'${name}', ${generic}" font-size="${sizePt}"` +
    (weight === 400 ? '' : ` font-weight="${weight}"`) +
    (italic ? ' font-style="italic"' : '')
  );
}

/** The code points that a subset is for, as the fonts' own package says: `U+0000-00FF,U+0131,…`. */
function unicodeRanges(family: Family): Record<string, string> {
  const text = readFileSync(resolve(`${FAMILIES[family].folder}/unicode.json`), 'utf8');
  return v.parse(v.record(v.string(), v.string()), JSON.parse(text));
}

function holds(ranges: string, codePoint: number): boolean {
  return ranges.split(',').some((range) => {
    const [first = '', last = first] = range.replace('U+', '').split('-');
    return codePoint >= parseInt(first, 16) && codePoint <= parseInt(last, 16);
  });
}

/**
 * CSS that carries the fonts with which some texts are set, each file once and only those that are needed.
 *
 * @param texts - every text and its style
 */
export function embeddedFonts(
  texts: readonly { readonly text: string; readonly style: TextStyle }[],
): string {
  const rules: string[] = [];
  for (const family of ['sans', 'serif'] as const) {
    const ofFamily = texts.filter(({ style }) => style.family === family);
    if (!ofFamily.length) continue;
    const ranges = unicodeRanges(family);
    for (const face of FAMILIES[family].faces) {
      const [weight, slant] = face;
      const codePoints = new Set<number>();
      for (const { text, style } of ofFamily) {
        if ((style.weight ?? 400) !== weight || (style.italic ?? false) !== (slant === 'italic')) continue;
        for (const letter of text) codePoints.add(letter.codePointAt(0)!);
      }
      for (const subset of SUBSETS) {
        const range = ranges[subset] ?? '';
        if (![...codePoints].some((codePoint) => holds(range, codePoint))) continue;
        const data = readFace(family, subset, face).toString('base64');
        rules.push(
          `@font-face{font-family:"${FAMILIES[family].name}";font-style:${slant};font-weight:${weight};` +
            `src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${range}}`,
        );
      }
    }
  }
  return rules.join('\n');
}
