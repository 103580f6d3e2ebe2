import type { Contrast } from '../../contract/contrast.ts';
import type { Column } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { imageBytes } from '../../contract/image-size.ts';
import { checkRows, TABLE_LIMITS } from '../files/table-limits.ts';
import { openNpz, type NpzArray } from '../files/npz.ts';
import { areaResize } from '../image-files/area-resize.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { typeColumn, type ColumnValues } from '../data/columns.ts';
import { cropBox } from '../image-files/crop.ts';
import { ImagesWriter } from '../data/dataset-files.ts';
import type { ImageForm } from '../image-files/read-image.ts';
import type { ImportedImages } from './import-images.ts';
import { createProgress, type ImportProgress } from '../basics/progress.ts';
import { checkSize, UnreadableImage } from '../image-files/unreadable.ts';

/** The names of dSprites' six latents (Matthey et al. 2017), which its file contains only in a pickle. */
const DSPRITES_LATENTS = [
  'colour',
  'shape',
  'scale',
  'orientation',
  'horizontal position',
  'vertical position',
];
const DSPRITES_SHAPES = ['square', 'ellipse', 'heart'];
const IMAGE_ARRAYS = ['imgs', 'images'];
/**
 * Maximum number of images. A small archive may state any number, because equal bytes are compressed a thousand to
 * one.
 */
const MOST_IMAGES = 10_000_000;
/** Integers with at most this many distinct values are categories. */
const MAX_CLASSES = 20;

