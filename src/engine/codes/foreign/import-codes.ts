import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { DatasetInfo } from '../../../contract/dataset.ts';
import { UnravelError } from '../../../contract/errors.ts';
import type { RunInfo } from '../../../contract/run.ts';
import { readTextFile } from '../../../system/read-file.ts';
import { withArrays } from '../../arrays/open-arrays.ts';
import { openHdf5 } from '../../arrays/hdf5.ts';
import type { ImportProgress } from '../../basics/progress.ts';
import { VERSION } from '../../basics/version.ts';
import type { Workspace } from '../../basics/workspace.ts';
import { typeColumn, type ColumnValues } from '../../data/columns.ts';
import type { Dataset } from '../../data/dataset.ts';
import { createPoints, deriveDataset } from '../../data/derive-dataset.ts';
import { renameDataset } from '../../data/dataset-names.ts';
import { openLockedDataset } from '../../data/lock-dataset.ts';
import { removeDataset } from '../../data/store.ts';
import type { CsvColumn } from '../../files/csv.ts';
import { describeSafetensors } from '../../files/safetensors.ts';
import { importDataset, type ImportOptions } from '../../importing/import.ts';
import { hasPictureExtension, ImageIndex } from '../../labels/image-index.ts';
import { joinTables } from '../../labels/join-tables.ts';
import { matchTable, type MatchedTable } from '../../labels/match-table.ts';
import type { RawTable } from '../../labels/raw-table.ts';
import { isParquet } from '../../labels/label-file.ts';
import { namedLabelFile, readTable } from '../../labels/read-table.ts';
import { makeObjective } from '../../losses/objectives.ts';
import { createRun, freeRunName, makeRunId } from '../../runs/store.ts';
import { loadNative } from '../../tensorflow/binding.ts';
import { codesOfParquet } from './from-parquet.ts';
import { codesFile, storeCodes } from '../codes-file.ts';
import { checkForeignCodes, type CodesChoice, type ForeignCodes } from './foreign-codes.ts';
import { codesOfArrays } from './from-arrays.ts';
import { codesOfTable } from './from-table.ts';

/** Endings of tables that codes are read from. */
export const TABLES: readonly string[] = ['.csv', '.tsv', '.txt', '.jsonl', '.ndjson', '.parquet'];
/** Endings of files of arrays that codes are read from. */
export const ARRAYS: readonly string[] = ['.npy', '.npz', '.safetensors', '.h5ad', '.h5', '.hdf5', '.hdf'];
/** What columns of names are called where there are no images to compare them with. */
const NAME_TITLE =
  /^(names?|file_?names?|files?|paths?|images?|image_?(names?|ids?)|ids?|obs_names|_?index|cells?|barcodes?|)$/i;
const EXAMPLES = 3;

/** Where the images of the codes are. */
export type CodesImages =
  | { readonly kind: 'dataset'; readonly dataset: Dataset }
  | { readonly kind: 'source'; readonly path: string };

