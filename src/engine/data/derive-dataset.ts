import type { DatasetInfo } from '../../contract/dataset.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { UniqueNames } from '../basics/unique-names.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import type { ColumnValues } from './columns.ts';
import { ImagesWriter, writeDatasetFiles } from './dataset-files.ts';
import { writeNamedDataset } from './dataset-names.ts';
import type { Dataset } from './dataset.ts';

/** Number of images that are copied at once. */
const CHUNK = 256;

function withUniqueNames(columns: readonly ColumnValues[]): ColumnValues[] {
  const unique = new UniqueNames((name, number) => `${name} ${number}`);
  return columns.map(({ column, values }) => ({
    column: { ...column, name: unique.take(column.name) },
    values,
  }));
}

/** A data set that is made of some images of another one. */
export interface Derived {
  readonly name: string;
  /** Which images, ascending. */
  readonly images: Uint32Array;
  /** Names of its columns that are left out. */
  readonly without?: readonly string[];
  /** Columns in addition to those of the other data set, with a value for each of `images`. */
  readonly further: readonly ColumnValues[];
  /** Sentences for the description. */
  readonly notes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a data set of some images of another one, with the same labels and further ones. Its official split is left out,
 * because its numbers were those of all images.
 *
 * @throws UnravelError `cancelled`, `disk-full`
 */
export async function deriveDataset(
  workspace: Workspace,
  from: Dataset,
  { name, images, without = [], further, notes, signal }: Derived,
): Promise<DatasetInfo> {
  const { split: _split, isDrawn: _isDrawn, seed: _seed, ...info } = from.info;
  const all = await from.names();
  const names = Array.from(images, (image) => all[image]!);
  const own: ColumnValues[] = [];
  for (const column of info.columns) {
    if (without.includes(column.name)) continue;
    const values = await from.column(column);
    own.push({ column, values: Float32Array.from(images, (image) => values[image]!) });
  }
  const columns = withUniqueNames([...own, ...further]);
  return writeNamedDataset(workspace, name, async (staging, id, takeName) => {
    const writer = await ImagesWriter.create(staging, info);
    try {
      for (let start = 0; start < images.length; start += CHUNK) {
        throwIfCancelled(signal);
        const chunk = images.subarray(start, start + CHUNK);
        await writer.append(await from.readImages(chunk), info.channels);
      }
      await writer.close();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    const derived: DatasetInfo = {
      ...info,
      ...{ id, name: await takeName(), kind: 'imported', created: new Date().toISOString() },
      images: images.length,
      columns: columns.map(({ column }) => column),
      notes: [...(info.notes ?? []), ...notes],
    };
    await writeDatasetFiles(staging, derived, names, columns);
    return derived;
  });
}

/** A data set of points without images. */
export interface Points {
  readonly name: string;
  readonly names: readonly string[];
  readonly columns: readonly ColumnValues[];
  /** The file of the points. */
  readonly source: string;
  readonly notes: readonly string[];
}

/** Makes a data set of points, which has names and labels; a grey square is shown in the place of each image. */
export async function createPoints(
  workspace: Workspace,
  { name, names, columns, source, notes }: Points,
): Promise<DatasetInfo> {
  await tidyWorkspace(workspace);
  const unique = withUniqueNames(columns);
  return writeNamedDataset(workspace, name, async (staging, id, takeName) => {
    const info: DatasetInfo = {
      ...{ version: 1, id, name: await takeName(), kind: 'points', created: new Date().toISOString() },
      ...{ images: names.length, imageSize: 32, channels: 1, crop: 'none', source },
      columns: unique.map(({ column }) => column),
      notes: [...notes],
      skipped: [],
      duplicates: [],
    };
    await writeDatasetFiles(staging, info, names, unique);
    return info;
  });
}
