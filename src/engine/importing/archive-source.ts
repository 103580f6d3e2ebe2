import type { SkippedFile } from '../../contract/dataset.ts';
import { isTableName, type LabelFile } from '../labels/label-file.ts';
import { realBytePath, tablesAround } from './around.ts';
import { bytePath } from './file-path.ts';
import type { ImportItem } from './import-protocol.ts';
import {
  byName,
  HIDDEN_REASON,
  INNER_ARCHIVE_REASON,
  isArchiveName,
  isHidden,
  isHiddenImage,
  isImageName,
  type ImageSource,
} from './source.ts';

/** The entries of an archive. */
interface Listing<E> {
  readonly entries: readonly E[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** Names of further files, whose bytes are not kept. */
  readonly untaken?: readonly string[];
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
  { entries, refused, untaken = [] }: Listing<E>,
  open: (entry: E) => AsyncIterable<Buffer>,
): Promise<Omit<ImageSource, 'origin' | 'root' | 'close'>> {
  const visible = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byName(a.name, b.name));
  const images = visible.filter(({ name }) => isImageName(name));
  const own = visible
    .filter(({ name }) => isTableName(name))
    .map((entry): LabelFile => ({ file: entry.name, place: 'inside', open: () => open(entry) }));
  const all = [...entries.map(({ name }) => name), ...untaken];
  const unused = [
    ...all.filter(isHiddenImage).map((file) => ({ file, reason: HIDDEN_REASON })),
    ...all
      .filter((name) => isArchiveName(name) && !isHidden(name))
      .map((file) => ({ file, reason: INNER_ARCHIVE_REASON })),
  ];
  const around = await tablesAround(await realBytePath(bytePath(path)));
  return {
    names: images.map(({ name }) => name),
    item: (index) => images[index]!,
    refused: [...refused.map(({ name, reason }): SkippedFile => ({ file: name, reason })), ...unused].sort(
      (a, b) => byName(a.file, b.file),
    ),
    isEmpty: all.length === 0 && refused.length === 0,
    other: all.find((name) => !isHidden(name) && !isImageName(name) && !isTableName(name)),
    labelFiles: [...own, ...around],
  };
}
