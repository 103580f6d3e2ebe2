import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Damaged } from '../../contract/damaged.ts';
import { UnravelError } from '../../contract/errors.ts';
import { IdSchema } from '../../contract/ids.ts';
import { readJsonFile } from '../../system/read-file.ts';

/**
 * A kind of item in a workspace. Each item has a folder, which is named by its id and contains a JSON file that
 * describes it.
 */
export interface StoredKind<S extends v.GenericSchema<unknown, { readonly id: string }>> {
  /** The singular: `data set`. */
  readonly noun: string;
  /** The name of the file that describes it. */
  readonly file: string;
  readonly schema: S;
  readonly mostBytes: number;
}

/** All items of one kind in a workspace. */
export interface StoredList<T> {
  readonly whole: readonly T[];
  /** By id. */
  readonly damaged: readonly Damaged[];
}

/** Maximum number of files read at the same time, because the number of open files is limited. */
const READ_AT_ONCE = 64;

type AnyKind = StoredKind<v.GenericSchema<unknown, { readonly id: string }>>;

function notFound({ noun }: AnyKind, id: string): UnravelError {
  return new UnravelError('not-found', `There is no ${noun} ${id}.`, {
    hint: 'It may have been removed. Choose another.',
  });
}

/**
 * The path of the folder of an id, whether it exists or not. All code that turns an id into a path uses this
 * function, so that an id that is itself a path is refused.
 *
 * @throws UnravelError `not-found` for a text that cannot be an id
 */
export function storedFolder(parent: string, id: string, kind: AnyKind): string {
  if (!v.is(IdSchema, id)) throw notFound(kind, id);
  return join(parent, id);
}

/**
 * Reads the description of the item with exactly this id. The folder must not be a link or contain one: a workspace
 * may come from a stranger, and a link may lead to any file.
 *
 * @throws UnravelError `not-found`; `bad-input` with the path of the damaged file
 */
export async function readStored<S extends v.GenericSchema<unknown, { readonly id: string }>>(
  parent: string,
  id: string,
  kind: StoredKind<S>,
): Promise<v.InferOutput<S>> {
  const { noun, file, schema, mostBytes } = kind;
  const folder = storedFolder(parent, id, kind);
  const path = join(folder, file);
  const hint = `Put back a copy of the file, or remove the ${noun} ${id}.`;
  const damaged = (where: string, what: string, cause?: unknown): UnravelError =>
    new UnravelError('bad-input', `Could not read ${where}: ${what}.`, { path: where, cause, hint });

  const status = await lstat(folder).catch(() => undefined);
  if (status?.isSymbolicLink()) throw damaged(folder, 'it is a link, which is not followed');
  if (!status?.isDirectory()) throw notFound(kind, id);
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw damaged(folder, 'the folder cannot be opened', cause);
  });
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link) throw damaged(join(folder, link.name), 'it is a link, which is not followed');
  if (!entries.some(({ name }) => name === file)) throw damaged(path, 'the file is missing');

  const otherwise = `does not describe a ${noun}`;
  const info = await readJsonFile(path, { schema, mostBytes, otherwise, hint }).catch((error: unknown) => {
    // The file was removed since the folder was listed.
    if (error instanceof UnravelError && error.code === 'not-found')
      throw damaged(path, 'the file is missing');
    throw error;
  });
  if (info.id !== id) throw damaged(path, `it describes the ${noun} ${info.id}`);
  return info;
}

/**
 * Reads all descriptions in a folder. Files are ignored, and so are folders whose names are not ids, such as those
 * that are still being written. A folder with an id that cannot be read is listed as damaged.
 */
export async function listStored<S extends v.GenericSchema<unknown, { readonly id: string }>>(
  parent: string,
  kind: StoredKind<S>,
): Promise<StoredList<v.InferOutput<S>>> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const ids = entries
    .filter((entry) => v.is(IdSchema, entry.name) && (entry.isDirectory() || entry.isSymbolicLink()))
    .map(({ name }) => name)
    .sort();
  const whole: v.InferOutput<S>[] = [];
  const damaged: Damaged[] = [];
  const readOne = async (id: string): Promise<void> => {
    try {
      whole.push(await readStored(parent, id, kind));
    } catch (error) {
      if (!(error instanceof UnravelError)) throw error;
      // `not-found` means that the folder was removed since the parent folder was listed.
      if (error.code !== 'not-found') damaged.push({ id, reason: error.message });
    }
  };
  for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
    await Promise.all(ids.slice(start, start + READ_AT_ONCE).map(readOne));
  }
  return { whole, damaged: damaged.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/**
 * The path of the folder of exactly this id, or of a link in its place, for removal. Its contents may be damaged.
 *
 * @throws UnravelError `not-found`
 */
export async function folderToRemove(parent: string, id: string, kind: AnyKind): Promise<string> {
  const folder = storedFolder(parent, id, kind);
  const status = await lstat(folder).catch(() => undefined);
  if (!status?.isDirectory() && !status?.isSymbolicLink()) throw notFound(kind, id);
  return folder;
}
