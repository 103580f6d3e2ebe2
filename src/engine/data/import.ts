import { open, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { Column, DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFolderAtomic } from '../files/atomic.ts';
import type { Workspace } from '../workspace.ts';
import { writeDatasetFiles } from './dataset-files.ts';
import { makeDatasetId } from './dataset-id.ts';
import { openFolder, openImageFile } from './folder-source.ts';
import { importImages, type ImportedImages, type ImportImagesOptions } from './import-images.ts';
import { importNpz } from './import-npz.ts';
import { isImageName } from './source.ts';
import { removeStaleStaging } from './staging.ts';
import { openZip } from './zip-source.ts';

export type { ImportProgress } from './progress.ts';

/** How a data set is imported. */
export interface ImportOptions extends ImportImagesOptions {
  /** What to call the data set; the source's own name if left out. */
  readonly name?: string;
}

type SourceKind = 'folder' | 'zip' | 'npz' | 'image';

async function sourceKind(path: string): Promise<SourceKind> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new UnravelError('not-found', `There is no ${path}.`, {
      path,
      cause,
      hint: 'Check the name of the folder, zip or NPZ.',
    });
  });
  if (stats.isDirectory()) return 'folder';
  if (stats.isFile()) {
    if (extname(path).toLowerCase() === '.npz') return 'npz';
    const start = Buffer.alloc(4);
    const handle = await open(path, 'r').catch((cause: unknown) => {
      throw new UnravelError('bad-input', `Could not open ${path}.`, {
        path,
        cause,
        hint: 'Check that you may read it.',
      });
    });
    try {
      await handle.read(start, 0, 4, 0);
    } finally {
      await handle.close();
    }
    // A zip that holds nothing begins with its end.
    if (/^PK(\x03\x04|\x05\x06)$/.test(start.toString('latin1')) || extname(path).toLowerCase() === '.zip') {
      return 'zip';
    }
    if (isImageName(path)) return 'image';
  }
  throw new UnravelError('bad-input', `${path} is neither a folder, a zip, an NPZ nor an image.`, {
    path,
    hint: 'Give a folder of images, a zip of them, or an NPZ in dSprites’ layout.',
  });
}

async function readSource(
  kind: SourceKind,
  path: string,
  staging: string,
  options: ImportOptions,
): Promise<ImportedImages> {
  if (kind === 'npz') return importNpz(staging, path, options);
  if (kind === 'zip') return importImages(staging, path, await openZip(path), options);
  const source = kind === 'folder' ? await openFolder(path, options.signal) : openImageFile(path);
  return importImages(staging, path, source, options);
}

/** Columns are found by name: a second `folder` becomes `folder 2`. */
function withUniqueNames(columns: readonly Column[]): Column[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let n = 2; taken.has(name); n++) name = `${column.name} ${n}`;
    taken.add(name);
    return { ...column, name };
  });
}

/**
 * Imports a folder (with all folders in it), a zip, an NPZ in dSprites' layout or a single image into the
 * workspace: every image cut, resized to 64×64 and packed; sub-folders and files of labels as columns. Files that
 * cannot be used are skipped and listed with the reason. The originals are only read.
 *
 * The data set appears when it is complete. What killed imports have left behind is removed first.
 *
 * @param source - the folder or file, as the person named it
 * @returns the new data set
 * @throws UnravelError `not-found`, `bad-input` (nothing could be used, or the labels do not fit), `cancelled`,
 *   `disk-full`, `native`
 */
export async function importDataset(
  workspace: Workspace,
  source: string,
  options: ImportOptions,
): Promise<DatasetInfo> {
  await removeStaleStaging(workspace.datasets);
  const path = resolve(source);
  const kind = await sourceKind(path);
  const ownName = kind === 'folder' ? basename(path) : basename(path, extname(path));
  const name = (options.name?.trim() || ownName).normalize('NFC');
  const id = makeDatasetId(name);
  return writeFolderAtomic(join(workspace.datasets, id), async (staging) => {
    const { names, channels, columns, labels, skipped, duplicates } = await readSource(
      kind,
      path,
      staging,
      options,
    );
    const info: DatasetInfo = {
      version: 1,
      id,
      name,
      kind: 'imported',
      created: new Date().toISOString(),
      images: names.length,
      channels,
      crop: options.crop,
      source,
      columns: withUniqueNames(columns.map(({ column }) => column)),
      ...(labels ? { labels } : {}),
      skipped: [...skipped],
      duplicates: [...duplicates],
    };
    await writeDatasetFiles(staging, info, names, columns);
    return info;
  });
}
