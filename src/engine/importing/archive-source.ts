import type { SkippedFile } from '../../contract/dataset.ts';
import { isTableName, type LabelFile } from '../labels/label-file.ts';
import { realBytePath, tablesAround } from './around.ts';
import { bytePath } from './file-path.ts';
import type { ImportItem } from './import-protocol.ts';
import { byName, isHidden, isImageName, type ImageSource } from './source.ts';

/** The entries of an archive. */
interface Listing<E> {
  readonly entries: readonly E[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The images among an archive's entries, and the tables in it and near it.
 *
 * @param path - the archive's
 * @param listing - what it holds
 * @param open - reads the bytes of an entry, in pieces
 * @returns the source without where it is read from and its own name
 */
export async function archiveSource<E extends ImportItem & { readonly name: string }>(
  path: string,
  { entries, refused }: Listing<E>,
  open: (entry: E) => AsyncIterable<Buffer>,
): Promise<Omit<ImageSource, 'origin' | 'root' | 'close'>> {
  const visible = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byName(a.name, b.name));
  const images = visible.filter(({ name }) => isImageName(name));
  const own = visible
    .filter(({ name }) => isTableName(name))
    .map((entry): LabelFile => ({ file: entry.name, place: 'inside', open: () => open(entry) }));
  const around = await tablesAround(await realBytePath(bytePath(path)));
  return {
    names: images.map(({ name }) => name),
    item: (index) => images[index]!,
    refused: refused
      .map(({ name, reason }): SkippedFile => ({ file: name, reason }))
      .sort((a, b) => byName(a.file, b.file)),
    labelFiles: [...own, ...around],
  };
}
