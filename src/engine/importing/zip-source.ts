import { basename, dirname, extname, join } from 'node:path';
import { listZip } from '../files/zip.ts';
import { streamZipEntry } from '../files/zip-reader.ts';
import { isTableName, type LabelFile } from '../labels/label-file.ts';
import { realBytePath, tablesAround } from './around.ts';
import { bytePath } from './file-path.ts';
import { byName, isHidden, isImageName, type ImageSource } from './source.ts';

/**
 * Finds the images of a zip archive. Entries with paths outside of it are refused.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openZip(path: string): Promise<ImageSource> {
  const { entries, refused } = await listZip(path);
  const visible = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byName(a.name, b.name));
  const images = visible.filter(({ name }) => isImageName(name));
  const own = visible
    .filter(({ name }) => isTableName(name))
    .map((entry): LabelFile => ({
      file: entry.name,
      place: 'inside',
      open: () => streamZipEntry(path, entry),
    }));
  const around = await tablesAround(await realBytePath(bytePath(path)));
  return {
    origin: { kind: 'zip', path },
    names: images.map(({ name }) => name),
    item: (index) => images[index]!,
    refused: refused
      .map(({ name, reason }) => ({ file: name, reason }))
      .sort((a, b) => byName(a.file, b.file)),
    root: join(dirname(path), basename(path, extname(path))),
    labelFiles: [...own, ...around],
  };
}
