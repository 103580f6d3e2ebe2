import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { bytePath, filePath, readablePath, type BytePath } from './file-path.ts';
import { isTableName } from '../labels/label-file.ts';
import { isInside, labelFileAt, realBytePath, tablesAround } from './around.ts';
import {
  ARCHIVE_REASON,
  byName,
  HIDDEN_REASON,
  isArchiveName,
  isHidden,
  isHiddenImage,
  isImageName,
  type ImageSource,
} from './source.ts';
import { uniqueFileNames } from '../basics/unique-names.ts';

interface Found {
  /** Paths below the folder, with `/`. */
  readonly images: BytePath[];
  readonly refused: SkippedFile[];
  readonly labels: BytePath[];
  readonly archives: BytePath[];
  /** The first file of another kind. */
  other?: BytePath;
}

/** Where a folder's links may lead. */
interface Bounds {
  /** The folder itself. */
  readonly root: BytePath;
  /** A folder that a person has named, inside which links are followed too. */
  readonly allowed: BytePath | undefined;
  /** Folders outside the root that were visited through links. */
  readonly visited: Set<BytePath>;
}

/** What a link leads to: a file or folder that may be read, something that is ignored, or something that is refused. */
interface LinkTarget {
  readonly kind: 'file' | 'folder' | 'ignored';
  readonly refusal?: string;
}

async function followLink({ root, allowed, visited }: Bounds, path: BytePath): Promise<LinkTarget> {
  let target;
  try {
    target = await realBytePath(path);
  } catch {
    return isImageName(path) || isTableName(path)
      ? { kind: 'ignored', refusal: 'it is a link that leads nowhere' }
      : { kind: 'ignored' };
  }
  const isOwn = isInside(root, target);
  if (!isOwn && !(allowed !== undefined && isInside(allowed, target))) {
    return { kind: 'ignored', refusal: 'it is a link that leaves the folder' };
  }
  const status = await stat(filePath(target));
  if (status.isFile()) return { kind: 'file' };
  // Links to folders inside the root are not followed: such a folder is visited at its own place. Another is visited once.
  // Neither can cause an endless loop.
  if (isOwn || isInside(target, root) || !status.isDirectory() || visited.has(target))
    return { kind: 'ignored' };
  visited.add(target);
  return { kind: 'folder' };
}

async function walk(
  bounds: Bounds,
  folder: BytePath,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfCancelled(signal);
  const path = folder === '' ? bounds.root : join(bounds.root, folder);
  let entries;
  try {
    entries = await readdir(filePath(path), { withFileTypes: true, encoding: 'buffer' });
  } catch (cause) {
    if (folder === '') throw cause;
    found.refused.push({ file: `${readablePath(folder)}/`, reason: 'the folder could not be opened' });
    return;
  }
  for (const entry of entries) {
    const own = bytePath(entry.name);
    const name = folder === '' ? own : `${folder}/${own}`;
    if (isHidden(own)) {
      if (entry.isFile() && isHiddenImage(own)) {
        found.refused.push({ file: readablePath(name), reason: HIDDEN_REASON });
      }
      continue;
    }
    if (entry.isDirectory()) {
      await walk(bounds, name, found, signal);
      continue;
    }
    if (entry.isSymbolicLink()) {
      const { kind, refusal } = await followLink(bounds, join(path, own));
      if (refusal !== undefined) found.refused.push({ file: readablePath(name), reason: refusal });
      if (kind === 'folder') await walk(bounds, name, found, signal);
      if (kind !== 'file') continue;
    } else if (!entry.isFile()) {
      // Reading a pipe or a device might never end.
      if (isImageName(own)) {
        found.refused.push({ file: readablePath(name), reason: 'it is not a regular file' });
      }
      continue;
    }
    if (isImageName(own)) found.images.push(name);
    else if (isTableName(own)) found.labels.push(name);
    else if (isArchiveName(own)) found.archives.push(name);
    else found.other ??= name;
  }
}

/** How a folder is opened. */
export interface FolderOptions {
  /** A folder inside which links are followed, although they leave the folder that is opened. */
  readonly followLinks?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws UnravelError `not-found` */
async function allowedFolder(path: string): Promise<BytePath> {
  try {
    return await realBytePath(bytePath(resolve(path)));
  } catch (cause) {
    throw new UnravelError(
      'not-found',
      `There is no folder ${path}, inside which links are to be followed.`,
      {
        path,
        cause,
        hint: 'Name the folder that contains both the links and what they lead to.',
      },
    );
  }
}

/**
 * Finds the images in a folder and its sub-folders. Links that leave it are refused, unless they lead into a folder that a
 * person has named. Hidden files and files without
 * an image's extension are ignored. Names that are not UTF-8 are decoded as Latin-1.
 *
 * @throws UnravelError `bad-input` if the folder cannot be opened, `not-found` if that of the links does not exist,
 * `cancelled`
 */
export async function openFolder(
  path: string,
  { followLinks, signal }: FolderOptions = {},
): Promise<ImageSource> {
  const found: Found = { images: [], refused: [], labels: [], archives: [] };
  const allowed = followLinks === undefined ? undefined : await allowedFolder(followLinks);
  let root: BytePath;
  try {
    root = await realBytePath(bytePath(path));
    await walk({ root, allowed, visited: new Set() }, '', found, signal);
  } catch (cause) {
    if (cause instanceof UnravelError) throw cause;
    throw new UnravelError('bad-input', `Could not open the folder ${path}.`, {
      path,
      cause,
      hint: 'Check that you may read it.',
    });
  }
  const images = found.images
    .map((bytes) => ({ bytes, name: readablePath(bytes) }))
    .sort((a, b) => byName(a.name, b.name) || byName(a.bytes, b.bytes));
  // Two names may be displayed in the same way, one in UTF-8 and one in Latin-1.
  const unique = uniqueFileNames();
  const names = images.map(({ name }) => unique.take(name));
  const own = found.labels
    .sort(byName)
    .map((name) => labelFileAt(join(root, name), { file: readablePath(name), place: 'inside' }));
  for (const name of found.archives) {
    found.refused.push({ file: readablePath(name), reason: ARCHIVE_REASON });
  }
  return {
    origin: { kind: 'files' },
    names,
    item: (index) => filePath(join(root, images[index]!.bytes)),
    refused: found.refused.sort((a, b) => byName(a.file, b.file)),
    other: found.other === undefined ? undefined : readablePath(found.other),
    root: readablePath(root),
    labelFiles: [...own, ...(await tablesAround(root))],
  };
}

/** Opens a single image file as a source. */
export function openImageFile(path: string): ImageSource {
  return {
    origin: { kind: 'files' },
    names: [basename(path)],
    item: () => path,
    refused: [],
    root: dirname(path),
    labelFiles: [],
  };
}