/** How codes of another program are imported. */
export interface ImportCodesOptions extends Pick<ImportOptions, 'crop' | 'imageSize' | 'signal'> {
  /** The run's name; the file's if left out. */
  readonly name?: string | undefined;
  /** If left out, the codes are points with their labels only. */
  readonly images?: CodesImages | undefined;
  /** Further tables of labels. */
  readonly labels?: readonly string[] | undefined;
  /** The name of the codes in their file, where it has several arrays or groups of columns. */
  readonly key?: string | undefined;
  /** The column that names the images; found by its values if left out. */
  readonly nameColumn?: string | undefined;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/** A run of imported codes, its data set, and what was recognised. */
export interface ImportedCodes {
  readonly run: RunInfo;
  readonly dataset: DatasetInfo;
  /** Sentences about what was read, how it was joined, and what was left out. */
  readonly notes: readonly string[];
}

function refuse(path: string, what: string, hint: string): UnravelError {
  return new UnravelError('bad-input', `Could not use ${path}: ${what}.`, { path, hint });
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names in a file beside an array, a line each, as `encode` writes them. */
async function namesBeside(path: string): Promise<string[] | undefined> {
  const beside = `${path.slice(0, -extname(path).length)}.names.txt`;
  if (!existsSync(beside)) return undefined;
  let text = '';
  for await (const piece of readTextFile(beside)) text += piece;
  return text.split(/\r?\n/).slice(0, text.endsWith('\n') ? -1 : undefined);
}

/** Names in the metadata of a safetensors file, as `encode` writes them. */
async function namesInMetadata(path: string): Promise<string[] | undefined> {
  const text = (await describeSafetensors(path)).metadata['names'];
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads codes of any program.
 *
 * @param choice - which codes they are, where several arrays or groups of columns may be meant
 * @throws UnravelError `not-found`; `bad-input` for another kind of file, or if the codes are not found or no numbers
 */
export async function readForeignCodes(path: string, choice: CodesChoice = {}): Promise<ForeignCodes> {
  const extension = extname(path).toLowerCase();
  let codes: ForeignCodes;
  if (isParquet(path)) {
    codes = await codesOfParquet(path, choice);
  } else if (TABLES.includes(extension)) {
    codes = codesOfTable(await readTable(namedLabelFile(path)), path, choice);
  } else if (extension === '.h5ad') {
    const archive = await openHdf5(path);
    try {
      codes = await codesOfArrays(archive, path, choice, undefined);
    } finally {
      archive.close();
    }
  } else if (ARRAYS.includes(extension)) {
    const names = extension === '.npy' ? namesBeside : namesInMetadata;
    const further = extension === '.npy' || extension === '.safetensors' ? await names(path) : undefined;
    codes = await withArrays(path, (archive) => codesOfArrays(archive, path, choice, further));
  } else {
    throw refuse(
      path,
      'it is no kind of file that codes are read from',
      `These are read: ${[...TABLES, ...ARRAYS].join(', ')}.`,
    );
  }
  checkForeignCodes(path, codes);
  return codes;
}

/** Which row is each image's, −1 for none, and the columns that do not name the images. */
interface Joined {
  readonly rowOf: Int32Array;
  readonly labels: readonly CsvColumn[];
  /** The table as `joinTables` takes it; undefined where rows were joined by their order. */
  readonly matched?: MatchedTable;
  readonly notes: readonly string[];
}

/** Whether a table has a column that says which images its rows are of, although it may not be these. */
function hasNames({ columns }: RawTable): boolean {
  return columns.some(({ texts }) => {
    const pictures = texts.filter(hasPictureExtension).length;
    return pictures > 0 && pictures * 2 >= texts.length;
  });
}

/** Joins the rows of codes to images by their names, or else by their order. */
function joinToImages(
  codes: ForeignCodes,
  path: string,
  images: readonly string[],
  root: string,
  nameColumn: string | undefined,
): Joined {
  const { table, rows } = codes;
  if (table.columns.length > 0) {
    const matched = matchTable(table, new ImageIndex(images, root), { nameColumn });
    if (!('reason' in matched)) {
      const { ambiguous, matched: found, rowOf } = matched;
      if (found === 0) {
        const [example] = ambiguous.examples;
        throw refuse(
          path,
          `its names do not say which image is meant${example ? `: “${example.name}” may be ${example.candidates.join(' or ')}` : ''}`,
          'Name the images with their folders.',
        );
      }
      const without = rows - new Set(rowOf.filter((row) => row >= 0)).size;
      return {
        rowOf,
        labels: matched.columns,
        matched,
        notes: [
          ...matched.notes,
          `${counted(found, 'image')} of ${images.length.toLocaleString('en')} ${found === 1 ? 'has' : 'have'} a code.`,
          ...(without > 0 ? [unusedRows(matched, rowOf, without)] : []),
        ],
      };
    }
    if (nameColumn !== undefined || hasNames(table)) {
      throw refuse(path, matched.reason, 'Name the images in a column as the files are called.');
    }
  }
  if (rows !== images.length) {
    throw refuse(
      path,
      `it has ${counted(rows, 'code')} and there are ${counted(images.length, 'image')}, and nothing in it names the images`,
      'Add a column with the file names of the images, or give as many images as there are codes.',
    );
  }
  return {
    rowOf: Int32Array.from({ length: rows }, (_, i) => i),
    labels: table.columns,
    notes: ['Nothing in the file names the images, so its rows were joined to them in their order.'],
  };
}

function unusedRows({ nameOf, rows }: MatchedTable, rowOf: Int32Array, count: number): string {
  const used = new Set(rowOf);
  const examples: string[] = [];
  for (let row = 0; row < rows && examples.length < EXAMPLES; row++) {
    if (!used.has(row)) examples.push(nameOf(row));
  }
  const are = count === 1 ? 'code has no image and was' : 'codes have no image and were';
  return `${count.toLocaleString('en')} ${are} left out: ${examples.join(', ')}${count > EXAMPLES ? ', …' : ''}.`;
}

/** Rows of codes in another order. */
function rowsInOrder(data: Float32Array, latentDim: number, rows: ArrayLike<number>): Float32Array {
  const ordered = new Float32Array(rows.length * latentDim);
  for (let i = 0; i < rows.length; i++) {
    ordered.set(data.subarray(rows[i]! * latentDim, (rows[i]! + 1) * latentDim), i * latentDim);
  }
  return ordered;
}

/** The labels among columns, for chosen rows; those that cannot be labels are named in `leftOut`. */
function labelsOf(columns: readonly CsvColumn[], rows: ArrayLike<number>, leftOut: string[]): ColumnValues[] {
  return columns.flatMap((column) => {
    const typed = typeColumn(column);
    if (!typed) {
      leftOut.push(column.name);
      return [];
    }
    return [{ column: typed.column, values: Float32Array.from(rows, (row) => typed.values[row]!) }];
  });
}

function leftOutNote(leftOut: readonly string[]): string[] {
  return leftOut.length === 0 ? [] : [`Columns that cannot be labels were left out: ${leftOut.join(', ')}.`];
}

/** A file's own name, which its run gets. */
function titleOf(path: string): string {
  return basename(path, extname(path));
}

/** The names of points: a column of names in their file, or their numbers. */
function pointNames(
  { table, rows }: ForeignCodes,
  path: string,
  nameColumn: string | undefined,
): { names: string[]; labels: readonly CsvColumn[] } {
  const wanted = nameColumn?.trim().toLowerCase();
  const isDistinct = ({ texts }: CsvColumn): boolean => texts.length === rows;
  const found = table.columns.find((column) =>
    wanted === undefined
      ? isDistinct(column) && (NAME_TITLE.test(column.name.trim()) || column.texts.every(hasPictureExtension))
      : column.name.trim().toLowerCase() === wanted,
  );
  if (wanted !== undefined && !found) {
    throw refuse(
      path,
      `it has no column “${nameColumn}”`,
      `Its other columns are: ${table.columns.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  }
  const digits = String(rows - 1).length;
  return {
    names: found
      ? Array.from(found.codes, (code) => found.texts[code]!)
      : Array.from({ length: rows }, (_, i) => String(i).padStart(digits, '0')),
    labels: table.columns.filter((column) => column !== found),
  };
}

/** Labels of points in further tables: by names, else by order where there are as many rows. */
async function furtherLabels(
  paths: readonly string[],
  names: readonly string[],
  nameColumn: string | undefined,
  notes: string[],
): Promise<ColumnValues[]> {
  const all: ColumnValues[] = [];
  const index = new ImageIndex(names);
  const everything = Uint32Array.from(names, (_, i) => i);
  for (const path of paths) {
    const raw = await readTable(namedLabelFile(path));
    const matched = matchTable(raw, index, { nameColumn });
    if (!('reason' in matched)) {
      const joined = joinTables([matched], everything, names)!;
      all.push(...joined.columns);
      notes.push(
        `${path}: ${counted(matched.matched, 'point')} of ${names.length.toLocaleString('en')} ${matched.matched === 1 ? 'is' : 'are'} named by it.`,
        ...leftOutNote(joined.report.columnsLeftOut),
      );
      continue;
    }
    if (raw.rows !== names.length) {
      throw refuse(
        path,
        `it has ${counted(raw.rows, 'row')} and there are ${counted(names.length, 'code')}, and ${matched.reason}`,
        'Give a table with a row for each code, or with the names of the codes.',
      );
    }
    const leftOut: string[] = [];
    const header = raw.first ?? raw.columns.map(({ name }) => name);
    const columns = raw.columns.map((column, i) => ({ ...column, name: header[i]! || `column ${i + 1}` }));
    all.push(...labelsOf(columns, everything, leftOut));
    notes.push(`${path}: its rows were joined to the codes in their order.`, ...leftOutNote(leftOut));
  }
  return all;
}

async function withoutImages(
  workspace: Workspace,
  codes: ForeignCodes,
  path: string,
  { name, labels = [], nameColumn }: ImportCodesOptions,
): Promise<{ dataset: DatasetInfo; rows: Uint32Array; notes: string[] }> {
  const { names, labels: own } = pointNames(codes, path, nameColumn);
  const rows = Uint32Array.from({ length: codes.rows }, (_, i) => i);
  const leftOut: string[] = [];
  const notes: string[] = [];
  const columns = labelsOf(own, rows, leftOut);
  columns.push(...(await furtherLabels(labels, names, nameColumn, notes)));
  const dataset = await createPoints(workspace, {
    name: name ?? titleOf(path),
    names,
    columns,
    source: path,
    notes: ['It has points without images: a grey square stands in the place of each image.'],
  });
  return { dataset, rows, notes: [...notes, ...leftOutNote(leftOut)] };
}

/** The images that have a code, as a data set: the given one where they are all of its images. */
async function ofDataset(
  workspace: Workspace,
  codes: ForeignCodes,
  path: string,
  dataset: Dataset,
  options: ImportCodesOptions & { readonly isFresh: boolean; readonly root: string },
): Promise<{ dataset: DatasetInfo; rows: Uint32Array; notes: string[] }> {
  const { name, nameColumn, isFresh, root, signal } = options;
  const { info } = dataset;
  const joined = joinToImages(codes, path, await dataset.names(), root, nameColumn);
  const images = Uint32Array.from([...joined.rowOf.keys()].filter((image) => joined.rowOf[image]! >= 0));
  const rows = Uint32Array.from(images, (image) => joined.rowOf[image]!);
  const notes = [...joined.notes];
  const isWhole = images.length === info.images;
  const leftOut: string[] = [];
  const known = new Set(info.columns.map((column) => column.name));
  const further = labelsOf(
    joined.labels.filter((column) => !known.has(column.name)),
    rows,
    leftOut,
  );
  notes.push(...leftOutNote(leftOut));
  // The file of the codes may lie among the images, and have been read as a table of labels.
  const without = isFresh ? codes.titles.filter((title) => known.has(title)) : [];
  if (isWhole && (!isFresh || further.length + without.length === 0)) {
    if (further.length > 0) {
      notes.push(
        `The data set ${info.name} stays as it is, so these columns of the codes were not used: ${further.map(({ column }) => column.name).join(', ')}.`,
      );
    }
    return { dataset: info, rows, notes };
  }
  const what = `It holds the ${counted(images.length, 'image')} of ${info.name} with a code in ${basename(path)}.`;
  const derived = await deriveDataset(workspace, dataset, {
    name: isFresh ? info.name : `${info.name}, ${name ?? titleOf(path)}`,
    ...{ images, without, further },
    notes: isWhole ? [] : [what],
    signal,
  });
  if (!isWhole && !isFresh) {
    notes.push(`A data set of these images was made: ${derived.name}.`);
  }
  return { dataset: derived, rows, notes };
}

async function withImages(
  workspace: Workspace,
  codes: ForeignCodes,
  path: string,
  images: CodesImages,
  options: ImportCodesOptions,
): Promise<{ dataset: DatasetInfo; rows: Uint32Array; notes: string[] }> {
  if (images.kind === 'dataset') {
    if (options.labels?.length) {
      throw refuse(
        options.labels[0]!,
        'the images are those of a data set, which has its labels already',
        'Give the folder of the images instead of the data set.',
      );
    }
    return ofDataset(workspace, codes, path, images.dataset, { ...options, isFresh: false, root: '' });
  }
  const { crop, imageSize, labels, signal, onProgress } = options;
  const imported = await importDataset(workspace, images.path, {
    crop,
    ...(imageSize && { imageSize }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    labels,
    nameColumn: undefined,
  });
  let found: { dataset: DatasetInfo; rows: Uint32Array; notes: string[] } | undefined;
  try {
    const dataset = await openLockedDataset(workspace, imported.id);
    try {
      found = await ofDataset(workspace, codes, path, dataset, {
        ...options,
        isFresh: true,
        root: images.path,
      });
    } finally {
      await dataset.close();
    }
  } finally {
    if (found?.dataset.id !== imported.id) await removeDataset(workspace, imported.id);
  }
  if (found.dataset.id === imported.id) return found;
  // Its name was taken by the one that it replaces.
  return { ...found, dataset: await renameDataset(workspace, found.dataset.id, imported.name) };
}

/**
 * Makes a run of codes that another program computed. It has no encoder and no decoder.
 *
 * Rows are joined to images by their names where the file has names, else by their order where there are as many. Without
 * images, the codes become points with their labels.
 *
 * @param path - a table (CSV, TSV, JSON Lines, Parquet) or arrays (NPY, NPZ, safetensors, HDF5, AnnData's h5ad)
 * @throws UnravelError if the codes are not found or cannot be joined; those of `importDataset`
 */
export async function importCodes(
  workspace: Workspace,
  path: string,
  options: ImportCodesOptions,
): Promise<ImportedCodes> {
  const codes = await readForeignCodes(path, { key: options.key });
  const { latentDim, mu, logVar } = codes;
  const { dataset, rows, notes } = options.images
    ? await withImages(workspace, codes, path, options.images, options)
    : await withoutImages(workspace, codes, path, options);
  const name = options.name ?? (await freeRunName(workspace, titleOf(path)));
  const info: RunInfo = {
    ...{ version: 1, id: makeRunId(name), name, created: new Date().toISOString(), state: 'imported' },
    dataset: {
      ...{ id: dataset.id, name: dataset.name, images: dataset.images, crop: dataset.crop },
      ...(dataset.split && { split: dataset.split }),
    },
    config: {
      objective: makeObjective(logVar ? 'vae' : 'ae', {}),
      ...{ architecture: 'paper', latentDim, epochs: 1, batchSize: 2, learningRate: 1e-4 },
      ...{ precision: 'full', seed: 0, heldOutFraction: 0.05, checkpointEverySteps: 0 },
    },
    hasCodesOnly: true,
    imageSize: dataset.imageSize,
    channels: dataset.channels,
    ...{ epoch: 0, step: 0 },
    versions: { unravel: VERSION, tensorflow: loadNative().version },
    importedFrom: `codes: ${basename(path)}`,
  };
  await createRun(workspace, info, async (staging) => {
    const file = codesFile(staging, dataset.id);
    await mkdir(dirname(file), { recursive: true });
    await storeCodes(
      file,
      {
        mu: rowsInOrder(mu, latentDim, rows),
        logVar: logVar ? rowsInOrder(logVar, latentDim, rows) : new Float32Array(0),
      },
      { step: 0, latentDim, isForeign: true },
    );
  });
  return { run: info, dataset, notes: [...codes.notes, ...notes] };
}
