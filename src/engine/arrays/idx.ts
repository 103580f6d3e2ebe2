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
