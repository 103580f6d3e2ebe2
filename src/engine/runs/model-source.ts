import { lstat, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { isModelFile, isModelFolder, isWeightFile, mayBeWeightFile } from '../../contract/model-files.ts';
import type { RunInfo } from '../../contract/run.ts';
import { explainOpenError } from '../../system/read-file.ts';
import { removeFolder } from '../../system/remove.ts';
import type { Workspace } from '../basics/workspace.ts';
import { listZip } from '../files/zip.ts';
import { openZipReader, type ZipEntry, type ZipReader } from '../files/zip-reader.ts';
import { looksLikeWeights } from '../files/weight-file.ts';
import { importForeignModel, type ForeignOptions } from './import-foreign.ts';
import { importModel } from './portable.ts';
import { CHECKPOINT_FILE } from './store.ts';

/** Where the files of a model are: in a folder, in a zip, or in one file of weights. */
type ModelSource =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'zip'; readonly path: string; readonly entries: readonly ZipEntry[] };

/** The files of a model in a zip: at its top, or in the one folder at its top. */
async function findInZip(path: string): Promise<ModelSource | undefined> {
  const { entries } = await listZip(path);
  const files = entries.filter(({ name }) => isModelFile(basename(name)));
  const [folder = ''] = files.map(({ name }) => dirname(name));
  const own = files.filter(({ name }) => dirname(name) === folder);
  if (folder.includes('/') || !isModelFolder(own.map(({ name }) => basename(name)))) return undefined;
  return { kind: 'zip', path, entries: own };
}

/** Whether a file holds weights: by its name, or for an ending that has many meanings by its first bytes. */
async function isWeights(path: string): Promise<boolean> {
  const name = basename(path);
  return isWeightFile(name) || (mayBeWeightFile(name) && (await looksLikeWeights(path)));
}

/** Finds the model among files and folders that a person dropped or chose; undefined if they are something else. */
async function findModel(paths: readonly string[]): Promise<ModelSource | undefined> {
  const [first] = paths;
  if (first === undefined) return undefined;
  const status = await lstat(first).catch(() => undefined);
  // A file that is missing must not open others that are beside it.
  if (!status) return undefined;
  if (paths.length === 1 && !status.isDirectory() && (await isWeights(first))) {
    // Unravel's own weights need run.json, which is beside them.
    if (basename(first) !== CHECKPOINT_FILE) return { kind: 'file', path: first };
  }
  // The files themselves may have been dropped instead of their folder.
  if (paths.length > 1 || isModelFile(basename(first))) {
    const areTogether = paths.every(
      (path) => dirname(path) === dirname(first) && isModelFile(basename(path)),
    );
    const folder = dirname(first);
    return areTogether && isModelFolder(await readdir(folder)) ? { kind: 'folder', folder } : undefined;
  }
  if (status.isFile() && extname(first).toLowerCase() === '.zip') return findInZip(first);
  // A file, or a folder that cannot be read, is reported by whoever opens it as images.
  const names = await readdir(first).catch(() => []);
  return isModelFolder(names) ? { kind: 'folder', folder: first } : undefined;
}

/**
 * Imports the model in a folder or zip as a run.
 *
 * @param paths - what a person dropped or chose: a folder, a zip, or the files of a model
 * @param name - the run's name; by default the model's own, or the folder's
 * @returns undefined if they contain no model
 * @throws UnravelError as `importModel`
 */
export async function importModelFrom(
  workspace: Workspace,
  paths: readonly string[],
  { name, mapping }: Pick<ForeignOptions, 'name' | 'mapping'> = {},
): Promise<RunInfo | undefined> {
  const found = await findModel(paths);
  if (!found) return undefined;
  const named = { ...(name !== undefined && { name }), ...(mapping !== undefined && { mapping }) };
  if (found.kind === 'folder') {
    return importModel(workspace, found.folder, named);
  }
  if (found.kind === 'file') return importForeignModel(workspace, found.path, named);
  const temporary = await mkdtemp(join(tmpdir(), 'unravel-model-'));
  try {
    const zip = openZipReader(found.path);
    try {
      for (const entry of found.entries) {
        await writeFile(join(temporary, basename(entry.name)), readEntry(zip, entry, found.path));
      }
    } finally {
      zip.close();
    }
    return await importModel(workspace, temporary, {
      sourceName: basename(found.path, extname(found.path)),
      ...named,
    });
  } finally {
    await removeFolder(temporary);
  }
}

/**
 * Imports the model that a person has named: a folder, a zip, or a file of any name.
 *
 * @throws UnravelError as {@link importModelFrom}, and where there is no model
 */
export async function importNamedModel(
  workspace: Workspace,
  path: string,
  options: Pick<ForeignOptions, 'name' | 'mapping'> = {},
): Promise<RunInfo> {
  const found = await importModelFrom(workspace, [path], options);
  if (found) return found;
  const status = await stat(path).catch((error: unknown) => {
    throw explainOpenError(path, error);
  });
  // Both say what is missing.
  return status.isFile()
    ? importForeignModel(workspace, path, options)
    : importModel(workspace, path, options);
}

function readEntry(zip: Pick<ZipReader, 'read'>, entry: ZipEntry, path: string): Buffer {
  try {
    return zip.read(entry);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnravelError('bad-input', `Could not read ${entry.name} of ${path}: ${reason}.`, {
      path,
      cause,
      hint: 'Download or export it again.',
    });
  }
}
