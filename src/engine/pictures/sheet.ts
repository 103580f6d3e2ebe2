import { fillPicture, paste, type Picture } from './picture.ts';
import { enlarge } from './resize.ts';
import { drawLabel, drawText, labelWidth, signed } from './text.ts';
import { THEMES, type ThemeName } from './theme.ts';

/** How a sheet of images is laid out; lengths in pixels of the sheet. */
export interface SheetOptions {
  /** Whole factor by which every image is enlarged. */
  readonly scale?: number;
  /** Space between tiles, except between rows of one group. */
  readonly gap?: number;
  readonly theme?: ThemeName;
  /** Number of rows that form a group without gaps: 2 for originals above their reconstructions. */
  readonly rowsPerGroup?: number;
  /** One label for each row, at its left. In `name · note` the note is drawn in a lighter style. */
  readonly rowLabels?: readonly string[];
  /** One label for each column, above it. An empty string means no label. */
  readonly columnLabels?: readonly string[];
  readonly title?: string;
}

/** The text size depends on the tiles, so that a figure is readable when it is reduced for a page. */
function textSizeFor(tilePx: number): number {
  return Math.min(22, Math.max(12, Math.round(tilePx / 12)));
}

/**
 * Draws rows of images as one image: samples, reconstructions, traversals.
 *
 * @param rows - images of the same size; rows may have different lengths
 * @returns a grey image if all images are grey, else a colour image
 * @throws RangeError when there is no image, or sizes differ
 */
export function drawSheet(rows: readonly (readonly Picture[])[], options: SheetOptions = {}): Picture {
  const { scale = 1, gap = 4, theme = 'dark', rowsPerGroup = 1, rowLabels, columnLabels, title } = options;
  const pictures = rows.flat();
  const first = pictures[0];
  if (!first) throw new RangeError('A sheet needs at least one image.');
  if (pictures.some(({ width, height }) => width !== first.width || height !== first.height)) {
    throw new RangeError('The images of a sheet must be of one size.');
  }
  const colours = THEMES[theme];
  const tile = { width: first.width * scale, height: first.height * scale };
  const columns = Math.max(...rows.map((row) => row.length));
  const sizePx = textSizeFor(tile.width);
  const hasText = [rowLabels, columnLabels, title].some((text) => text !== undefined);
  const margin = hasText ? Math.max(gap, 16) : gap;
  const labelGap = Math.round(sizePx * 0.9);

  const gutter = rowLabels ? Math.max(...rowLabels.map((label) => labelWidth(label, sizePx))) + labelGap : 0;
  const titlePx = Math.round(sizePx * 1.25);
  const titleHeight = title === undefined ? 0 : Math.round(titlePx * 1.9);
  const headHeight = columnLabels ? Math.round(sizePx * 1.6) : 0;
  const left = margin + gutter;
  const top = margin + titleHeight + headHeight;
  const rowTop = (row: number) => top + row * tile.height + Math.floor(row / rowsPerGroup) * gap;

  const sheet = fillPicture(
    left + columns * tile.width + (columns - 1) * gap + margin,
    rowTop(rows.length - 1) + tile.height + margin,
    pictures.every(({ channels }) => channels === 1) ? 1 : 3,
    colours.canvas,
  );
  rows.forEach((row, r) => {
    row.forEach((picture, c) =>
      paste(sheet, enlarge(picture, scale), left + c * (tile.width + gap), rowTop(r)),
    );
    const label = rowLabels?.[r];
    // This baseline centres lowercase letters vertically in the row.
    const baseline = rowTop(r) + Math.round(tile.height / 2 + sizePx * 0.35);
    if (label) drawLabel(sheet, label, margin, baseline, { sizePx, name: colours.ink, note: colours.ink2 });
  });
  columnLabels?.forEach((label, c) => {
    const middle = left + c * (tile.width + gap) + Math.round(tile.width / 2);
    const style = { sizePx, weight: 400, colour: colours.ink2, align: 'middle' } as const;
    drawText(sheet, label, middle, top - Math.round(sizePx * 0.6), style);
  });
  if (title !== undefined) {
    drawText(sheet, title, margin, margin + titlePx, { sizePx: titlePx, weight: 600, colour: colours.ink });
  }
  return sheet;
}

/**
 * Arranges items in rows, such as 64 samples in 8×8.
 *
 * @param columns - items per row
 */
export function inRows<T>(items: readonly T[], columns: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    items.slice(row * columns, (row + 1) * columns),
  );
}

/**
 * Arranges originals above their reconstructions, for drawing with `rowsPerGroup: 2`.
 *
 * @param columns - pairs per row
 * @throws RangeError if their numbers differ
 */
export function pairRows(
  originals: readonly Picture[],
  reconstructions: readonly Picture[],
  columns: number,
): Picture[][] {
  if (originals.length !== reconstructions.length) {
    throw new RangeError(`${originals.length} originals, but ${reconstructions.length} reconstructions.`);
  }
  const below = inRows(reconstructions, columns);
  return inRows(originals, columns).flatMap((row, i) => [row, below[i]!]);
}

/**
 * Draws a traversal as one image: a row for each dimension, a column for each value.
 *
 * @param tiles - `[dimensions][values]`
 * @param values - the offsets that are added to the code, shown above the columns
 * @param labels - one for each dimension, `z3 · 1.24 nats`
 */
export function drawTraversalStrip(
  tiles: readonly (readonly Picture[])[],
  {
    values,
    labels,
    ...options
  }: { values: readonly number[]; labels?: readonly string[] } & Omit<SheetOptions, 'rowLabels'>,
): Picture {
  if (!labels) return drawSheet(tiles, options);
  const columnLabels = values.map((value) => signed(value));
  return drawSheet(tiles, { columnLabels, rowLabels: labels, ...options });
}
