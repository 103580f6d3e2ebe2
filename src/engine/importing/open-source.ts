import { open, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { isTableName, type LabelFile } from '../labels/label-file.ts';
import { isTar } from '../files/tar.ts';
import { namedLabelFile } from '../labels/read-table.ts';
import { openFolder, openImageFile, type FolderOptions } from './folder-source.ts';
import type { ArrayArchive } from '../arrays/archive.ts';
import { setAmongFiles, setInFolder, setOfFile } from '../arrays/array-set.ts';
import { isArraysName, openArrays } from '../arrays/open-arrays.ts';
import { isArchiveName, isHidden, isImageName, type ImageSource } from './source.ts';
import { uniqueFileNames } from '../basics/unique-names.ts';
import { isCifarTar, isTarGzipName, openCifarTar, openTar, tarBaseName } from './tar-source.ts';
import { withPages } from './picture-pages.ts';
import { openZip } from './zip-source.ts';

/** An open source: an archive of arrays, or files with one picture each. */
export type OpenedSource = {
  /** Its name in messages. */
  readonly path: string;
  /** The default name of the data set. */
  readonly name: string;
} & (
  | {
      readonly kind: 'arrays';
      /** Opens the archive; the caller closes it. */
      readonly open: () => Promise<ArrayArchive>;
    }
  | { readonly kind: 'pictures'; readonly source: ImageSource }
);

type SourceKind = 'folder' | 'zip' | 'tar' | 'arrays' | 'image' | 'other';

async function sourceKind(path: string): Promise<SourceKind> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new UnravelError('not-found', `There is no ${path}.`, {
      path,
      cause,
      hint: 'Check the name of the folder or file.',
    });
  });
  if (stats.isDirectory()) return 'folder';
  if (!stats.isFile()) return 'other';
  if (isArraysName(path)) return 'arrays';
  const start = Buffer.alloc(512);
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new UnravelError('bad-input', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check that you may read it.',
    });
  });
  try {
    await handle.read(start, 0, start.length, 0);
  } finally {
    await handle.close();
  }
  // An empty zip begins with its end record.
  if (
    /^PK(\x03\x04|\x05\x06)/.test(start.toString('latin1', 0, 4)) ||
    extname(path).toLowerCase() === '.zip'
  ) {
    return 'zip';
  }
  if (isTarGzipName(path) || /\.tar$/i.test(path) || isTar(start)) return 'tar';
  return isImageName(path) ? 'image' : 'other';
}

async function openOne(path: string, options: FolderOptions): Promise<OpenedSource> {
  const kind = await sourceKind(path);
  const name =
    kind === 'folder' ? basename(path) : kind === 'tar' ? tarBaseName(path) : basename(path, extname(path));
  switch (kind) {
    case 'arrays':
      return { kind, path, name, open: () => openArrays(path) };
    case 'zip':
      return { kind: 'pictures', path, name, source: withPages(await openZip(path)) };
    case 'tar':
      if (await isCifarTar(path, options)) {
        return { kind: 'arrays', path, name, open: () => openCifarTar(path, options) };
      }
      return { kind: 'pictures', path, name, source: withPages(await openTar(path, options)) };
    case 'folder': {
      const set = await setInFolder(path, isImageName);
      if (set) return { kind: 'arrays', path, name, open: set.open };
      return { kind: 'pictures', path, name, source: withPages(await openFolder(path, options)) };
    }
    case 'image':
      return { kind: 'pictures', path, name, source: withPages(openImageFile(path)) };
    case 'other': {
      const set = await setOfFile(path);
      if (set) return { kind: 'arrays', path, name, open: set.open };
      throw new UnravelError(
        'bad-input',
        isArchiveName(path)
          ? `${basename(path)} is an archive of a kind that cannot be read.`
          : `${basename(path)} is neither a folder, an archive, a file of arrays nor an image.`,
        {
          path,
          hint: isArchiveName(path)
            ? 'Unpack it and import the folder, or pack it as zip, tar or tar.gz.'
            : 'Give a folder of images, a zip or tar of them, or a file of arrays such as NPZ.',
        },
      );
    }
  }
}

/** The error for a table that was given with a file of arrays. */
export function tableWithArrays(table: string, path: string): UnravelError {
  return new UnravelError(
    'bad-input',
    `${table} cannot be joined to ${path}: the images of an array have no file names.`,
    {
      path: table,
      hint: 'Import the file of arrays by itself. Labels can be an array with a row for each image.',
    },
  );
}

