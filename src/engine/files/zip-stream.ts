import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** A file of an archive whose contents are made when it is their turn. */
export interface LazyZipMember {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly make: () => Promise<Uint8Array>;
}

/** The earliest date in a zip, so that equal contents make equal archives. */
const FIRST_DATE = new Date(1980, 0, 1);

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
    const options = { mtime: FIRST_DATE, forceDosTimestamp: true, compress: false };
    zip.addReadStreamLazy(name, options, (give) => {
      make().then((bytes) => give(null, Readable.from([Buffer.from(bytes)])), fail);
    });
  }
  zip.end();
  for await (const chunk of output) yield chunk as Buffer;
}
