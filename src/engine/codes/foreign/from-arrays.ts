import {
  readElements,
  transposed,
  type ArrayArchive,
  type Elements,
  type StoredArray,
} from '../../arrays/archive.ts';
import { UnravelError } from '../../../contract/errors.ts';
import { ColumnBuilder, type CsvColumn } from '../../files/csv.ts';
import type { Numbers } from '../../files/numbers.ts';
import { chooseCodes, LOG_VAR, type CodesChoice, type ForeignCodes } from './foreign-codes.ts';

/** What arrays of names are called. */
const NAMES = /^(names?|file_?names?|files|paths?|image_?(names?|ids?)|obs_names|_?index)$/i;
/** Columns of labels that are read of an array `[rows, columns]` beside the codes. */
const FEWEST_FACTORS = 1;
const MOST_FACTORS = 64;

function rowsOf({ shape, isReversed }: StoredArray): number {
  return (isReversed ? shape.at(-1) : shape[0]) ?? 0;
}

function widthOf({ shape, isReversed }: StoredArray): number {
  return (isReversed ? shape[0] : shape[1]) ?? 0;
}

async function numbersOf(array: StoredArray): Promise<Float32Array> {
  const elements = (await readElements(array)) as Numbers;
  const numbers = elements instanceof Float32Array ? elements : Float32Array.from(elements, Number);
  return array.isReversed && array.shape.length === 2
    ? (transposed(
        numbers as unknown as Elements,
        array.shape[0]!,
        array.shape[1]!,
      ) as unknown as Float32Array)
    : numbers;
}

function column(name: string, texts: Iterable<string>): CsvColumn {
  const builder = new ColumnBuilder(name);
  for (const text of texts) builder.push(text);
  return builder.build();
}

async function textsOf(array: StoredArray): Promise<string[]> {
  return Array.from((await readElements(array)) as ArrayLike<string | number | bigint>, (value) =>
    typeof value === 'number' && Number.isNaN(value) ? '' : String(value),
  );
}