/** The images of a pair of MNIST's files, whose labels are found beside them. */
function imagesOfPair(paths: readonly string[]): string | undefined {
  const images = paths.filter((path) => /[-.]idx3(-ubyte)?(\.gz)?$/i.test(path));
  const labels = paths.filter((path) => /[-.]idx1(-ubyte)?(\.gz)?$/i.test(path));
  return paths.length === 2 && images.length === 1 && labels.length === 1 ? images[0] : undefined;
}

/** Opens folders and picture files that were chosen together, possibly with label files. */
async function openTogether(paths: readonly string[], options: FolderOptions): Promise<OpenedSource> {
  const labelFiles: LabelFile[] = [];
  const parts: { readonly prefix: string; readonly source: ImageSource }[] = [];
  const refused: SkippedFile[] = [];
  const openable = paths.filter((path) => !isHidden(basename(path)));
  const tables = openable.filter((path) => isTableName(basename(path)));
  const given = openable.filter((path) => !tables.includes(path));
  const pair = imagesOfPair(given);
  const others = pair === undefined ? given : [pair];
  const set = others.length > 1 && tables.length === 0 ? await setAmongFiles(others) : undefined;
  if (set) {
    const path = dirname(others[0]!);
    return { kind: 'arrays', path, name: basename(path), open: set.open };
  }
  for (const path of others) {
    const kind = await sourceKind(path);
    if ((kind === 'zip' || kind === 'tar' || kind === 'arrays') && others.length > 1) {
      throw new UnravelError('bad-input', `${path} can only be imported by itself.`, {
        path,
        hint: 'Import archives one by one, or unpack them first.',
      });
    }
    if (kind === 'other') {
      refused.push({ file: basename(path), reason: 'it is neither an image nor a folder' });
      continue;
    }
    const opened = await openOne(path, options);
    if (opened.kind === 'arrays') {
      const [table] = tables;
      if (table !== undefined) throw tableWithArrays(basename(table), basename(path));
      return opened;
    }
    // A single folder with label files has the same names as without them.
    const prefix = kind === 'folder' && others.length > 1 ? `${basename(path)}/` : '';
    parts.push({ prefix, source: opened.source });
  }
  labelFiles.push(
    // The person has chosen them with the images, but they may be about others.
    ...tables.map((path): LabelFile => ({ ...namedLabelFile(path), file: basename(path), place: 'inside' })),
    // A table that was chosen lies beside the images, too.
    ...parts.flatMap(({ source }) => source.labelFiles).filter(({ file }) => !tables.includes(resolve(file))),
  );

  const unique = uniqueFileNames();
  const files = parts.flatMap(({ prefix, source }) =>
    source.names.map((name, index) => ({ name: unique.take(prefix + name), source, index })),
  );
  const first = others[0] ?? paths[0]!;
  const parents = new Set(others.map((path) => dirname(path)));
  const name = others.length > 1 && parents.size === 1 ? basename(dirname(first)) : '';
  return {
    kind: 'pictures',
    path: first,
    name: name || basename(first, extname(first)),
    source: {
      origin: parts[0]?.source.origin ?? { kind: 'files' },
      names: files.map((file) => file.name),
      item: (at) => files[at]!.source.item(files[at]!.index),
      refused: [
        ...refused,
        ...parts.flatMap(({ prefix, source }) =>
          source.refused.map(({ file, reason }) => ({ file: prefix + file, reason })),
        ),
      ],
      root: parts.length === 1 ? parts[0]!.source.root : parents.size === 1 ? dirname(first) : '',
      labelFiles,
      close: () => parts.forEach(({ source }) => source.close?.()),
    },
  };
}

/**
 * Opens a source that a person chose or dropped: a folder, a zip, an NPZ or an image, or several folders and images
 * together, possibly with label files.
 *
 * @param paths - at least one
 * @throws UnravelError `not-found`, `bad-input` for files that cannot be imported, or not together, `cancelled`
 */
export async function openSource(
  paths: readonly string[],
  options: FolderOptions = {},
): Promise<OpenedSource> {
  const absolute = [...new Set(paths.map((path) => resolve(path)))];
  return absolute.length === 1 ? openOne(absolute[0]!, options) : openTogether(absolute, options);
}

/** The description of a data set's source in one line. */
export function describePaths(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths[0]} and ${paths.length - 1} more`;
}
