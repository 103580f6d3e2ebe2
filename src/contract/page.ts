import type { Condition } from './condition.ts';
import type { Column } from './dataset.ts';
import type { ImageSize } from './image-size.ts';
import type { Dimension } from './operations/codes.ts';

/**
 * What an exported web page holds. The page is one HTML file; its data are blocks in it: a description as JSON, and numbers
 * and pictures as base64, each in an element with one of these ids.
 */
export const PageBlock = {
  description: 'page-description',
  /** The decoder's matrices, half precision, one layer after the other. */
  weights: 'page-weights',
  /** The points' codes, half precision, `[points, latentDim]`. */
  codes: 'page-codes',
  /** Values of the columns, and the split, one byte or four for each point. */
  values: 'page-values',
  /** A WebP picture with a tile for each point. */
  thumbnails: 'page-thumbnails',
} as const;
export type PageBlockName = keyof typeof PageBlock;

/** The most bytes of a page. */
export const MOST_PAGE_BYTES = 12_000_000;
/** The most points of a page. */
export const MOST_PAGE_POINTS = 5000;

/** SiLU, tanh, or what negative numbers are multiplied by: 1 without an activation, 0 for ReLU. */
export type PageActivation = 'silu' | 'tanh' | number;

/** `[height, width, channels]`. */
export type PageVolume = readonly [number, number, number];

/**
 * A layer of the decoder as a product of matrices, after which a bias is added and an activation applied.
 *
 * - `dense`: the flattened input times `[inputs, units]`.
 * - `conv`: patches of the input times `[kernel × kernel × input channels, output channels]`.
 * - `conv-transpose`: pixels of the input times `[input channels, kernel × kernel × output channels]`, whose results are
 *   added up where they overlap.
 */
export interface PageProduct {
  readonly kind: 'dense' | 'conv' | 'conv-transpose';
  readonly input: PageVolume;
  readonly output: PageVolume;
  readonly kernel: number;
  readonly stride: number;
  /** Pixels beyond the upper and the left edge of the larger one of input and output. */
  readonly padding: readonly [top: number, left: number];
  /** What the stored matrix is multiplied by, so that half precision can hold it. */
  readonly scale: number;
  /** `[output channels]`. */
  readonly bias: readonly number[];
  readonly activation: PageActivation;
}

/** The condition's numbers are put behind the input's. */
export interface PageAppend {
  readonly kind: 'append';
}

/** Every pixel of the input, `[height, width, channels]`, is repeated along both axes. */
export interface PageRepeat {
  readonly kind: 'repeat';
  readonly input: PageVolume;
  readonly times: number;
}

/** The beginning of a residual block: its input is kept. */
export interface PageKeep {
  readonly kind: 'keep';
}

/** The end of a residual block: what was kept is added. */
export interface PageAdd {
  readonly kind: 'add';
  readonly activation: PageActivation;
}

export type PageLayer = PageProduct | PageAppend | PageRepeat | PageKeep | PageAdd;

/** A label or factor, whose values are bytes with 255 for unknown, or float32. */
export interface PageColumn {
  readonly column: Column;
  readonly type: 'u8' | 'f32';
}

/** Everything of a page but numbers and pictures. */
export interface PageDescription {
  readonly version: 1;
  /** The run's name. */
  readonly run: string;
  /** What kind of model it is: `β-TCVAE`. */
  readonly model: string;
  readonly dataset: string;
  /** Number of images in the data set; the page may have fewer points. */
  readonly images: number;
  readonly points: number;
  readonly latentDim: number;
  readonly imageSize: ImageSize;
  readonly channels: 1 | 3;
  /** Whether the model has posteriors, and so a KL. */
  readonly hasKl: boolean;
  readonly dimensions: readonly Dimension[];
  /** The points' names; left out together with the images. */
  readonly names?: readonly string[];
  readonly columns: readonly PageColumn[];
  /** Whether the values begin with the split: for each point 1 where its image was held out. */
  readonly hasSplit: boolean;
  /** Principal components, as in `LinearProjection`. */
  readonly projection: {
    readonly variance: readonly [number, number, number];
    readonly basis: readonly number[];
    readonly mean: readonly number[];
  };
  readonly condition?: {
    readonly of: Condition;
    /** Each point's own, null where it is not known; empty if the data set has no such column. */
    readonly own: readonly (number | null)[];
  };
  readonly layers: readonly PageLayer[];
  readonly output: 'sigmoid' | 'linear';
  /** The tiles of the thumbnails; left out together with the images. */
  readonly thumbnails?: { readonly sizePx: number; readonly perRow: number };
}
