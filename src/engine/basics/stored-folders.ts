import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Damaged } from '../../contract/damaged.ts';
import { UnravelError } from '../../contract/errors.ts';
import { IdSchema } from '../../contract/ids.ts';
import { readJsonFile } from '../../system/read-file.ts';

/** A kind of thing that a workspace keeps, each in a folder named by its id and described by a JSON file in it. */
export interface StoredKind<S extends v.GenericSchema<unknown, { readonly id: string }>> {
  /** One of them: `data set`. */
  readonly noun: string;
  /** The name of the file that describes it. */
  readonly file: string;
  readonly schema: S;
  readonly mostBytes: number;
}

/** Everything of a kind that a workspace has. */
export interface StoredList<T> {
  readonly whole: readonly T[];
  /** By id. */
  readonly damaged: readonly Damaged[];
}

/** A process may have only so many files open at once. */
const READ_AT_ONCE = 64;

type AnyKind = StoredKind<v.GenericSchema<unknown, { readonly id: string }>>;

function notFound({ noun }: AnyKind, id: string): UnravelError {
  return new UnravelError('not-found', `There is no ${noun} ${id}.`, {
    hint: 'It may have been removed. Choose another.',
  });
}

/**
 * The folder of an id, made or not. Everything that turns an id into a path goes through here, so that an id is never
 * a path itself.
 *
 * @throws UnravelError `not-found` for what cannot be an id
 */
export function storedFolder(parent: string, id: string, kind: AnyKind): string {
  if (!v.is(IdSchema, id)) throw notFound(kind, id);
  return join(parent, id);
}

/**
 * Reads the description of the thing with exactly this id. Its folder must be a real one with no link directly in it:
 * a workspace may come from a stranger, and a link may lead anywhere.
 *
 * @throws UnravelError `not-found`; `bad-input` with the path where it is damaged
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
    // Removed a moment ago, the file alone.
    if (error instanceof UnravelError && error.code === 'not-found')
      throw damaged(path, 'the file is missing');
    throw error;
  });
  if (info.id !== id) throw damaged(path, `it describes the ${noun} ${info.id}`);
  return info;
}

/**
 * Reads all descriptions in a folder. Files, and folders whose names are no ids, such as those that are still being
 * written, are passed over; what has an id and cannot be read is damaged.
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
      // What is not found now was removed a moment ago.
      if (error.code !== 'not-found') damaged.push({ id, reason: error.message });
    }
  };
  for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
    await Promise.all(ids.slice(start, start + READ_AT_ONCE).map(readOne));
  }
  return { whole, damaged: damaged.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/**
 * The folder of exactly this id, or a link in its place, to be removed whether what it holds can be read or not.
 *
 * @throws UnravelError `not-found`
 */
export async function folderToRemove(parent: string, id: string, kind: AnyKind): Promise<string> {
  const folder = storedFolder(parent, id, kind);
  const status = await lstat(folder).catch(() => undefined);
  if (!status?.isDirectory() && !status?.isSymbolicLink()) throw notFound(kind, id);
  return folder;
}
