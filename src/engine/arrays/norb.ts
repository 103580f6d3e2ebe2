import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { decodeNumbers, NUMBER_BYTES, type Numbers, type NumberType } from '../files/numbers.ts';
import {
  readElements,
  rowElements,
  type ArrayArchive,
  type LabelMeaning,
  type StoredArray,
} from './archive.ts';
import { columnArray } from './made-array.ts';
import { openFile } from './open-file.ts';
import { wholeRows } from './row-stream.ts';
import { isGzip, unpackedBytes, unpackedStart } from './unpacked.ts';

// smallNORB (LeCun, Huang and Bottou 2004): for each part of the split a file of images, one of categories and one of
// the other factors, in a format of its own that has the extension of MATLAB's.

/** The types of numbers by the first four bytes of a file, which is always little-endian. */
const TYPES: Readonly<Record<number, NumberType>> = {
  0x1e3d4c51: 'float32',
  0x1e3d4c53: 'float64',
  0x1e3d4c54: 'int32',
  0x1e3d4c55: 'uint8',
  0x1e3d4c56: 'int16',
};
const MOST_AXES = 8;
const NAME = /-(dat|cat|info)\.mat(\.gz)?$/i;
const CATEGORIES = ['animal', 'human', 'airplane', 'truck', 'car'];
/** The most bytes of a table of labels. */
const MOST_LABEL_BYTES = 64 * 2 ** 20;
const FACTOR: LabelMeaning = { isFactor: true };

/** The columns of a file of further factors, and how their numbers are read. */
const INFO: readonly { readonly name: string; readonly value: (stored: number) => number }[] = [
  { name: 'instance', value: (stored) => stored },
  // In degrees above the horizon, and around the toy.
  { name: 'elevation', value: (stored) => 30 + 5 * stored },
  { name: 'azimuth', value: (stored) => 10 * stored },
  { name: 'lighting', value: (stored) => stored },
];

/** True for the first bytes of a file of smallNORB. */
export function isNorbStart(start: Buffer): boolean {
  return start.length >= 4 && Object.hasOwn(TYPES, start.readUInt32LE(0));
}

/** True for a name that a file of smallNORB has. */
export function isNorbName(name: string): boolean {
  return NAME.test(name);
}

function broken(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    hint: 'Download it again.',
  });
}

/** Opens one file: an array of numbers. */
async function openMatrix(path: string): Promise<StoredArray> {
  const start = await unpackedStart(path, 8 + 4 * MOST_AXES);
  const type = isNorbStart(start) ? TYPES[start.readUInt32LE(0)]! : undefined;
  const rank = start.length >= 8 ? start.readUInt32LE(4) : 0;
  // At least three sizes are stored, also of a list.
  const offset = 8 + 4 * Math.max(3, rank);
  if (type === undefined || rank === 0 || rank > MOST_AXES || start.length < offset) {
    throw broken(path, 'it is not in the format of smallNORB');
  }
  const shape = Array.from({ length: rank }, (_, axis) => start.readUInt32LE(8 + 4 * axis));
  const rowBytes = rowElements({ shape }) * NUMBER_BYTES[type];
  const isPacked = isGzip(path);
  async function* fromFile(position: number): AsyncGenerator<Buffer> {
    const file = openFile(path);
    try {
      yield* file.stream(position);
    } finally {
      file.close();
    }
  }
  return {
    type,
    shape,
    isReversed: false,
    canSeek: !isPacked,
    async *rows(from, to) {
      if (rowBytes === 0 || to <= from) return;
      const position = offset + from * rowBytes;
      const [bytes, skip] = isPacked ? [unpackedBytes(path), position] : [fromFile(position), 0];
      let read = 0;
      for await (const piece of wholeRows(bytes, skip, rowBytes, to - from, false)) {
        read += piece.length / rowBytes;
        yield decodeNumbers(type, piece as Buffer<ArrayBuffer>);
      }
      if (read < to - from) throw broken(path, 'it ends early');
    },
  };
}

/** The first of the two pictures of each pair. */
function firstOfPairs(pairs: StoredArray): StoredArray {
  const [count = 0, , height = 0, width = 0] = pairs.shape;
  const size = height * width;
  return {
    ...pairs,
    shape: [count, height, width],
    async *rows(from, to) {
      for await (const piece of pairs.rows(from, to)) {
        const numbers = piece as Uint8Array;
        const rows = numbers.length / (2 * size);
        const first = numbers.slice(0, rows * size);
        for (let row = 0; row < rows; row++) {
          first.set(numbers.subarray(2 * row * size, (2 * row + 1) * size), row * size);
        }
        yield first as Numbers;
      }
    },
  };
}

/** The file of another kind that belongs to a file of images, packed or not. */
function beside(path: string, kind: string): string | undefined {
  const plain = path.replace(NAME, `-${kind}.mat`);
  return [plain, `${plain}.gz`].find((candidate) => existsSync(candidate));
}

/** Reads a file of labels of so many images; undefined where it does not exist. */
async function labelsOf(
  path: string,
  kind: string,
  images: number,
  columns: number,
): Promise<Numbers | undefined> {
  const file = beside(path, kind);
  if (file === undefined) return undefined;
  const array = await openMatrix(file);
  const [rows, width = 1] = array.shape;
  if (rows !== images || width !== columns) {
    throw broken(file, `it is [${array.shape.join(', ')}], and there are ${images} images`);
  }
  if (rows * columns * 8 > MOST_LABEL_BYTES) throw broken(file, 'it is too large');
  return (await readElements(array)) as Numbers;
}

/** The arrays of one part of the split, by their names. */
async function openPart(path: string): Promise<Map<string, StoredArray>> {
  const array = await openMatrix(path);
  const isPairs = array.shape.length === 4 && array.shape[1] === 2;
  const images = array.shape[0]!;
  const arrays = new Map([['images', isPairs ? firstOfPairs(array) : array]]);
  const categories = await labelsOf(path, 'cat', images, 1);
  if (categories) {
    arrays.set('category', columnArray('int32', categories, { ...FACTOR, categories: CATEGORIES }));
  }
  const info = await labelsOf(path, 'info', images, INFO.length);
  INFO.forEach(({ name, value }, column) => {
    if (!info) return;
    const values = Int32Array.from({ length: images }, (_, i) =>
      value(Number(info[i * INFO.length + column])),
    );
    arrays.set(name, columnArray('int32', values, FACTOR));
  });
  return arrays;
}

/**
 * Opens files of smallNORB with the labels that lie beside them. Of the two pictures of each pair the first is taken, as
 * in Locatello et al.'s disentanglement_lib.
 *
 * @param paths - one of the files of each part
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openNorb(paths: readonly string[]): Promise<ArrayArchive> {
  const images = new Set(paths.map((path) => (NAME.test(path) ? (beside(path, 'dat') ?? path) : path)));
  const arrays = new Map<string, StoredArray>();
  for (const path of [...images].sort()) {
    const split = /train/i.test(basename(path)) ? 'train' : 'test';
    for (const [name, array] of await openPart(path)) {
      arrays.set(images.size > 1 ? `${split}_${name}` : name, array);
    }
  }
  const path = paths[0]!;
  const isSmallNorb = arrays.has('category') || arrays.has('train_category');
  return {
    path,
    kind: 'smallNORB file',
    arrays,
    refused: [],
    ...(isSmallNorb
      ? { notes: ['Of each pair of smallNORB the first camera’s picture was taken; angles are in degrees.'] }
      : {}),
    close: () => undefined,
  };
}
