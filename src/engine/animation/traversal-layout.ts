import { fillDisc, fillPicture, fillRectangle, paste, type Picture } from '../pictures/picture.ts';
import { tileOfSize } from '../pictures/resize.ts';
import { drawLabel, labelWidth } from '../pictures/text.ts';
import { THEMES, type FigureTheme, type ThemeName } from '../pictures/theme.ts';

/** What an animated traversal shows. */
export interface TraversalFramesOptions {
  /** `[dimensions][values]`, decoded images of one size. */
  readonly tiles: readonly (readonly Picture[])[];
  /** What is added to the code for each column of `tiles`, rising or falling. */
  readonly values: readonly number[];
  /** The value that each frame shows, by its index; as decoded when left out. */
  readonly order?: readonly number[];
  /** One for each dimension, `z3 · 1.24 nats`; without labels, only the tiles are drawn. */
  readonly labels?: readonly string[];
  /** `grid`: all dimensions move in one grid; `rows`: one below the other, labels at the left. Default: grid. */
  readonly layout?: 'rows' | 'grid';
  /** A tile's width: whole multiples of the images' are crisp, others smooth. */
  readonly tileSizePx: number;
  readonly theme?: ThemeName;
}

/** The positions of all parts of a frame, in pixels; the same in every frame. */
interface Layout {
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly { readonly x: number; readonly y: number }[];
  readonly tracks: readonly Track[];
  readonly labels: readonly { readonly x: number; readonly baselineY: number }[];
}

/** The line along which the marker of a dimension moves. */
interface Track {
  readonly x: number;
  /** Its middle, between two rows of pixels. */
  readonly y: number;
  readonly width: number;
}

interface TileSize {
  readonly width: number;
  readonly height: number;
}

/** Lengths that grow with the tiles, so that a figure made smaller for a page stays readable. */
function measures(tileWidth: number) {
  const sizePx = Math.min(18, Math.max(12, Math.round(tileWidth / 14)));
  const unit = Math.max(4, Math.round(sizePx / 3));
  return { sizePx, unit, margin: 4 * unit, radius: Math.max(3.5, sizePx / 3.5) };
}

/**
 * How many columns a grid of `count` tiles has: as few holes as possible, about as wide as 3:2.
 *
 * @param aspect - a cell's width over its height
 */
export function gridColumns(count: number, aspect = 1): number {
  let best = 1;
  let least = Infinity;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const holes = rows * columns - count;
    const cost = (3 * holes) / count + Math.abs(Math.log((columns * aspect) / rows / 1.5));
    if (cost < least) {
      least = cost;
      best = columns;
    }
  }
  return best;
}

function layGrid(count: number, tile: TileSize, labels: readonly string[] | undefined): Layout {
  const { sizePx, unit, margin, radius } = measures(tile.width);
  const gap = labels ? 4 * unit : unit;
  // A single tile without labels has no border.
  const border = labels ? margin : count === 1 ? 0 : gap;
  const trackY = tile.height + 2 * unit + Math.ceil(radius) - unit;
  const baselineY = trackY + Math.ceil(radius) + Math.round(unit * 0.75) + sizePx;
  const cell = {
    width: Math.max(tile.width, ...(labels ?? []).map((label) => labelWidth(label, sizePx))),
    height: labels ? baselineY + Math.round(sizePx * 0.3) : tile.height,
  };
  const columns = gridColumns(count, cell.width / cell.height);
  const corners = Array.from({ length: count }, (_, i) => ({
    x: border + (i % columns) * (cell.width + gap),
    y: border + Math.floor(i / columns) * (cell.height + gap),
  }));
  const rows = Math.ceil(count / columns);
  return {
    width: 2 * border + columns * cell.width + (columns - 1) * gap,
    height: 2 * border + rows * cell.height + (rows - 1) * gap,
    tiles: corners,
    tracks: labels ? corners.map(({ x, y }) => ({ x, y: y + trackY, width: tile.width })) : [],
    labels: labels ? corners.map(({ x, y }) => ({ x, baselineY: y + baselineY })) : [],
  };
}

/** Computes the layout of an animation's frames. */
function layOut(
  kind: 'rows' | 'grid' = 'grid',
  tiles: number,
  tile: TileSize,
  labels: readonly string[] | undefined,
): Layout {
  return (kind === 'grid' ? layGrid : layRows)(tiles, tile, labels);
}

/**
 * The size in pixels of every frame that {@link traversalFrames} draws of square images; nothing is drawn for it.
 *
 * @param tiles - number of dimensions
 */
