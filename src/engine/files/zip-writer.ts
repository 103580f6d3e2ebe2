import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A file of an archive. */
export interface ZipMember {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The earliest date in a zip, in local time as zips store it. A fixed date makes the archive reproducible. */
const FIRST_DATE = new Date(1980, 0, 1);

/** Makes a zip archive of files in the given order. */
export async function makeZip(members: readonly ZipMember[]): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const { name, bytes } of members) {
    const { buffer: memory, byteOffset, length } = bytes;
    const options = { mtime: FIRST_DATE, forceDosTimestamp: true };
    zip.addBuffer(Buffer.from(memory as ArrayBuffer, byteOffset, length), name, options);
  }
  zip.end();
  return buffer(zip.outputStream);
}
