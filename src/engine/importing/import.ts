import type { Column, DatasetInfo } from '../../contract/dataset.ts';
import { DEFAULT_IMAGE_SIZE, type ImageSize } from '../../contract/image-size.ts';
import { usingArrays } from '../arrays/open-arrays.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import { writeDatasetFiles } from '../data/dataset-files.ts';
import { writeNamedDataset } from '../data/dataset-names.ts';
import { importImages, type ImportImagesOptions } from './import-images.ts';
import { importArrays } from './arrays/import.ts';
import { describePaths, openSource, tableWithArrays } from './open-source.ts';
import { findOfficialSplit } from '../data/official-split.ts';
import { UniqueNames } from '../basics/unique-names.ts';

export type { ImportProgress } from '../basics/progress.ts';

/** Options of an import. */
export interface ImportOptions extends Omit<ImportImagesOptions, 'imageSize'> {
  /** Width and height of the images; the default size if left out. */
  readonly imageSize?: ImageSize | undefined;
  /** The data set's name; the source's name if left out. */
  readonly name?: string;
  /** A folder inside which links are followed, although they leave the source. */
  readonly followLinks?: string | undefined;
}

/** Makes the names of columns unique: a second `folder` becomes `folder 2`. */
function withUniqueNames(columns: readonly Column[]): Column[] {
  const unique = new UniqueNames((name, number) => `${name} ${number}`);
  return columns.map((column) => ({ ...column, name: unique.take(column.name) }));
}

/**
 * Imports a folder (with all folders in it), a zip or tar, a file of arrays or a single image into the
 * workspace, or several folders and images as one data set. Every image is cropped and resized; sub-folders and
 * label files become columns. Files that cannot be used are skipped and listed with the reason. The originals are
 * not changed.
 *
 * The data set appears when it is complete. Incomplete folders of killed imports are removed first.
 *
 * @param source - the folder or file, as the person named it; or several
 * @returns the new data set
 * @throws UnravelError `not-found`, `bad-input` (no image could be used, or the labels do not match), `cancelled`,
 * `disk-full`, `native`
 */
export async function importDataset(
  workspace: Workspace,
  source: string | readonly string[],
  { imageSize = DEFAULT_IMAGE_SIZE, ...others }: ImportOptions,
): Promise<DatasetInfo> {
  const options = { ...others, imageSize };
  await tidyWorkspace(workspace);
  const paths = typeof source === 'string' ? [source] : source;
  const opened = await openSource(paths, options);
  const { labels: given } = options;
  const table = typeof given === 'object' ? given[0] : given || undefined;
  if (opened.kind === 'arrays' && table !== undefined) throw tableWithArrays(table, opened.path);
  const name = (options.name?.trim() || opened.name).normalize('NFC');
  const write = writeNamedDataset(workspace, name, async (staging, id, takeName) => {
    const { names, channels, columns, labels, stretch, notes, skipped, duplicates } =
      opened.kind === 'arrays'
        ? await usingArrays(opened.open, (archive) => importArrays(staging, archive, options))
        : await importImages(staging, opened.path, opened.source, options);
    const named = withUniqueNames(columns.map(({ column }) => column));
    const split = findOfficialSplit(named.map((column, i) => ({ column, values: columns[i]!.values })));
    const info: DatasetInfo = {
      version: 1,
      id,
      name: await takeName(),
      kind: 'imported',
      created: new Date().toISOString(),
      images: names.length,
      imageSize,
      channels,
      crop: options.crop,
      ...(stretch ? { stretch } : {}),
      source: describePaths(paths),
      columns: named,
      ...(split ? { split } : {}),
      ...(labels ? { labels } : {}),
      ...(notes?.length ? { notes: [...notes] } : {}),
      skipped: [...skipped],
      duplicates: [...duplicates],
    };
    await writeDatasetFiles(staging, info, names, columns);
    return info;
  });
  return write.finally(() => {
    if (opened.kind === 'pictures') opened.source.close?.();
  });
}
