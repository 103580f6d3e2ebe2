import type { Picture } from '../pictures/picture.ts';
import { PAPER } from './colours.ts';
import { moved, type Drawing, type Mark, type TextMark, type TextStyle } from './drawing.ts';
import { textWidth } from './fonts.ts';
import { layoutParagraph, type ParagraphStyle, type Span } from './paragraph.ts';

/** The text width of a two-column page. A wider figure would be reduced in print. */
export const CONTENT_WIDTH_PT = 510;
/** White around everything, so that no letter is cut. */
const MARGIN_PT = 6;
/** Between the pictures of a grid: eight pixels of the PNG. */
export const TILE_GAP_PT = 1.5;
/** Letters no smaller than this can be read in print. */
export const SMALL_PT = 6.5;

/** The styles of labels, from the strongest. */
export const LABELS = {
  head: { family: 'sans', sizePt: 8.5, weight: 600, colour: PAPER.ink },
  strong: { family: 'sans', sizePt: 7.5, weight: 600, colour: PAPER.ink },
  plain: { family: 'sans', sizePt: 7, colour: PAPER.secondary },
  small: { family: 'sans', sizePt: SMALL_PT, colour: PAPER.secondary },
} as const satisfies Record<string, TextStyle>;

const CAPTION: ParagraphStyle = { family: 'serif', sizePt: 9, leadingPt: 11.5, colour: PAPER.ink };

/** Marks from the origin to the right and down, and how far they reach. */
export interface Block {
  readonly marks: readonly Mark[];
  readonly width: number;
  readonly height: number;
}

/** A text's mark, at the left unless it says otherwise. */
export function label(
  text: string,
  x: number,
  baseline: number,
  style: TextStyle,
  align: NonNullable<TextMark['align']> = 'left',
): TextMark {
  return { kind: 'text', text, x, baseline, style, align };
}

/** A name for display: `Wearing_Hat` becomes `Wearing Hat`. */
export function spoken(name: string): string {
  return name.replaceAll('_', ' ').trim();
}

/**
 * Shortens a text with an ellipsis if it is too wide.
 *
 * @param end - a text that follows it and is not shortened
 */
export function fitText(text: string, width: number, style: TextStyle, end = ''): string {
  if (textWidth(text + end, style) <= width) return text + end;
  const letters = Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
  const shortened = (): string => `${letters.join('').trimEnd()}…${end}`;
  while (letters.length > 0 && textWidth(shortened(), style) > width) letters.pop();
  return shortened();
}

/** A model's name and what distinguishes it from others with that name. */
export interface ModelLabel {
  readonly name: string;
  readonly note: string;
}

const NOTE_GAP_PT = 5;

/**
 * Sets the models' names above columns, each with its note beside it; below it where one of them would not fit.
 *
 * @param xs - the columns' left edges
 * @param width - of each column
 */
export function columnHeads(labels: readonly ModelLabel[], xs: readonly number[], width: number): Block {
  const besides = labels.map(({ name }) => textWidth(name, LABELS.head) + NOTE_GAP_PT);
  const isOneLine = labels.every(
    ({ note }, i) => !note || besides[i]! + textWidth(note, LABELS.plain) <= width,
  );
  const marks = labels.flatMap(({ name, note }, i) => {
    const [x, top] = [xs[i]!, label(fitText(name, width, LABELS.head), xs[i]!, 8, LABELS.head)];
    if (!note) return [top];
    const shown = isOneLine ? note : fitText(note, width, LABELS.plain);
    return [top, label(shown, isOneLine ? x + besides[i]! : x, isOneLine ? 8 : 17, LABELS.plain)];
  });
  return { marks, width: xs.at(-1)! + width, height: isOneLine ? 12 : 21 };
}

/**
 * Pictures in rows and columns, all of one width.
 *
 * @param gap - between them, across and down
 */
export function pictureGrid(
  rows: readonly (readonly Picture[])[],
  tilePt: number,
  { across = TILE_GAP_PT, down = TILE_GAP_PT }: { readonly across?: number; readonly down?: number } = {},
): Block {
  const marks = rows.flatMap((row, r) =>
    row.map((picture, c): Mark => ({
      kind: 'image',
      picture,
      x: c * (tilePt + across),
      y: r * (tilePt + down),
      width: tilePt,
      height: tilePt,
    })),
  );
  const columns = Math.max(...rows.map((row) => row.length));
  return {
    marks,
    width: columns * (tilePt + across) - across,
    height: rows.length * (tilePt + down) - down,
  };
}

/** An offset for people: `−3`, `0`, `+1.5`. */
export function signedOffset(value: number): string {
  const magnitude = String(Number(Math.abs(value).toFixed(2)));
  if (magnitude === '0') return '0';
  return (value < 0 ? '−' : '+') + magnitude;
}

/** Names the ends and the middle of a strip of tiles, above it. */
export function stripAxis(range: number, x: number, baseline: number, width: number): Mark[] {
  return [
    label(signedOffset(-range), x, baseline, LABELS.small),
    label('0', x + width / 2, baseline, LABELS.small, 'middle'),
    label(signedOffset(range), x + width, baseline, LABELS.small, 'right'),
  ];
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** A number and its noun as running text has them: `one image`, `twelve images`, `24 images`. */
export function counted(count: number, noun: string): string {
  const number = [...NUMBERS, 'eleven', 'twelve'][count] ?? String(count);
  return `${number} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether a figure moves codes along independent axes in place of dimensions. */
export function areAxes(moved: readonly { readonly direction?: readonly number[] | undefined }[]): boolean {
  return moved.some(({ direction }) => direction !== undefined);
}

/** The sentence about conditional models in captions of figures that show images. */
export const OWN_LABEL =
  ' A conditional model is given each image’s own label, or the most usual one where that is not known.';

/**
 * Puts a caption below a figure's content and margins around both.
 *
 * @param caption - after its `Figure 1.`; undefined for a figure that is captioned elsewhere
 */
export function composeFigure(
  content: Block,
  { number, title, caption }: { number: number; title: string; caption: readonly Span[] | undefined },
): Drawing {
  const text =
    caption &&
    layoutParagraph(
      [{ text: `Figure ${number}.`, weight: 600 }, ' ', ...caption],
      Math.max(content.width, 240),
      CAPTION,
    );
  const below = text ? 8 + text.height : 0;
  const captionWidth = text ? Math.max(content.width, 240) : 0;
  return {
    width: Math.max(content.width, captionWidth) + 2 * MARGIN_PT,
    height: content.height + below + 2 * MARGIN_PT,
    title,
    marks: [
      ...moved(content.marks, MARGIN_PT, MARGIN_PT),
      ...(text ? moved(text.marks, MARGIN_PT, MARGIN_PT + content.height + 8) : []),
    ],
  };
}
