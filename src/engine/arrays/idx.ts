import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { decodeNumbers, NUMBER_BYTES, type NumberType } from '../files/numbers.ts';
import { rowElements, type ArrayArchive, type StoredArray } from './archive.ts';
import { wholeRows } from './row-stream.ts';
import { unpackedBytes } from './unpacked.ts';

/** The types of numbers by the third byte of a file. */
const TYPES: Readonly<Record<number, NumberType>> = {
  0x08: 'uint8',
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};
/** The names of MNIST's files, and of those that keep to them. */
const NAME = /^(.*)(images|labels)([-.]idx)\d(-ubyte)?(\.gz)?$/i;

/** True for a name of MNIST's format. */
export function isIdxName(name: string): boolean {
  return /[-.]idx\d(-ubyte)?(\.gz)?$/i.test(name) || /\.idx(\.gz)?$/i.test(name);
}

function broken(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    hint: 'Download it again.',
  });
}

async function openArray(path: string): Promise<StoredArray> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of unpackedBytes(path)) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= 4 && start.length >= 4 + 4 * start[3]!) break;
  }
  const type = TYPES[start[2] ?? -1];
  const rank = start[3] ?? 0;
  if (start[0] !== 0 || start[1] !== 0 || !type || rank === 0 || start.length < 4 + 4 * rank) {
    throw broken(path, 'it is not in the idx format of MNIST');
  }
  const shape = Array.from({ length: rank }, (_, axis) => start.readUInt32BE(4 + 4 * axis));
  const rowBytes = rowElements({ shape }) * NUMBER_BYTES[type];
  return {
    type,
    shape,
    isReversed: false,
    canSeek: false,
    async *rows(from, to) {
      if (rowBytes === 0) return;
      let read = 0;
      const skip = 4 + 4 * rank + from * rowBytes;
      for await (const piece of wholeRows(unpackedBytes(path), skip, rowBytes, to - from, false)) {
        read += piece.length / rowBytes;
        yield decodeNumbers(type, piece as Buffer<ArrayBuffer>, true);
      }
      if (read < to - from) throw broken(path, 'it ends early');
    },
  };
}

/**
 * Opens a file in the idx format of MNIST, packed or not, with the labels or the images that lie beside it.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openIdx(path: string): Promise<ArrayArchive> {
  const file = basename(path);
  const [, start = '', kind = '', middle = '', end = ''] = NAME.exec(file) ?? [];
  const arrays = new Map<string, StoredArray>();
  const own = kind === '' ? 'images' : kind.toLowerCase();
  arrays.set(own, await openArray(path));
  if (kind !== '') {
    const other = own === 'images' ? 'labels' : 'images';
    const folder = path.slice(0, path.length - file.length);
    const beside = ['', '.gz']
      .map((packed) => `${folder}${start}${other}${middle}${other === 'labels' ? 1 : 3}${end}${packed}`)
      .find((candidate) => existsSync(candidate));
    if (beside !== undefined) arrays.set(other, await openArray(beside));
  }
  return { path, kind: 'idx file', arrays, refused: [], close: () => undefined };
}

/** The files of images among MNIST's: those for training and for test, each packed or not. */
export interface IdxPair {
  readonly train?: string;
  readonly test?: string;
}

/**
 * The files of images of a folder of MNIST's format.
 *
 * @returns undefined if there are none, or if they are of several data sets
 */
export function idxPair(paths: readonly string[]): IdxPair | undefined {
  const images = paths.filter((path) => NAME.exec(basename(path))?.[2]?.toLowerCase() === 'images');
  // A packed file beside the same one unpacked is the same.
  const own = images.filter((path) => !images.includes(path.replace(/\.gz$/i, '')) || !/\.gz$/i.test(path));
  const test = own.filter((path) => /(^|[^a-z])(t10k|test)[^a-z]/i.test(basename(path)));
  const train = own.filter((path) => !test.includes(path));
  if (own.length === 0 || test.length > 1 || train.length > 1) return undefined;
  return { ...(train[0] ? { train: train[0] } : {}), ...(test[0] ? { test: test[0] } : {}) };
}

/**
 * Opens the files of a folder of MNIST's format, each with the labels beside it, as one archive with its official split.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openIdxPair(folder: string, { train, test }: IdxPair): Promise<ArrayArchive> {
  if (train === undefined || test === undefined) return openIdx((train ?? test)!);
  const arrays = new Map<string, StoredArray>();
  for (const [split, path] of [['train', train] as const, ['test', test] as const]) {
    for (const [name, array] of (await openIdx(path)).arrays) arrays.set(`${split}_${name}`, array);
  }
  return { path: folder, kind: 'folder of idx files', arrays, refused: [], close: () => undefined };
}
