import type { IndependentAxes } from '../../../../contract/operations/codes.ts';
import type { Recipe } from '../../../../contract/recipe.ts';
import type { ThemeName } from '../../../theme/tokens.ts';
import { carriedText } from './slider-set.ts';

/** Tile widths that a person chooses from, pixels. */
const TILE_SIZES = [64, 128, 256, 512] as const;
export type TileSize = (typeof TILE_SIZES)[number];

/** The tile widths that show images of a size whole: their own width and its multiples. */
export function tileSizesFor(imageSize: number): readonly TileSize[] {
  return TILE_SIZES.filter((size) => size >= imageSize);
}

/** How an animation moves and is drawn, as a person set it. */
export interface Motion {
  /** Offsets that a traversal goes between. */
  readonly from: number;
  readonly to: number;
  /** Values along the way. */
  readonly frames: number;
  readonly fps: number;
  readonly pingPong: boolean;
  readonly tileSizePx: TileSize;
  readonly labels: boolean;
  /** Of several dimensions. */
  readonly layout: 'grid' | 'rows';
}

export const USUAL_MOTION: Motion = {
  from: -3,
  to: 3,
  frames: 24,
  fps: 12,
  pingPong: true,
  tileSizePx: 256,
  labels: true,
  layout: 'grid',
};

/** Evenly from one end to the other, both met exactly. */
export function valuesBetween(from: number, to: number, count: number): number[] {
  if (count === 1) return [(from + to) / 2];
  return Array.from({ length: count }, (_, i) => {
    const part = i / (count - 1);
    return (1 - part) * from + part * to;
  });
}

/** For each frame of a file the index of its value; forth and back does not stand still at the ends. */
export function frameOrder(frames: number, pingPong: boolean): number[] {
  const forth = [...Array(frames).keys()];
  return pingPong ? [...forth, ...forth.slice(1, -1).reverse()] : forth;
}

/** What a recipe is made from besides the motion. */
interface Ground {
  readonly run: string;
  readonly theme: ThemeName;
  /** The condition of a conditional model; undefined for others. */
  readonly condition?: number | undefined;
}

/** The recipe's fields that both kinds share. */
function motionOf({ run, theme, condition }: Ground, motion: Motion) {
  const { frames, fps, pingPong, tileSizePx, labels, layout } = motion;
  return {
    ...({ version: 1, run, theme, frames, fps, pingPong, tileSizePx, labels, layout } as const),
    ...(condition === undefined ? {} : { condition }),
  };
}

/** A GIF in which dimensions of a code are moved, each in a tile of its own. */
export function traversalRecipe(
  ground: Ground,
  motion: Motion,
  center: Float32Array,
  dimensions: readonly number[],
): Recipe {
  return {
    kind: 'traversal',
    ...motionOf(ground, motion),
    center: [...center],
    dimensions: [...dimensions],
    from: motion.from,
    to: motion.to,
  };
}

/** A GIF in which a code is moved along independent axes, each in a tile of its own. */
export function axesRecipe(
  ground: Ground,
  motion: Motion,
  center: Float32Array,
  { axes, mixing }: IndependentAxes,
  chosen: readonly number[],
): Recipe {
  return {
    kind: 'axes',
    ...motionOf(ground, motion),
    center: [...center],
    axes: chosen.map((axis) => ({
      axis,
      name: carriedText(axes[axis] ?? {}),
      direction: Array.from(center, (_, l) => mixing.data[l * axes.length + axis] ?? 0),
    })),
    from: motion.from,
    to: motion.to,
  };
}

/** A GIF that goes from one code to another. */
export function interpolationRecipe(
  ground: Ground,
  motion: Motion,
  start: Float32Array,
  end: Float32Array,
): Recipe {
  return { kind: 'interpolation', ...motionOf(ground, motion), start: [...start], end: [...end] };
}

function subjectOf(recipe: Recipe): string {
  switch (recipe.kind) {
    case 'traversal':
      return recipe.dimensions.map((d) => `z${d}`).join(' ');
    case 'axes':
      return recipe.axes.map(({ axis }) => `a${axis}`).join(' ');
    case 'interpolation':
      return 'interpolation';
  }
}

/** A name for the file: `smiles-vae z5 z4.gif`. */
export function suggestedName(runName: string, recipe: Recipe): string {
  const safe = `${runName} ${subjectOf(recipe)}`.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').replace(/ +/g, ' ');
  return `${safe.slice(0, 120).trim()}.gif`;
}

/** Why a number of frames cannot be used; undefined where it can. */
export function refuseFrames(frames: number): string | undefined {
  if (Number.isInteger(frames) && frames >= 2 && frames <= 240) return undefined;
  return 'Choose a whole number of frames from 2 to 240.';
}

/** Why a speed cannot be used; undefined where it can. */
export function refuseFps(fps: number): string | undefined {
  return fps >= 0.5 && fps <= 50
    ? undefined
    : 'Choose 0.5 to 50 frames a second: browsers slow faster GIFs down.';
}

/** Why an end of the range cannot be used; undefined where it can. */
export function refuseOffset(offset: number): string | undefined {
  return Math.abs(offset) <= 20 ? undefined : 'Choose a value from −20 to 20.';
}
