import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import type { ColumnValues } from '../data/columns.ts';
import { readElements, authorShape, transposed, type ArrayArchive } from '../arrays/archive.ts';
import { isArraysName, withArrays } from '../arrays/open-arrays.ts';
import { parseCsv } from '../files/csv.ts';
import { readTextFile } from '../../system/read-file.ts';
import { typeColumn } from '../data/columns.ts';
import { plainNumbers, type Numbers } from '../files/numbers.ts';
import { describeSafetensors } from '../files/safetensors.ts';
import type { CodeTable } from '../metrics/code-table.ts';

function refuse(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not score ${path}: ${what}.`, {
    path,
    hint: 'It needs arrays "codes" and "factors", or "codes_train", "codes_test", "factors_train" and "factors_test": a row for each image.',
  });
}

/** Rows of numbers, of which the first `first` are for training. */
interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
  readonly first: number;
}

/** An array of rows as float32; factors may be of any type of numbers. */
async function rowsOf({ arrays, path, kind, refused }: ArrayArchive, name: string): Promise<Rows> {
  const word = kind === 'safetensors file' ? 'tensor' : 'array';
  const array = arrays.get(name);
  if (!array) {
    const reason = refused.find(({ file }) => file === name)?.reason;
    throw refuse(
      path,
      reason === undefined ? `it has no ${word} ${name}` : `its ${name} cannot be read: ${reason}`,
    );
  }
  if (array.type === 'text') throw refuse(path, `its ${name} are texts, not numbers`);
  const shape = authorShape(array);
  const [rows, width = 1, ...more] = shape;
  if (rows === undefined || more.length || rows === 0 || width === 0) {
    throw refuse(path, `its ${word} ${name} is [${shape.join(', ')}], not rows and columns`);
  }
  const stored = (await readElements(array)) as Numbers;
  const numbers = plainNumbers(array.isReversed && width > 1 ? transposed(stored, width, rows) : stored);
  const data = numbers instanceof Float32Array ? numbers : exactOrClasses(numbers, rows, width);
  return { data, rows, width, first: rows };
}

/** Numbers as float32; of a column of whole numbers that would be rounded, their positions in ascending order. */
function exactOrClasses(numbers: ArrayLike<number>, rows: number, width: number): Float32Array<ArrayBuffer> {
  const data = Float32Array.from(numbers);
  for (let column = 0; column < width; column++) {
    const own = Array.from({ length: rows }, (_, row) => numbers[row * width + column]!);
    const isRounded = own.some(
      (value, row) => Number.isInteger(value) && data[row * width + column] !== value,
    );
    if (!isRounded || !own.every((value) => Number.isInteger(value))) continue;
    const places = new Map([...new Set(own)].sort((a, b) => a - b).map((value, place) => [value, place]));
    own.forEach((value, row) => (data[row * width + column] = places.get(value)!));
  }
  return data;
}

/** Concatenates two tables of the same width. */
async function stacked(archive: ArrayArchive, names: readonly [string, string]): Promise<Rows> {
  const [a, b] = [await rowsOf(archive, names[0]), await rowsOf(archive, names[1])];
  if (a.width !== b.width) {
    throw refuse(archive.path, `${names[0]} has ${a.width} columns and ${names[1]} ${b.width}`);
  }
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { data, rows: a.rows + b.rows, width: a.width, first: a.rows };
}

/** The names in the file's metadata `factor_names`: separated by commas, or a JSON list. */
function factorNames(text: string | undefined, count: number): string[] {
  const numbered = Array.from({ length: count }, (_, f) => `factor ${f}`);
  if (!text) return numbered;
  let names: unknown;
  try {
    names = text.startsWith('[') ? JSON.parse(text) : text.split(',').map((name) => name.trim());
  } catch {
    return numbered;
  }
  const isGood = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
  const unique = isGood ? new Set(names as string[]) : new Set<string>();
  return unique.size === count ? [...unique] : numbered;
}

/** The names of an archive's factors: of its metadata, or of its array of texts `factor_names`. */
async function writtenNames({ arrays, path }: ArrayArchive): Promise<string | undefined> {
  if (extname(path).toLowerCase() === '.safetensors') {
    return (await describeSafetensors(path)).metadata['factor_names']?.trim();
  }
  const array = arrays.get('factor_names');
  return array?.type === 'text' ? JSON.stringify(await readElements(array)) : undefined;
}

/**
 * Reads a CSV table whose columns `mu_0`, `mu_1` … or `z_0` … are the codes; its other columns of numbers or words,
 * but `name` and `log_var_0` …, are the factors.
 */
async function readCsvTable(path: string): Promise<CodeTable> {
  const { columns } = await parseCsv(readTextFile(path), path);
  const codeColumns = columns.filter(({ name }) => /^(mu|z)_\d+$/i.test(name));
  const others = columns.filter(({ name }) => !/^((mu|z|log_var)_\d+|name|file|image)$/i.test(name));
  const count = columns[0]?.codes.length ?? 0;
  if (codeColumns.length === 0)
    throw refuse(path, 'it has no columns mu_0, mu_1 and so on, which hold the codes');
  const latentDim = codeColumns.length;
  const codes = new Float32Array(count * latentDim);
  codeColumns.forEach(({ name, texts, codes: of }, d) => {
    of.forEach((code, row) => {
      const value = texts[code] === '' ? Number.NaN : Number(texts[code]);
      if (!Number.isFinite(value))
        throw refuse(path, `row ${row + 1} of its column ${name} is “${texts[code]}”`);
      codes[row * latentDim + d] = value;
    });
  });
  const typed = others.flatMap((column) => typeColumn(column) ?? []);
  const factors = typed.map(({ column, values }) => ({ column: { ...column, factor: true }, values }));
  if (factors.length === 0) throw refuse(path, 'it has no columns of factors beside the codes');
  return { codes, count, latentDim, columns: factors };
}

/**
 * Reads codes from any program, with the factors of their images: arrays `codes` and `factors`, or, with a given
 * split, `codes_train`, `factors_train`, `codes_test` and `factors_test`. Factors are category indices or
 * measurements; NaN means unknown. Their names may be in the metadata, or an array of texts, as `factor_names`. The
 * file is one of arrays (safetensors, NPZ, HDF5) or a CSV table, see {@link readCsvTable}.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readCodeTable(path: string): Promise<CodeTable> {
  if (/\.(csv|tsv)$/i.test(path)) return readCsvTable(path);
  if (!isArraysName(path)) {
    if (!existsSync(path))
      throw new UnravelError('not-found', `Could not open ${path}.`, { path, hint: 'Check the name.' });
    throw refuse(path, 'it is neither a file of arrays nor a CSV table');
  }
  return withArrays(path, tableOf);
}

async function tableOf(archive: ArrayArchive): Promise<CodeTable> {
  const { arrays, path } = archive;
  const isSplit = arrays.has('codes_train');
  const codes = isSplit
    ? await stacked(archive, ['codes_train', 'codes_test'])
    : await rowsOf(archive, 'codes');
  const factors = isSplit
    ? await stacked(archive, ['factors_train', 'factors_test'])
    : await rowsOf(archive, 'factors');
  if (codes.rows !== factors.rows || codes.first !== factors.first) {
    throw refuse(path, `it has ${codes.rows} codes and the factors of ${factors.rows} images`);
  }
  const columns = factorNames(await writtenNames(archive), factors.width).map((name, f): ColumnValues => {
    const values = Float32Array.from(
      { length: factors.rows },
      (_, row) => factors.data[row * factors.width + f]!,
    );
    return { column: { name, type: 'continuous', factor: true }, values };
  });
  const range = (from: number, to: number): Uint32Array =>
    Uint32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    codes: codes.data,
    count: codes.rows,
    latentDim: codes.width,
    columns,
    ...(isSplit ? { split: { train: range(0, codes.first), test: range(codes.first, codes.rows) } } : {}),
  };
}