function refuse(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not import ${path}: ${what}.`, {
    path,
    hint: 'Save the images with numpy.savez as “imgs” or “images”, uint8, [N, height, width] or [N, height, width, 3].',
  });
}

/** The images of an archive, and their layout. */
export interface NpzImages {
  readonly array: NpzArray;
  readonly images: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/**
 * Finds the array with the images.
 *
 * @throws UnravelError `bad-input` if there is none
 */
export function findNpzImages(path: string, arrays: ReadonlyMap<string, NpzArray>): NpzImages {
  const name = IMAGE_ARRAYS.find((candidate) => arrays.has(candidate));
  if (name === undefined) {
    throw refuse(
      path,
      `it has no array “imgs” or “images” (${[...arrays.keys()].join(', ') || 'no arrays at all'})`,
    );
  }
  const array = arrays.get(name)!;
  const { dtype, shape } = array.header;
  const [images, height, width, channels = 1] = shape;
  const fits = shape.length === 3 || (shape.length === 4 && (channels === 1 || channels === 3));
  if (images === undefined || height === undefined || width === undefined || !fits) {
    throw refuse(path, `its “${name}” is [${shape.join(', ')}]`);
  }
  if (dtype !== '|u1' && dtype !== '|b1')
    throw refuse(path, `its “${name}” are numbers of type ${dtype}, not bytes`);
  if (images === 0) throw refuse(path, 'it holds no images');
  if (images > MOST_IMAGES) {
    throw refuse(
      path,
      `it holds ${images.toLocaleString('en')} images, and at most ${MOST_IMAGES.toLocaleString('en')} are read`,
    );
  }
  try {
    checkSize(width, height);
  } catch (cause) {
    throw cause instanceof UnreadableImage ? refuse(path, cause.message) : cause;
  }
  return { array, images, width, height, channels: channels as 1 | 3 };
}

/** True for images of 0 and 1, such as dSprites. */
async function isMask({ array, width, height, channels }: NpzImages, signal?: AbortSignal): Promise<boolean> {
  for await (const bytes of array.rows(width * height * channels)) {
    throwIfCancelled(signal);
    let all = 0;
    for (const byte of bytes) all |= byte;
    if (all > 1) return false;
  }
  return true;
}

function constant(values: ArrayLike<number>, start: number, stride: number): boolean {
  for (let i = start; i < values.length; i += stride) if (values[i] !== values[start]) return false;
  return true;
}

/** Converts a latent to a column: few distinct integers are categories, other numbers are continuous. */
function latentColumn(name: string, values: Float32Array, categories?: readonly string[]): ColumnValues {
  const distinct = new Set<number>();
  for (const value of values) {
    distinct.add(value);
    if (distinct.size > MAX_CLASSES) break;
  }
  const sorted = [...distinct].sort((a, b) => a - b);
  const isClass = sorted.length <= MAX_CLASSES && sorted.every(Number.isInteger);
  if (!isClass) return { column: { name, type: 'continuous', factor: true }, values };
  const names = categories?.length === sorted.length ? [...categories] : sorted.map(String);
  const column: Column = { name, type: 'categorical', categories: names, factor: true };
  return { column, values: values.map((value) => sorted.indexOf(value)) };
}

function readTable(path: string, name: string, array: NpzArray, images: number): ColumnValues[] {
  const { shape } = array.header;
  const [rows = 0, width = 1] = shape;
  if (rows !== images) throw refuse(path, `its “${name}” has ${rows} rows for ${images} images`);
  if (shape.length > 2) throw refuse(path, `its “${name}” is [${shape.join(', ')}]`);
  if (width > TABLE_LIMITS.columns) {
    throw refuse(
      path,
      `its “${name}” has ${width.toLocaleString('en')} columns, and at most ${TABLE_LIMITS.columns.toLocaleString('en')} are read`,
    );
  }
  checkRows(path, images, Math.max(width, 1));
  const { data } = array.read();
  const isSprites = width === DSPRITES_LATENTS.length;
  const columns: ColumnValues[] = [];
  for (let i = 0; i < width; i++) {
    // A constant factor, such as dSprites' colour, carries no information.
    if (constant(data, i, width)) continue;
    const values = Float32Array.from({ length: images }, (_, row) => data[row * width + i]!);
    const latent = isSprites ? DSPRITES_LATENTS[i]! : `latent ${i + 1}`;
    columns.push(latentColumn(latent, values, latent === 'shape' ? DSPRITES_SHAPES : undefined));
  }
  return columns;
}

/** Reads an array with one number per image as a label. */
function readLabelArray(name: string, array: NpzArray): ColumnValues | undefined {
  const { data } = array.read();
  const texts = [...new Set<number>(data)];
  const codeOf = new Map(texts.map((value, code) => [value, code]));
  return typeColumn({
    name,
    texts: texts.map(String),
    codes: Int32Array.from(data, (value) => codeOf.get(value)!),
  });
}

/** Reads the labels and factors of an archive's images. */
export function readNpzColumns(
  path: string,
  arrays: ReadonlyMap<string, NpzArray>,
  images: number,
): ColumnValues[] {
  const latents = ['latents_values', 'latents_classes'].find((name) => arrays.has(name));
  const columns = latents === undefined ? [] : readTable(path, latents, arrays.get(latents)!, images);
  for (const [name, array] of arrays) {
    const { shape } = array.header;
    if (shape.length !== 1 || shape[0] !== images) continue;
    if (columns.length >= TABLE_LIMITS.columns) break;
    const column = readLabelArray(name, array);
    if (column) columns.push(column);
  }
  return columns;
}

/**
 * Imports NumPy's `.npz` in dSprites' layout: `imgs` (bytes; 0 and 1 become 0 and 255) with `latents_values` or
 * `latents_classes`, or plain `images`. Arrays of Python objects, such as dSprites' `metadata`, are ignored. Images
 * are read in pieces, because dSprites decompresses to three gigabytes.
 *
 * @param staging - the folder in which `images.u8` is written
 * @throws UnravelError `bad-input`, `cancelled`
 */
export async function importNpz(
  staging: string,
  path: string,
  options: ImageForm & {
    readonly contrast?: Contrast | undefined;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: ImportProgress) => void;
  },
): Promise<ImportedImages> {
  const { crop, imageSize, contrast, signal, onProgress } = options;
  if (Array.isArray(contrast)) {
    throw new UnravelError(
      'bad-input',
      `The contrast of ${path} cannot be stretched: its images are bytes.`,
      {
        path,
        hint: 'Import it without a stretch, or import pictures.',
      },
    );
  }
  const arrays = await openNpz(path);
  const layout = findNpzImages(path, arrays);
  const { array, images, width, height, channels } = layout;
  const box = cropBox(crop, width, height);
  if (!box)
    throw refuse(path, `its images are ${width}×${height} pixels, not of the shape of CelebA's faces`);
  const columns = readNpzColumns(path, arrays, images);
  const scale = (await isMask(layout, signal)) ? 255 : 1;

  const sourceBytes = width * height * channels;
  const shape = { imageSize, channels };
  const storedBytes = imageBytes(shape);
  const isFinished = width === imageSize && height === imageSize;
  const progress = createProgress(images);
  const writer = await ImagesWriter.create(staging, shape);
  try {
    for await (const piece of array.rows(sourceBytes)) {
      throwIfCancelled(signal);
      const source = scale === 1 ? piece : Uint8Array.from(piece, (byte) => byte * scale);
      const count = source.length / sourceBytes;
      let packed: Uint8Array = source;
      if (!isFinished) {
        packed = new Uint8Array(count * storedBytes);
        for (let i = 0; i < count; i++) {
          const data = source.subarray(i * sourceBytes, (i + 1) * sourceBytes);
          const into = packed.subarray(i * storedBytes, (i + 1) * storedBytes);
          areaResize({ width, height, pixelBytes: channels, channels, data }, box, imageSize, into);
        }
      }
      await writer.append(packed, channels);
      onProgress?.({ ...progress(writer.count), skipped: 0 });
    }
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const digits = String(images - 1).length;
  const names = Array.from({ length: images }, (_, i) => String(i).padStart(digits, '0'));
  return { names, channels, columns, skipped: [], duplicates: [] };
}
