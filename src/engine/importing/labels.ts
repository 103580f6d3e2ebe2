import { basename } from 'node:path';
import type { LabelReport } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { readTextFile } from '../../system/read-file.ts';
import { parseCsv, type CsvTable } from '../files/csv.ts';
import { readCelebaAttributes } from './celeba-attributes.ts';
import { typeColumn, type ColumnValues } from '../data/columns.ts';
import type { LabelTable } from './label-table.ts';
import { labelFormat, type LabelFile } from './source.ts';

/** Labels in the order of a data set's images. */
export interface JoinedLabels {
  readonly columns: readonly ColumnValues[];
  readonly report: LabelReport;
}

const NAME_HEADERS = new Set([
  'image',
  'images',
  'image_id',
  'image_name',
  'file',
  'filename',
  'file_name',
  'path',
  'name',
]);
/**
 * Maximum number of categories of all columns together. Further columns are left out, because every category is
 * stored in the description.
 */
const MAX_CATEGORIES = 100_000;
/** Number of unmatched rows and of unmatched images that are listed. */
const EXAMPLES = 5;

/**
 * Normalises a name: Unicode may be composed or decomposed (macOS), and folders may be separated by either slash.
 */
function normal(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\.\//, '').normalize('NFC');
}

function withoutExtension(name: string): string {
  return name.replace(/\.[^./]+$/, '');
}

/**
 * The labels of a CSV table: the images' names are in the column with a header such as `file`, or else in the first
 * column.
 */
function labelsOfTable(table: CsvTable, path: string): LabelTable {
  const named = table.columns.findIndex(({ name }) => NAME_HEADERS.has(name.toLowerCase()));
  const nameColumn = table.columns[Math.max(named, 0)]!;
  const others = table.columns.filter((column) => column !== nameColumn);
  let categories = 0;
  const typed = others.map((column) => {
    const values = typeColumn(column);
    const words = values?.column.categories?.length ?? 0;
    if (categories + words > MAX_CATEGORIES) return undefined;
    categories += words;
    return values;
  });
  return {
    path,
    keys: Array.from(nameColumn.codes, (code) => nameColumn.texts[code]!),
    columns: typed.filter((column) => column !== undefined),
    leftOut: others.filter((_, i) => typed[i] === undefined).map(({ name }) => name),
  };
}

/**
 * Reads a file of labels: CelebA's attributes or a CSV table.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readLabels(file: LabelFile): Promise<LabelTable> {
  const stream = file.open();
  return file.format === 'celeba'
    ? readCelebaAttributes(stream, file.name)
    : labelsOfTable(await parseCsv(stream, file.name), file.name);
}

/** The label file at a path that a person has given. */
export function namedLabelFile(path: string): LabelFile {
  return { name: path, format: labelFormat(path) ?? 'csv', open: () => readTextFile(path) };
}

/**
 * Joins labels to images: by path, else by file name, else by file name without extension. If several rows name an
 * image, the first is used.
 *
 * @param names - the images' paths inside their source
 * @returns undefined if no row names an image
 */
export function joinLabels(table: LabelTable, names: readonly string[]): JoinedLabels | undefined {
  const rowOf = new Map<string, number>();
  table.keys.forEach((key, row) => {
    const name = normal(key);
    if (!rowOf.has(name)) rowOf.set(name, row);
  });
  const used = new Set<number>();
  const withoutRow: string[] = [];
  const rows = Int32Array.from(names, (name) => {
    const path = normal(name);
    const file = basename(path);
    const row =
      rowOf.get(path) ??
      rowOf.get(file) ??
      rowOf.get(withoutExtension(path)) ??
      rowOf.get(withoutExtension(file));
    if (row === undefined) withoutRow.push(name);
    else used.add(row);
    return row ?? -1;
  });
  if (used.size === 0) return undefined;
  const withoutImage = table.keys.filter((_, row) => !used.has(row));
  return {
    columns: table.columns.map(({ column, values }) => ({
      column,
      values: Float32Array.from(rows, (row) => (row < 0 ? Number.NaN : values[row]!)),
    })),
    report: {
      file: table.path,
      rowsWithoutImage: withoutImage.length,
      imagesWithoutRow: withoutRow.length,
      examples: [...withoutImage.slice(0, EXAMPLES), ...withoutRow.slice(0, EXAMPLES)],
      columnsLeftOut: [...table.leftOut],
    },
  };
}

/**
 * The error for a label file that names none of the images.
 *
 * @param names - the images' names
 */
export function nothingJoined(table: LabelTable, names: readonly string[]): UnravelError {
  return new UnravelError(
    'bad-input',
    `No row of ${table.path} names an image: its first row is for “${table.keys[0] ?? ''}”, the first image is “${names[0] ?? ''}”.`,
    {
      path: table.path,
      hint: 'Put the images’ file names into the first column, or into one called “file”.',
    },
  );
}