/** The column of labels that AnnData stores as numbers and their words. */
async function categorical(name: string, archive: ArrayArchive): Promise<CsvColumn | undefined> {
  const codes = archive.arrays.get(`${name}/codes`);
  const words = archive.arrays.get(`${name}/categories`);
  if (!codes || !words) return undefined;
  const texts = await textsOf(words);
  const numbers = Array.from((await readElements(codes)) as Numbers, Number);
  return column(
    shortName(name),
    numbers.map((code) => texts[code] ?? ''),
  );
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The names of the columns in `obs`, with those of one row a code only. */
async function labelColumns(
  archive: ArrayArchive,
  rows: number,
  used: ReadonlySet<string>,
  prefix: string,
): Promise<{ columns: CsvColumn[]; leftOut: string[] }> {
  const names: CsvColumn[] = [];
  const columns: CsvColumn[] = [];
  const leftOut: string[] = archive.refused.map(({ file, reason }) => `${file} (${reason})`);
  const seen = new Set<string>();
  for (const [name, array] of archive.arrays) {
    if (used.has(name)) continue;
    if (!name.startsWith(prefix)) {
      if (/^(obsm|layers)\//.test(name)) leftOut.push(`${name} (other coordinates or values)`);
      continue;
    }
    const group = name.replace(/\/(codes|categories)$/, '');
    if (group !== name) {
      if (seen.has(group)) continue;
      seen.add(group);
      const labels = await categorical(group, archive);
      if (labels?.codes.length === rows) columns.push(labels);
      else leftOut.push(`${group} (it has no row for each code)`);
      continue;
    }
    const { shape } = array;
    const isColumn =
      rowsOf(array) === rows && (shape.length === 1 || (shape.length === 2 && widthOf(array) === 1));
    const short = shortName(name);
    if (isColumn) {
      const read = column(short, await textsOf(array));
      if (NAMES.test(short)) names.push(read);
      else columns.push(read);
      continue;
    }
    const width = widthOf(array);
    const isTable =
      array.type !== 'text' &&
      shape.length === 2 &&
      rowsOf(array) === rows &&
      width > FEWEST_FACTORS &&
      width <= MOST_FACTORS &&
      /label|factor|attr|class|target|^y$/i.test(short);
    if (isTable) {
      const numbers = await numbersOf(array);
      for (let j = 0; j < width; j++) {
        columns.push(
          column(
            `${short} ${j}`,
            Array.from({ length: rows }, (_, row) => String(numbers[row * width + j]!)),
          ),
        );
      }
    } else leftOut.push(`${name} (its shape is [${shape.join(', ')}])`);
  }
  return { columns: [...names, ...columns], leftOut };
}

/** Groups of an AnnData file that hold codes in a form that is not read, with that form. */
function otherForms({ arrays }: ArrayArchive): string[] {
  const found = new Set<string>();
  for (const name of arrays.keys()) {
    const group = /^(X|obsm\/[^/]+)\//.exec(name)?.[1];
    if (group !== undefined) found.add(`${group} is ${arrays.has(`${group}/indptr`) ? 'sparse' : 'a table'}`);
  }
  return [...found];
}

/**
 * Finds the codes in an archive of arrays: NPZ, NPY, safetensors, HDF5, or an AnnData file, whose codes are in `obsm` or
 * `X`. Arrays with a row for each code are names and labels.
 *
 * @param choice - which array it is, where several may be meant
 * @param further - names of images that lie beside the archive
 * @throws UnravelError `bad-input`
 */
export async function codesOfArrays(
  archive: ArrayArchive,
  path: string,
  choice: CodesChoice,
  further: readonly string[] | undefined,
): Promise<ForeignCodes> {
  const { arrays } = archive;
  const isAnnData = [...arrays.keys()].some((name) => name.startsWith('obs/'));
  const tables = [...arrays].filter(
    ([, array]) => array.type !== 'text' && array.shape.length === 2 && rowsOf(array) > 0,
  );
  const isCodes = ([name]: readonly [string, StoredArray]): boolean => !LOG_VAR.test(shortName(name));
  const inObsm = tables.filter(([name]) => name.startsWith('obsm/'));
  const own = isAnnData
    ? inObsm.filter(isCodes).length > 0
      ? inObsm
      : tables.filter(([name]) => name === 'X')
    : tables;
  const { key } = choice;
  const candidates = key === undefined ? own.filter(isCodes) : tables;
  const others = candidates.length === 0 ? otherForms(archive) : [];
  if (others.length > 0) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: it has no array of codes: ${others.join(', ')}.`,
      {
        path,
        hint: 'Store the codes in obsm as an array with a row for each image and a column for each dimension.',
      },
    );
  }
  const isLabels = (name: string): boolean =>
    /^(labels?|factors?|attributes|classes|targets?|y)$/i.test(name);
  const likely = candidates.filter(([name]) => !isLabels(name));
  const names = (key === undefined && likely.length > 0 ? likely : candidates).map(([name]) => name);
  const chosen = chooseCodes(path, names, choice, 'array');
  const array = arrays.get(chosen)!;
  const rows = rowsOf(array);
  const latentDim = widthOf(array);
  const variance = tables.find(
    ([name, other]) =>
      LOG_VAR.test(shortName(name)) &&
      rowsOf(other) === rows &&
      widthOf(other) === latentDim &&
      name !== chosen,
  );
  const used = new Set([chosen, ...(variance ? [variance[0]] : [])]);
  const { columns, leftOut } = await labelColumns(archive, rows, used, isAnnData ? 'obs/' : '');
  const beside = further?.length === rows ? [column('names', further)] : [];
  return {
    mu: await numbersOf(array),
    ...(variance && { logVar: await numbersOf(variance[1]) }),
    latentDim,
    key: chosen,
    keys: own.filter(isCodes).map(([name]) => name),
    rows,
    titles: [],
    table: { file: path, columns: [...beside, ...columns], rows, notes: [] },
    notes: [
      `The codes are its array ${chosen}, [${rows}, ${latentDim}]${variance ? `, with ${variance[0]}` : ''}.`,
      ...(leftOut.length > 0
        ? [`Left out of it: ${leftOut.slice(0, 12).join(', ')}${leftOut.length > 12 ? ', …' : ''}.`]
        : []),
    ],
  };
}
