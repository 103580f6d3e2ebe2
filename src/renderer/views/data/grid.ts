/** Images lie on a grid of tiles with gaps; one row after the other, as far as there are images. */
export interface GridShape {
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
}

/** A tile's side, whatever the images' size, and the gap to the next. */
export const TILE_PX = 64;
export const GAP_PX = 4;
export const PITCH_PX = TILE_PX + GAP_PX;

/** Rows that are drawn beyond what is seen, so that scrolling meets finished ones. */
const OVERSCAN_ROWS = 6;

/** How so many images lie in a width. */
export function gridShape(count: number, widthPx: number): GridShape {
  const columns = Math.max(1, Math.floor((widthPx + GAP_PX) / PITCH_PX));
  return { count, columns, rows: Math.ceil(count / columns) };
}

/** The width of a row. */
export function gridWidth({ columns }: GridShape): number {
  return columns * PITCH_PX - GAP_PX;
}

/** The height of all rows; without images there is none. */
export function gridHeight({ rows }: GridShape): number {
  return rows === 0 ? 0 : rows * PITCH_PX - GAP_PX;
}

/** The rows that are drawn while so much is seen: `[first, end)`. */
export function drawnRows({ rows }: GridShape, scrollTop: number, heightPx: number): [number, number] {
  const first = Math.floor(scrollTop / PITCH_PX) - OVERSCAN_ROWS;
  const end = Math.ceil((scrollTop + heightPx) / PITCH_PX) + OVERSCAN_ROWS;
  return [Math.min(rows, Math.max(0, first)), Math.max(0, Math.min(rows, end))];
}

/** The positions of rows `[first, end)`, those of the middle row first: what is looked at most likely comes first. */
export function positionsOf({ count, columns }: GridShape, first: number, end: number): number[] {
  const middle = (first + end - 1) / 2;
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).sort(
    (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
  );
  return rows.flatMap((row) => {
    const start = row * columns;
    return Array.from({ length: Math.min(columns, count - start) }, (_, i) => start + i);
  });
}

/** The position whose tile lies under a point of the grid; undefined in a gap or behind the last. */
export function positionAt({ count, columns }: GridShape, xPx: number, yPx: number): number | undefined {
  const column = Math.floor(xPx / PITCH_PX);
  const row = Math.floor(yPx / PITCH_PX);
  const isInGap = xPx - column * PITCH_PX >= TILE_PX || yPx - row * PITCH_PX >= TILE_PX;
  if (isInGap || column < 0 || column >= columns || row < 0) return undefined;
  const position = row * columns + column;
  return position < count ? position : undefined;
}

/**
 * Where a key leads from a position.
 *
 * @param pageRows - rows that are seen at once
 * @returns undefined for keys that lead nowhere
 */
export function moveBy(
  key: string,
  position: number,
  { count, columns }: GridShape,
  pageRows: number,
): number | undefined {
  const step = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * Math.max(1, pageRows),
    PageDown: columns * Math.max(1, pageRows),
    Home: -count,
    End: count,
  }[key];
  if (step === undefined || count === 0) return undefined;
  const next = position + step;
  // One row up or down stays in its column: without a row there it stays where it is.
  if ((key === 'ArrowUp' && next < 0) || (key === 'ArrowDown' && next >= count)) return position;
  return Math.min(count - 1, Math.max(0, next));
}

/** The scroll position nearest to the present one from which a position's tile is seen whole. */
export function scrollTo(
  { columns }: GridShape,
  position: number,
  scrollTop: number,
  heightPx: number,
): number {
  const top = Math.floor(position / columns) * PITCH_PX;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + TILE_PX - heightPx);
}
