import { UnravelError } from '../../../contract/errors.ts';
import {
  authorShape,
  elementsOf,
  PIECE_BYTES,
  readElements,
  rowElements,
  type ArrayArchive,
  type GridFactor,
  type StoredArray,
} from '../../arrays/archive.ts';
import { NUMBER_BYTES, type Numbers, type NumberType } from '../../files/numbers.ts';
import { checkSize, UnreadableImage } from '../../image-files/unreadable.ts';

/** Numbers of channels: grey, colour, and colour with transparency. */
export type ArrayChannels = 1 | 3 | 4;

/** The images of an archive. */
export interface ArrayImages {
  /** The names of the arrays that hold them: one, or one for each part of an official split. */
  readonly parts: readonly { readonly array: string; readonly split: string; readonly images: number }[];
  readonly type: NumberType;
  readonly images: number;
  readonly width: number;
  readonly height: number;
  readonly channels: ArrayChannels;
  /** Further axes before those of an image; the product of their sizes is the number of images. */
  readonly grid: readonly GridFactor[];
  readonly canSeek: boolean;
  /** Reads the images from `from` up to, and not including, `to`, as pieces of `[n, height, width, channels]`. */
  read(from: number, to: number): AsyncIterable<Numbers>;
}

/**
 * Maximum number of images. A small archive may state any number, because equal bytes are compressed a thousand to
 * one.
 */
const MOST_IMAGES = 10_000_000;
/** Maximum size of an array that must be in memory, because its images are not stored one after the other. */
const MOST_KEPT_BYTES = 512 * 2 ** 20;
/** Names of arrays of images, the most usual first. */
const USUAL_NAMES = [
  'imgs',
  'images',
  'image',
  'x_train',
  'train_images',
  'train_x',
  'x',
  'data',
  'pixels',
  'faces',
  'im',
  'img',
  'x_test',
  'test_images',
  'arr_0',
];
/** Names that are given to nothing but images. */
const MEANS_IMAGES = /^(train_)?(images?|imgs?|pixels|faces)$/;
const SPLITS = ['train', 'val', 'valid', 'validation', 'test'];

