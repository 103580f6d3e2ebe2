import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A file of an archive. */
export interface ZipMember {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file of an archive whose contents are made when it is their turn. */
export interface LazyZipMember {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly make: () => Promise<Uint8Array>;
}

/** The earliest date in a zip, in local time as zips store it. A fixed date makes the archive reproducible. */
const STAMP = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true } as const;

/** Makes a zip archive of files in the given order. */
export async function makeZip(members: readonly ZipMember[]): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const { name, bytes } of members) {
    const { buffer: memory, byteOffset, length } = bytes;
    zip.addBuffer(Buffer.from(memory as ArrayBuffer, byteOffset, length), name, STAMP);
  }
  zip.end();
  return buffer(zip.outputStream);
}

/**
 * Makes a zip archive piece by piece: a member's contents are in memory only while it is written. Nothing is compressed,
 * because images and weights hardly shrink.
 *
 * @throws the error of a member that cannot be made
 */
export async function* zipStream(members: readonly LazyZipMember[]): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream.pipe(new PassThrough());
  const fail = (error: unknown): void => void output.destroy(error as Error);
  zip.on('error', fail);
  for (const { name, make } of members) {
    zip.addReadStreamLazy(name, { ...STAMP, compress: false }, (give) => {
      make().then((bytes) => give(null, Readable.from([Buffer.from(bytes)])), fail);
    });
  }
  zip.end();
  for await (const chunk of output) yield chunk as Buffer;
}
