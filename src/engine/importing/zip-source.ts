import { basename, dirname, extname, join } from 'node:path';
import { listZip } from '../files/zip.ts';
import { streamZipEntry } from '../files/zip-reader.ts';
import { archiveSource } from './archive-source.ts';
import type { ImageSource } from './source.ts';

/**
 * Finds the images of a zip archive. Entries with paths outside of it are refused.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openZip(path: string): Promise<ImageSource> {
  return {
    ...(await archiveSource(path, await listZip(path), (entry) => streamZipEntry(path, entry))),
    origin: { kind: 'zip', path },
    root: join(dirname(path), basename(path, extname(path))),
  };
}
