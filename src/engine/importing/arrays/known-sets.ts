import type { GridFactor } from '../../arrays/archive.ts';
import type { ArrayImages } from './layout.ts';

/** A factor of a published data set. */
export interface KnownFactor {
  readonly name: string;
  /** Names of its values; the values themselves if left out. */
  readonly categories?: Readonly<Record<number, string>>;
  /** Whether a value is one of the factor's. */
  readonly has: (value: number) => boolean;
}

/** A published data set whose file holds the factors' values, but not their names. */
interface KnownSet {
  readonly title: string;
  /** The arrays that may hold the factors. */
  readonly arrays: readonly string[];
  readonly images: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly factors: readonly KnownFactor[];
}

/** Values are stored as float64 or float32. */
const TOLERANCE = 1e-5;

/** Equally spaced values from the first to the last. */
function grid(first: number, last: number, count: number): KnownFactor['has'] {
  return (value) => {
    const step = (value - first) / ((last - first) / (count - 1));
    const nearest = Math.round(step);
    return nearest >= 0 && nearest < count && Math.abs(step - nearest) < TOLERANCE * count;
  };
}

const SHAPES_OF_DSPRITES = { 1: 'square', 2: 'ellipse', 3: 'heart' };

/**
 * The published data sets. dSprites (Matthey et al. 2017) has the names of its latents only in a pickle; 3dshapes
 * (Burgess & Kim 2018) has none.
 */
const KNOWN: readonly KnownSet[] = [
  {
    title: 'dSprites',
    arrays: ['latents_values'],
    images: 737_280,
    width: 64,
    channels: 1,
    factors: [
      { name: 'colour', has: (value) => value === 1 },
      { name: 'shape', categories: SHAPES_OF_DSPRITES, has: grid(1, 3, 3) },
      { name: 'scale', has: grid(0.5, 1, 6) },
      { name: 'orientation', has: grid(0, 2 * Math.PI, 40) },
      { name: 'horizontal position', has: grid(0, 1, 32) },
      { name: 'vertical position', has: grid(0, 1, 32) },
    ],
  },
  {
    title: '3dshapes',
    arrays: ['labels'],
    images: 480_000,
    width: 64,
    channels: 3,
    factors: [
      { name: 'floor_hue', has: grid(0, 0.9, 10) },
      { name: 'wall_hue', has: grid(0, 0.9, 10) },
      { name: 'object_hue', has: grid(0, 0.9, 10) },
      { name: 'scale', has: grid(0.75, 1.25, 8) },
      { name: 'shape', has: grid(0, 3, 4) },
      { name: 'orientation', has: grid(-30, 30, 15) },
    ],
  },
];

function everyNumber(values: ArrayLike<number | bigint>, has: KnownFactor['has']): boolean {
  for (let i = 0; i < values.length; i++) if (!has(Number(values[i]))) return false;
  return true;
}

/**
 * The factors of a published data set, if a table holds nothing but their values. A part of the data set is
 * recognised too, because every value must be one of the factor's.
 *
 * @param name - the table's name
 * @param columns - the values of each column
 */
export function knownFactors(
  { images, width, height, channels }: Pick<ArrayImages, 'images' | 'width' | 'height' | 'channels'>,
  name: string,
  columns: readonly ArrayLike<number | bigint>[],
): { readonly title: string; readonly factors: readonly KnownFactor[] } | undefined {
  return KNOWN.find(
    (set) =>
      set.arrays.includes(name) &&
      images <= set.images &&
      width === set.width &&
      height === set.width &&
      channels === set.channels &&
      columns.length === set.factors.length &&
      set.factors.every(({ has }, i) => everyNumber(columns[i]!, has)),
  );
}

/** A data set without labels, whose images stand in the order of a grid of factors, the last varying fastest. */
export interface KnownGrid {
  readonly title: string;
  /** The widths that its images are published in. */
  readonly widths: readonly number[];
  readonly factors: readonly GridFactor[];
}

/** MPI3D's factors (Gondal et al. 2019), with the colours and shapes of one of its versions. */
function mpi3d(title: string, colours: readonly string[], shapes: readonly string[]): KnownGrid {
  return {
    title,
    widths: [64],
    factors: [
      { name: 'object_color', size: colours.length, categories: colours },
      { name: 'object_shape', size: shapes.length, categories: shapes },
      { name: 'object_size', size: 2, categories: ['small', 'large'] },
      { name: 'camera_height', size: 3, categories: ['top', 'centre', 'bottom'] },
      { name: 'background_color', size: 3, categories: ['purple', 'sea green', 'salmon'] },
      { name: 'horizontal_axis', size: 40 },
      { name: 'vertical_axis', size: 40 },
    ],
  };
}

const GRIDS: readonly KnownGrid[] = [
  mpi3d(
    'MPI3D',
    ['white', 'green', 'red', 'blue', 'brown', 'olive'],
    ['cone', 'cube', 'cylinder', 'hexagonal', 'pyramid', 'sphere'],
  ),
  mpi3d(
    'MPI3D (real, complex shapes)',
    ['yellow', 'green', 'olive', 'red'],
    ['coffee-cup', 'tennis-ball', 'croissant', 'beer-cup'],
  ),
  {
    // Reed et al. (2015), in the order of Locatello et al.'s disentanglement_lib.
    title: 'Cars3D',
    widths: [64, 128],
    factors: [
      { name: 'elevation', size: 4 },
      { name: 'azimuth', size: 24 },
      { name: 'object', size: 183 },
    ],
  },
];

/** The number of images of a grid. */
export function gridImages({ factors }: Pick<KnownGrid, 'factors'>): number {
  return factors.reduce((product, { size }) => product * size, 1);
}

/**
 * The grid of MPI3D's or Cars3D's images: an array of exactly the number of its images, of its size in colour, and no
 * other array. A part of the images is none, because nothing tells which part it is.
 */
export function knownGrid(
  { images, width, height, channels }: Pick<ArrayImages, 'images' | 'width' | 'height' | 'channels'>,
  arrays: number,
): KnownGrid | undefined {
  if (arrays !== 1 || width !== height || channels !== 3) return undefined;
  return GRIDS.find((grid) => gridImages(grid) === images && grid.widths.includes(width));
}

/** The factor's value of an image in a grid. */
export function gridValues({ factors }: Pick<KnownGrid, 'factors'>, factor: number): Float32Array {
  const images = gridImages({ factors });
  const stride = factors.slice(factor + 1).reduce((product, { size }) => product * size, 1);
  const { size } = factors[factor]!;
  return Float32Array.from({ length: images }, (_, image) => Math.floor(image / stride) % size);
}
