import { lstat, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { isModelFile, isModelFolder } from '../../contract/model-files.ts';
import type { RunInfo } from '../../contract/run.ts';
import { removeFolder } from '../../system/remove.ts';
import type { Workspace } from '../basics/workspace.ts';
import { listZip } from '../files/zip.ts';
import { openZipReader, type ZipEntry, type ZipReader } from '../files/zip-reader.ts';
import { importModel } from './portable.ts';

/** Where the files of a model are: in a folder, or in a zip. */
type ModelSource =
  | { readonly kind: 'folder'; readonly folder: string }
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

/** Finds the model among files and folders that a person dropped or chose; undefined if they are something else. */
async function findModel(paths: readonly string[]): Promise<ModelSource | undefined> {
  const [first] = paths;
  if (first === undefined) return undefined;
  // The files themselves may have been dropped instead of their folder.
  if (paths.length > 1 || isModelFile(basename(first))) {
    const areTogether = paths.every(
      (path) => dirname(path) === dirname(first) && isModelFile(basename(path)),
    );
    const folder = dirname(first);
    return areTogether && isModelFolder(await readdir(folder)) ? { kind: 'folder', folder } : undefined;
  }
  const status = await lstat(first).catch(() => undefined);
  if (status?.isFile() === true && extname(first).toLowerCase() === '.zip') return findInZip(first);
  // A file, or a folder that cannot be read, is reported by whoever opens it as images.
  const names = await readdir(first).catch(() => []);
  return isModelFolder(names) ? { kind: 'folder', folder: first } : undefined;
}

/** @throws UnravelError for a model of disentangling-vae in PyTorch's own format */
async function refuseUnconverted(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes('run.json') || names.includes('model.safetensors')) return;
  throw new UnravelError('bad-input', `Could not open the model in ${folder}: there is only model.pt.`, {
    path: folder,
    hint: 'Unravel does not open model.pt, because such files can contain programs. Save its weights as model.safetensors beside specs.json.',
  });
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
  { name }: { readonly name?: string } = {},
): Promise<RunInfo | undefined> {
  const found = await findModel(paths);
  if (!found) return undefined;
  const named = name === undefined ? {} : { name };
  if (found.kind === 'folder') {
    await refuseUnconverted(found.folder);
    return importModel(workspace, found.folder, named);
  }
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
    await refuseUnconverted(temporary);
    return await importModel(workspace, temporary, {
      sourceName: basename(found.path, extname(found.path)),
      ...named,
    });
  } finally {
    await removeFolder(temporary);
  }
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
