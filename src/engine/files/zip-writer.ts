import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A file of an archive. */
export interface ZipMember {
  /** With / between folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The first date that a zip knows, in local time as zips have it: the same files give the same bytes. */
const FIRST_DATE = new Date(1980, 0, 1);

/** An archive of some files, in their order. */
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
