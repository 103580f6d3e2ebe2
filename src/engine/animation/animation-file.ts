import { writeFileAtomic } from '../../system/atomic.ts';
import { encodeGif } from './gif.ts';
import type { Picture } from '../pictures/picture.ts';
import { encodePng } from '../pictures/png.ts';
import { tileOfSize } from '../pictures/resize.ts';
import { drawTraversalStrip } from '../pictures/sheet.ts';
import { figureColours, THEMES } from '../pictures/theme.ts';
import { traversalFrames } from './traversal-layout.ts';

/** Pictures that follow each other: a traversal's by dimension, or one interpolation. */
export interface Animation {
  /** `[dimensions][values]`, of one size. */
  readonly tiles: readonly (readonly Picture[])[];
  /** The value of each column of `tiles`, in ascending order. */
  readonly values: readonly number[];
  /** What is written above the columns of a strip in place of the values. */
  readonly columnLabels?: readonly string[];
  /** One for each dimension. */
  readonly labels?: readonly string[];
  /** A tile's width in the file, pixels. */
  readonly tileSizePx: number;
}

/** How a GIF shows it. */
export interface AnimationMotion {
  /** For each frame the index of its value. */
  readonly order: readonly number[];
  readonly fps: number;
  readonly layout: 'rows' | 'grid';
}

/** Writes an animation as a GIF that loops; as many frames as `order` is long. */
export async function writeAnimatedGif(
  path: string,
  animation: Animation,
  { order, fps, layout }: AnimationMotion,
): Promise<void> {
  const gif = await encodeGif({
    frames: traversalFrames({ ...animation, order, layout }),
    fps,
    reserved: figureColours(THEMES.dark),
  });
  await writeFileAtomic(path, gif);
}

/** Writes an animation as one image: a row for each dimension, a column for each value. */
export async function writeStrip(path: string, animation: Animation): Promise<void> {
  const { tiles, values, columnLabels, labels, tileSizePx } = animation;
  const resized = tiles.map((row) => row.map((picture) => tileOfSize(picture, tileSizePx)));
  const strip = drawTraversalStrip(resized, {
    values,
    ...(labels ? { labels, ...(columnLabels ? { columnLabels } : {}) } : {}),
  });
  await writeFileAtomic(path, await encodePng(strip));
}
