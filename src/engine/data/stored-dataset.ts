import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Column, DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { imageBytes } from '../../contract/image-size.ts';
import { openRegularFile, readJsonFile } from '../../system/read-file.ts';
import { DATASET_FILES, readAll } from './dataset-files.ts';
import type { Dataset } from './dataset.ts';

/** The grey of the squares in the place of the images that points lack. */
const POINT_GREY = 160;

const NamesSchema = v.array(v.string());
/** Maximum size of the names, which must fit into one string: ten million names of forty characters. */
const MOST_NAMES_BYTES = 500_000_000;

function broken(info: DatasetInfo, path: string, what: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `The data set ${info.name} is damaged: ${path} ${what}.`, {
    path,
    cause,
    hint: `Import it again, and remove this one (${info.id}).`,
  });
}

/**
 * Opens a file of the data set and checks its size against the description before memory is allocated.
 *
 * @throws UnravelError if it is missing, not a regular file, or of another size
 */
async function openOfSize(info: DatasetInfo, path: string, expected: number): Promise<FileHandle> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    const isMissing = cause instanceof UnravelError && cause.code === 'not-found';
    throw broken(info, path, isMissing ? 'is missing' : 'is not a regular file', cause);
  });
  const { size } = await file.stat();
  if (size === expected) return file;
  await file.close();
  throw broken(info, path, `has ${size} bytes instead of ${expected}`);
}

/** @throws UnravelError `bad-input` for an index that is out of range */
export function checkIndices(info: DatasetInfo, indices: ArrayLike<number>): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (Number.isInteger(index) && index >= 0 && index < info.images) continue;
    throw new UnravelError('bad-input', `The data set ${info.name} has no image ${index}.`, {
      hint: `Its images are numbered 0 to ${info.images - 1}.`,
    });
  }
}

/**
 * The index of a column in a data set's columns.
 *
 * @throws UnravelError `not-found`
 */
export function columnIndex(info: DatasetInfo, column: Column): number {
  const index = info.columns.findIndex(({ name }) => name === column.name);
  if (index >= 0) return index;
  throw new UnravelError('not-found', `The data set ${info.name} has no column ${column.name}.`, {
    hint: `It has: ${info.columns.map(({ name }) => name).join(', ') || 'none'}.`,
  });
}

/**
 * Opens a data set whose images are stored. Images are read from the file on demand, so their number does not
 * affect the memory.
 *
 * @param folder - its folder
 * @param info - its `dataset.json`
 * @throws UnravelError `bad-input` if a file is missing or too short
 */
export async function openStored(folder: string, info: DatasetInfo): Promise<Dataset> {
  const bytes = imageBytes(info);
  const imagesPath = join(folder, DATASET_FILES.images);
  const columnsPath = join(folder, DATASET_FILES.columns);
  const namesPath = join(folder, DATASET_FILES.names);
  const openColumns = (): Promise<FileHandle> =>
    openOfSize(info, columnsPath, info.columns.length * info.images * 4);
  await (await openColumns()).close();
  // Points have no images.
  const file = info.kind === 'points' ? undefined : await openOfSize(info, imagesPath, info.images * bytes);
  let names: readonly string[] | undefined;

  return {
    info,
    async names() {
      if (names) return names;
      const found = await readJsonFile(namesPath, {
        schema: NamesSchema,
        mostBytes: MOST_NAMES_BYTES,
        otherwise: 'is not a list of names',
        hint: `Import the images again, and remove this data set (${info.id}).`,
      }).catch((cause: unknown) => {
        throw broken(info, namesPath, 'could not be read', cause);
      });
      if (found.length !== info.images) throw broken(info, namesPath, `does not name ${info.images} images`);
      names = found;
      return names;
    },
    async column(column) {
      const place = columnIndex(info, column);
      const columns = await openColumns();
      const bytes = new Uint8Array(info.images * 4);
      try {
        await readAll(columns, bytes, bytes.length, place * bytes.length);
      } catch (cause) {
        throw broken(info, columnsPath, 'could not be read', cause);
      } finally {
        await columns.close();
      }
      return new Float32Array(bytes.buffer);
    },
    async readImages(indices) {
      checkIndices(info, indices);
      const into = new Uint8Array(indices.length * bytes);
      if (!file) return into.fill(POINT_GREY);
      const reads: Promise<void>[] = [];
      for (let from = 0; from < indices.length;) {
        let to = from + 1;
        // Consecutive images are read at once.
        while (to < indices.length && indices[to] === indices[to - 1]! + 1) to += 1;
        reads.push(readAll(file, into, (to - from) * bytes, indices[from]! * bytes, from * bytes));
        from = to;
      }
      const outcomes = await Promise.allSettled(reads);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw broken(info, imagesPath, 'could not be read', failed.reason);
      return into;
    },
    close: () => file?.close() ?? Promise.resolve(),
  };
}
