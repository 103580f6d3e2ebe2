import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnravelError } from '../../contract/errors.ts';
import { openFile } from './open-file.ts';

/** Whether a file is compressed by gzip, by its first bytes. */
export function isGzip(path: string): boolean {
  const file = openFile(path);
  try {
    return file.read(0, 2).equals(Buffer.of(0x1f, 0x8b));
  } finally {
    file.close();
  }
}

/**
 * All bytes of a file, unpacked if it is compressed by gzip.
 *
 * @throws UnravelError `bad-input` if it is damaged
 */
export async function* unpackedBytes(path: string): AsyncGenerator<Buffer> {
  const isPacked = isGzip(path);
  const packed = createReadStream(path);
  const bytes = isPacked ? pipeline(packed, createGunzip(), () => undefined) : packed;
  try {
    yield* bytes as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new UnravelError('bad-input', `Could not read ${path}: it is damaged.`, {
      path,
      cause,
      hint: 'Download it again.',
    });
  } finally {
    packed.destroy();
    bytes.destroy();
  }
}

/** The first bytes of a file, unpacked: at least `length` if it has them. */
export async function unpackedStart(path: string, length: number): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of unpackedBytes(path)) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= length) break;
  }
  return start;
}