/** The error for an archive whose images cannot be read. */
export function refuseArchive({ path }: Pick<ArrayArchive, 'path'>, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not import ${path}: ${what}.`, {
    path,
    hint: 'Save the images as one array named “images”, [N, height, width] or [N, height, width, 3].',
  });
}

function isChannels(n: number | undefined): n is ArrayChannels {
  return n === 1 || n === 3 || n === 4;
}

/** The axes of an array, as its author counts them. */
interface Axes {
  /** Undefined for a single image. */
  readonly image: readonly number[];
  readonly height: number;
  readonly width: number;
  /** Undefined for grey images without such an axis. */
  readonly channel: number | undefined;
}

/** Tells the axes of an array of images by its shape; undefined if it is none. */
function axesOf(array: StoredArray): Axes | undefined {
  if (array.type === 'text') return undefined;
  const shape = authorShape(array);
  const last = shape.length - 1;
  const from = (start: number, end: number): number[] =>
    Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
  if (shape.length === 3) {
    // No image is three pixels wide, so this is one image in colour.
    if (shape[2] === 3 || shape[2] === 4) return { image: [], height: 0, width: 1, channel: 2 };
    return array.isReversed && shape[0] === shape[1] && shape[1] !== shape[2]
      ? { image: [2], height: 0, width: 1, channel: undefined }
      : { image: [0], height: 1, width: 2, channel: undefined };
  }
  if (shape.length < 4) return undefined;
  // With further axes behind those of an image, as of MATLAB's [height, width, 3, azimuths, elevations].
  if (array.isReversed && shape.length > 4 && isChannels(shape[2]) && shape[0]! > 4 && shape[1]! > 4) {
    return { image: from(3, shape.length), height: 0, width: 1, channel: 2 };
  }
  if (isChannels(shape[last])) {
    return { image: from(0, last - 2), height: last - 2, width: last - 1, channel: last };
  }
  if (shape.length === 4 && isChannels(shape[1])) return { image: [0], height: 2, width: 3, channel: 1 };
  // MATLAB counts the axes of an image first.
  if (isChannels(shape[2]) && (array.isReversed || shape.length === 4)) {
    return { image: from(3, shape.length), height: 0, width: 1, channel: 2 };
  }
  return undefined;
}

/** Copies the pixels of images in the order height, width, channels. */
function gather(
  numbers: Numbers,
  {
    images,
    stride,
    start,
    axes,
  }: {
    readonly images: number;
    /** Distance between two images, and the position of the first. */
    readonly stride: number;
    readonly start: number;
    /** Size and distance of the elements along height, width and channels. */
    readonly axes: readonly (readonly [size: number, stride: number])[];
  },
): Numbers {
  const [[height, down], [width, right], [channels, deep]] = axes as [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ];
  const result = new (numbers.constructor as new (length: number) => Uint8Array)(
    images * height * width * channels,
  );
  const source = numbers as Uint8Array;
  let out = 0;
  for (let i = 0; i < images; i++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = start + i * stride + y * down + x * right;
        for (let c = 0; c < channels; c++) result[out++] = source[at + c * deep]!;
      }
    }
  }
  return result as Numbers;
}

type Layout = Omit<ArrayImages, 'parts'>;

/**
 * The images of one array.
 *
 * @returns undefined for an array that is none of images; a text says why its images cannot be read
 */
function layoutOf(array: StoredArray): Layout | string | undefined {
  const axes = axesOf(array);
  if (!axes) return undefined;
  const shape = authorShape(array);
  const rank = shape.length;
  const storedAxis = (axis: number): number => (array.isReversed ? rank - 1 - axis : axis);
  const strides = array.shape.map((_, axis) =>
    array.shape.slice(axis + 1).reduce((product, n) => product * n, 1),
  );
  const along = (axis: number): readonly [number, number] => [shape[axis]!, strides[storedAxis(axis)]!];
  const pixelAxes = [
    along(axes.height),
    along(axes.width),
    axes.channel === undefined ? ([1, 1] as const) : along(axes.channel),
  ];
  const [height, width, channels] = pixelAxes.map(([size]) => size) as [number, number, ArrayChannels];
  // In the stored order, the first image axis varies slowest.
  const sizes = axes.image
    .map(storedAxis)
    .sort((a, b) => a - b)
    .map((axis) => array.shape[axis]!);
  const images = sizes.reduce((product, n) => product * n, 1);
  const grid = array.grid ?? sizes.map((size, axis) => ({ name: `axis ${axis + 1}`, size }));
  const imageElements = height * width * channels;
  const isOrdered =
    pixelAxes[2]![1] === 1 && pixelAxes[1]![1] === channels && pixelAxes[0]![1] === width * channels;
  const type = array.type as NumberType;
  const common = { type, images, width, height, channels, grid: grid.length > 1 ? grid : [] };
  const arrange = (numbers: Numbers, count: number): Numbers =>
    isOrdered
      ? numbers
      : gather(numbers, { images: count, stride: imageElements, start: 0, axes: pixelAxes });

  if (axes.image.length === 0) {
    return {
      ...common,
      canSeek: true,
      async *read(from, to) {
        if (from < to) yield arrange((await readElements(array)) as Numbers, 1);
      },
    };
  }
  if (storedAxis(axes.image[array.isReversed ? axes.image.length - 1 : 0]!) === 0) {
    // One row of the array holds this number of images, of further axes.
    const perRow = rowElements(array) / imageElements;
    return {
      ...common,
      canSeek: array.canSeek,
      async *read(from, to) {
        const firstRow = Math.floor(from / perRow);
        let at = firstRow * perRow;
        for await (const piece of array.rows(firstRow, Math.ceil(to / perRow))) {
          const numbers = piece as Numbers;
          const count = numbers.length / imageElements;
          const [skip, end] = [Math.max(0, from - at), Math.min(count, to - at)];
          const wanted = numbers.subarray(skip * imageElements, end * imageElements);
          if (end > skip) yield arrange(wanted, end - skip);
          at += count;
        }
      },
    };
  }
  if (axes.image.length > 1) return 'its images are not stored one after the other';
  if (elementsOf(array) * NUMBER_BYTES[type] > MOST_KEPT_BYTES) {
    return `its images are stored pixel by pixel (${array.isReversed ? 'in Fortran order' : 'the last axis counts them'}) and take more than ${MOST_KEPT_BYTES / 2 ** 20} MB; save numpy.ascontiguousarray of them`;
  }
  let kept: Promise<Numbers> | undefined;
  const stride = strides[storedAxis(axes.image[0]!)]!;
  const perPiece = Math.max(1, Math.floor(PIECE_BYTES / (imageElements * NUMBER_BYTES[type])));
  return {
    ...common,
    canSeek: true,
    async *read(from, to) {
      kept ??= readElements(array) as Promise<Numbers>;
      const numbers = await kept;
      for (let at = from; at < to; at += perPiece) {
        const count = Math.min(perPiece, to - at);
        yield gather(numbers, { images: count, stride, start: at * stride, axes: pixelAxes });
      }
    },
  };
}

/** The last part of a name, such as that of a data set in a group of an HDF5 file. */
function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}

/** The names of the other parts of an official split: of `x_train` those like `x_test`. */
export function splitNames(name: string, has: (name: string) => boolean): { split: string; name: string }[] {
  const match = /(^|[^a-z])(train|val|valid|validation|test)(?=[^a-z]|$)/i.exec(name);
  if (!match) return [];
  const own = match[2]!.toLowerCase();
  const at = match.index + match[1]!.length;
  return SPLITS.flatMap((split) => {
    const word = match[2] === match[2]!.toUpperCase() ? split.toUpperCase() : split;
    const other = split === own ? name : name.slice(0, at) + word + name.slice(at + own.length);
    return has(other) ? [{ split, name: other }] : [];
  });
}

/** The images of several arrays, one after the other. */
function concatenated(layouts: readonly Layout[]): Layout {
  const images = layouts.reduce((sum, layout) => sum + layout.images, 0);
  return {
    ...layouts[0]!,
    images,
    grid: [],
    canSeek: layouts.every(({ canSeek }) => canSeek),
    async *read(from, to) {
      let first = 0;
      for (const layout of layouts) {
        const [start, end] = [Math.max(from - first, 0), Math.min(to - first, layout.images)];
        if (start < end) yield* layout.read(start, end);
        first += layout.images;
      }
    },
  };
}

function isSameKind(a: Layout, b: Layout): boolean {
  return a.type === b.type && a.width === b.width && a.height === b.height && a.channels === b.channels;
}

function shapeText(array: StoredArray): string {
  return `[${authorShape(array).join(', ')}]`;
}

/** Chooses the array with the images by its name, or because there is only one that can hold some. */
function choose(archive: ArrayArchive): { readonly name: string; readonly layout: Layout } {
  const { arrays, kind } = archive;
  const names = [...arrays.keys()];
  const listed = names.map((name) => `${name} ${shapeText(arrays.get(name)!)}`).join(', ');
  const problems: string[] = [];
  const usual = USUAL_NAMES.flatMap((wanted) => names.filter((name) => baseName(name) === wanted));
  for (const name of usual) {
    const layout = layoutOf(arrays.get(name)!);
    if (typeof layout === 'object') return { name, layout };
    problems.push(
      `its “${name}” is ${shapeText(arrays.get(name)!)} of type ${arrays.get(name)!.type}${layout === undefined ? ', and images are [N, height, width] or [N, height, width, channels] of 1, 3 or 4 channels' : `: ${layout}`}`,
    );
  }
  // Other arrays, such as masks, are not the images where those have their usual name and cannot be read.
  const unread = archive.refused.find(({ file }) => MEANS_IMAGES.test(baseName(file)));
  if (unread && problems.length === 0) {
    throw refuseArchive(archive, `its “${unread.file}” cannot be read: ${unread.reason}`);
  }
  const others = names.flatMap((name) => {
    const layout = usual.includes(name) ? undefined : layoutOf(arrays.get(name)!);
    return typeof layout === 'object' ? [{ name, layout }] : [];
  });
  if (others.length === 1) return others[0]!;
  if (others.length > 1) {
    throw refuseArchive(
      archive,
      `it has several arrays that may hold the images, ${others.map(({ name }) => `“${name}”`).join(', ')}, and none is named “images”`,
    );
  }
  if (problems.length > 0) throw refuseArchive(archive, problems[0]!);
  const refused = archive.refused[0];
  throw refuseArchive(
    archive,
    names.length > 0
      ? `none of the arrays of this ${kind} holds images (${listed})`
      : refused
        ? `it holds no array that can be read (${refused.file}: ${refused.reason})`
        : 'it holds no arrays at all',
  );
}

/**
 * Finds the images of an archive.
 *
 * @throws UnravelError `bad-input` if there are none
 */
export function findArrayImages(archive: ArrayArchive): ArrayImages {
  const { arrays } = archive;
  const { name, layout: first } = choose(archive);
  const split = splitNames(name, (other) => {
    const array = arrays.get(other);
    const layout = array && layoutOf(array);
    return typeof layout === 'object' && isSameKind(first, layout);
  });
  const isSplit = split.length > 1 && first.grid.length === 0;
  const named = isSplit ? split : [{ split: '', name }];
  const layouts = named.map((part) =>
    part.name === name ? first : (layoutOf(arrays.get(part.name)!) as Layout),
  );
  const layout = isSplit ? concatenated(layouts) : first;
  const parts = named.map((part, i) => ({
    array: part.name,
    split: part.split,
    images: layouts[i]!.images,
  }));
  const { images, width, height } = layout;
  if (images === 0) throw refuseArchive(archive, 'it holds no images');
  if (images > MOST_IMAGES) {
    throw refuseArchive(
      archive,
      `it holds ${images.toLocaleString('en')} images, and at most ${MOST_IMAGES.toLocaleString('en')} are read`,
    );
  }
  try {
    checkSize(width, height);
  } catch (cause) {
    throw cause instanceof UnreadableImage ? refuseArchive(archive, cause.message) : cause;
  }
  return { ...layout, parts };
}

/**
 * Reads single images.
 *
 * @param wanted - their positions, ascending
 * @param until - time (`performance.now()`) after which no further ones are read
 * @returns an image `[height, width, channels]` for each of the first of `wanted`
 */
export async function pickImages(
  layout: Pick<ArrayImages, 'images' | 'width' | 'height' | 'channels' | 'canSeek' | 'read'>,
  wanted: readonly number[],
  { until = Infinity, signal }: { readonly until?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<Numbers[]> {
  const size = layout.width * layout.height * layout.channels;
  const found: Numbers[] = [];
  if (layout.canSeek) {
    for (const index of wanted) {
      signal?.throwIfAborted();
      for await (const piece of layout.read(index, index + 1)) found.push(piece.slice());
      if (performance.now() > until) break;
    }
    return found;
  }
  let first = 0;
  for await (const piece of layout.read(0, (wanted.at(-1) ?? -1) + 1)) {
    signal?.throwIfAborted();
    const end = first + piece.length / size;
    while (found.length < wanted.length && wanted[found.length]! < end) {
      const at = (wanted[found.length]! - first) * size;
      found.push(piece.slice(at, at + size));
    }
    first = end;
    if (performance.now() > until) break;
  }
  return found;
}