export function traversalFrameSize(
  tiles: number,
  { layout, tileSizePx, labels }: Pick<TraversalFramesOptions, 'layout' | 'tileSizePx' | 'labels'>,
): { readonly width: number; readonly height: number } {
  const { width, height } = layOut(layout, tiles, { width: tileSizePx, height: tileSizePx }, labels);
  return { width, height };
}

function layRows(count: number, tile: TileSize, labels: readonly string[] | undefined): Layout {
  const { sizePx, unit, margin, radius } = measures(tile.width);
  const gap = 2 * unit;
  const border = labels ? margin : unit;
  const trackWidth = labels ? Math.max(96, ...labels.map((label) => labelWidth(label, sizePx))) : 0;
  const left = border + (labels ? trackWidth + 4 * unit : 0);
  const tops = Array.from({ length: count }, (_, i) => border + i * (tile.height + gap));
  const middles = tops.map((y) => y + Math.round(tile.height / 2));
  return {
    width: left + tile.width + border,
    height: 2 * border + count * tile.height + (count - 1) * gap,
    tiles: tops.map((y) => ({ x: left, y })),
    tracks: labels
      ? middles.map((y) => ({ x: border, y: y + unit + Math.ceil(radius), width: trackWidth }))
      : [],
    labels: labels ? middles.map((y) => ({ x: border, baselineY: y - Math.round(unit * 0.5) })) : [],
  };
}

/**
 * The line from the lowest value to the highest; the marker comes with each frame.
 *
 * @param zero - position of 0 on the line, which is marked by a notch; undefined if 0 is not in the range
 */
function drawTrack(
  onto: Picture,
  { x, y, width }: Track,
  { zero, radius, theme }: { zero: number | undefined; radius: number; theme: FigureTheme },
): void {
  fillRectangle(onto, x, y - 1, width, 2, theme.line2);
  if (zero === undefined) return;
  const notch = Math.round(width * zero + radius * (1 - 2 * zero));
  fillRectangle(onto, x + notch - 1, y - 3, 2, 6, theme.ctl);
}

/** The position of a value on a track, 0 … 1. */
function partAlong(value: number, low: number, high: number): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}

/**
 * Draws the frames of an animated traversal: every dimension's tile at the same value at the same time, and with
 * labels a marker on a thin line for where between the lowest and the highest that value lies.
 *
 * @returns the frames one by one, drawn as they are asked for; grey when every tile is
 * @throws RangeError when there is no tile, or tiles, values and labels do not fit together
 */
export function* traversalFrames(options: TraversalFramesOptions): Generator<Picture, void, undefined> {
  const { tiles, values, labels, layout: kind, tileSizePx, theme: themeName = 'dark' } = options;
  const first = tiles[0]?.[0];
  if (!first) throw new RangeError('A traversal needs at least one image.');
  if (tiles.some((row) => row.length !== values.length)) {
    throw new RangeError(`Every dimension of the traversal needs ${values.length} images.`);
  }
  if (labels && labels.length !== tiles.length) {
    throw new RangeError(`${tiles.length} dimensions, but ${labels.length} labels.`);
  }
  const theme = THEMES[themeName];
  const { width, height } = tileOfSize(first, tileSizePx);
  const layout = layOut(kind, tiles.length, { width, height }, labels);
  const { sizePx, radius } = measures(width);

  const isGrey = tiles.flat().every(({ channels }) => channels === 1);
  const ground = fillPicture(layout.width, layout.height, isGrey ? 1 : 3, theme.canvas);
  const ends = [values[0]!, values[values.length - 1]!];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const zero = low <= 0 && high >= 0 ? partAlong(0, low, high) : undefined;
  for (const track of layout.tracks) drawTrack(ground, track, { zero, radius, theme });
  layout.labels.forEach(({ x, baselineY }, i) =>
    drawLabel(ground, labels![i]!, x, baselineY, { sizePx, name: theme.ink, note: theme.ink2 }),
  );

  for (const index of options.order ?? values.keys()) {
    const frame = { ...ground, data: ground.data.slice() };
    layout.tiles.forEach(({ x, y }, i) => paste(frame, tileOfSize(tiles[i]![index]!, tileSizePx), x, y));
    const part = partAlong(values[index]!, low, high);
    for (const track of layout.tracks) {
      const centre = track.x + radius + part * (track.width - 2 * radius);
      // A ring in the background colour separates the marker from the line.
      fillDisc(frame, centre, track.y, radius + 1.5, theme.canvas);
      fillDisc(frame, centre, track.y, radius, theme.accent);
    }
    yield frame;
  }
}
