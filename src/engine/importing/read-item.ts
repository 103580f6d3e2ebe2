import { statSync } from 'node:fs';
import { openTarReader, type TarEntry, type TarReader } from '../files/tar.ts';
import { openZipReader, type ZipEntry, type ZipReader } from '../files/zip-reader.ts';
import { systemPath } from './file-path.ts';
import { fileOf, isPath, type ImportItem, type ImportOrigin, type StoredFile } from './import-protocol.ts';
import { readPictureFile } from './read-file.ts';

/** Reads the files of a source, one after the other, in the calling thread. */
export interface ItemReader {
  /**
   * Reads a whole file.
   *
   * @throws UnreadableImage, UnravelError or the system's error
   */
  read(item: ImportItem): Buffer;
  close(): void;
}

/** Maximum size of a file with several pictures that is kept in memory until the next file. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;

/** Whether two are one file. Posting them to a thread makes copies. */
function isSameFile(a: StoredFile, b: StoredFile): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return false;
  return a.name === b.name;
}

/** Opens a source for reading. An archive is opened when its first file is read. */
export function openItemReader(origin: ImportOrigin): ItemReader {
  let zip: ZipReader | undefined;
  let tar: TarReader | undefined;
  let last: { readonly file: StoredFile; readonly bytes: Buffer } | undefined;
  const readFile = (file: StoredFile): Buffer => {
    if (isPath(file)) return readPictureFile(file);
    if (origin.kind === 'zip') return (zip ??= openZipReader(origin.path)).read(file as ZipEntry);
    if (origin.kind === 'tar') return (tar ??= openTarReader(origin.from)).read(file as TarEntry);
    throw new Error('an entry without an archive');
  };
  return {
    read(item) {
      const file = fileOf(item);
      if (file === item) return readFile(file);
      // The pictures of one file follow each other.
      if (last && isSameFile(last.file, file)) return last.bytes;
      last = undefined;
      const bytes = readFile(file);
      if (bytes.length <= MOST_KEPT_BYTES) last = { file, bytes };
      return bytes;
    },
    close() {
      zip?.close();
      tar?.close();
    },
  };
}

/** The number of bytes to read for a file, by the size in the file system or the archive. */
export function itemBytes(item: ImportItem): number {
  const file = fileOf(item);
  if (isPath(file)) return statSync(systemPath(file)).size;
  return 'compressedSize' in file ? file.size + file.compressedSize : file.size;
}
