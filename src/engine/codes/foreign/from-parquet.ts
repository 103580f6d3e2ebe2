import type { FoundCodes } from '../../../contract/operations/sources.ts';
import { openParquet, type ParquetFile } from '../../files/parquet-file.ts';
import { namedLabelFile } from '../../labels/read-table.ts';
import { orBroken, parquetBytes, tableOfParquet } from '../../labels/parquet.ts';
import { chooseGroup, groupsOf } from './from-table.ts';
import { UnravelError } from '../../../contract/errors.ts';
import type { CodesChoice, ForeignCodes } from './foreign-codes.ts';

/** The columns of codes in a Parquet file. */
interface CodeColumns {
  readonly mu: readonly string[];
  readonly logVar: readonly string[] | undefined;
  /** Whether the one column of mu has a list of numbers in each row. */
  readonly isList: boolean;
  readonly key: string;
  readonly keys: readonly string[];
  readonly notes: readonly string[];
}

async function open(path: string): Promise<ParquetFile> {
  return openParquet(await parquetBytes(namedLabelFile(path).open(), path));
}

/** @throws UnravelError `bad-input` if there are none, or one group must be asked for */
function findColumns({ columns }: ParquetFile, path: string, choice: CodesChoice): CodeColumns {
  const header = columns.map(({ name }) => name);
  const lists = header.flatMap((name, at) =>
    columns[at]!.kind === 'lists' ? [{ name, columns: [at] }] : [],
  );
  const numbered = groupsOf(header, (at) => columns[at]!.kind === 'numbers');
  const groups = [...numbered, ...lists];
  if (groups.length === 0) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: none of its columns are the numbered dimensions of codes, or lists of them.`,
      {
        path,
        hint: `Call them mu_0, mu_1 and so on. Its columns are: ${header.slice(0, 12).join(', ')}${header.length > 12 ? ', …' : ''}.`,
      },
    );
  }
  const isList = (name: string): boolean => lists.some((list) => list.name === name);
  const { group, variance, chosen, candidates } = chooseGroup(
    groups,
    path,
    choice,
    ({ name, columns: own }) => own.length > 1 || isList(name),
  );
  const of = (at: readonly number[]): string[] => at.map((column) => header[column]!);
  const mu = of(group.columns);
  const logVar = variance && isList(variance.name) === isList(group.name) ? of(variance.columns) : undefined;
  const what = isList(group.name)
    ? `the lists in its column ${mu[0]!}`
    : `its columns ${mu[0]!} to ${mu.at(-1)!}`;
  return {
    ...{ mu, logVar, isList: isList(group.name), key: chosen, keys: candidates },
    notes: [`The codes are ${what}${logVar ? `, with ${logVar[0]!}${logVar.length > 1 ? ' …' : ''}` : ''}.`],
  };
}

/** The number of numbers in the first list of a column. */
async function lengthOfLists(parquet: ParquetFile, name: string): Promise<number> {
  let length = 0;
  await parquet.read(
    [name],
    ({ from, values }) => {
      const first = values[0];
      if (from === 0 && isNumbers(first)) ({ length } = first);
    },
    1,
  );
  return length;
}

function isNumbers(value: unknown): value is ArrayLike<number | bigint | null> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Reads numbers, `[rows, width]`; NaN for what is missing. */
async function readNumbers(
  parquet: ParquetFile,
  path: string,
  names: readonly string[],
  { isList, width }: { readonly isList: boolean; readonly width: number },
): Promise<Float32Array> {
  const numbers = new Float32Array(parquet.rows * width).fill(Number.NaN);
  for (const [place, name] of names.entries()) {
    await parquet.read([name], ({ from, values }) => {
      for (let i = 0; i < values.length; i++) {
        const at = (from + i) * width;
        const value = values[i];
        if (!isList) numbers[at + place] = numberOf(value);
        else if (isNumbers(value) && value.length === width) {
          for (let j = 0; j < width; j++) numbers[at + j] = numberOf(value[j]);
        } else {
          const length = isNumbers(value) ? value.length : 0;
          throw new UnravelError(
            'bad-input',
            `Could not read ${path}: the list of ${name} in row ${from + i + 1} has ${length} numbers, the first one ${width}.`,
            { path, hint: 'Every code needs a number in every dimension.' },
          );
        }
      }
    });
  }
  return numbers;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
}

/**
 * Reads the codes in a Parquet file: columns of numbers with one name and numbers from 0 or 1, or a column with a list
 * in each row. All others are names and labels. Numbers are never made texts, which would take many times their memory.
 *
 * @throws UnravelError `bad-input`
 */
export async function codesOfParquet(path: string, choice: CodesChoice): Promise<ForeignCodes> {
  return orBroken(path, async () => {
    const parquet = await open(path);
    const found = findColumns(parquet, path, choice);
    const { mu, logVar, isList, key, keys, notes } = found;
    const width = isList ? await lengthOfLists(parquet, mu[0]!) : mu.length;
    const taken = new Set([...mu, ...(logVar ?? [])]);
    const table = await tableOfParquet(parquet, path, taken);
    const form = { isList, width };
    return {
      mu: await readNumbers(parquet, path, mu, form),
      ...(logVar && { logVar: await readNumbers(parquet, path, logVar, form) }),
      ...{ latentDim: width, key, keys, rows: parquet.rows, titles: [...taken] },
      table: { ...table, notes: [] },
      notes: [...table.notes, ...notes],
    };
  });
}

/**
 * What the codes in a Parquet file are, by its header; undefined for one without codes.
 *
 * @throws UnravelError `bad-input` for a file that is damaged
 */
export async function describeParquetCodes(
  path: string,
  choice: CodesChoice,
): Promise<FoundCodes | undefined> {
  return orBroken(path, async () => {
    const parquet = await open(path);
    const header = parquet.columns.map(({ name }) => name);
    const hasLists = parquet.columns.some(({ kind }) => kind === 'lists');
    if (!hasLists && groupsOf(header, (at) => parquet.columns[at]!.kind === 'numbers').length === 0)
      return undefined;
    const { mu, logVar, isList, key, keys, notes } = findColumns(parquet, path, choice);
    const taken = new Set([...mu, ...(logVar ?? [])]);
    return {
      rows: parquet.rows,
      latentDim: isList ? await lengthOfLists(parquet, mu[0]!) : mu.length,
      hasVariance: logVar !== undefined,
      ...{ key, keys: [...keys] },
      columns: header.filter((name) => !taken.has(name)),
      notes: [...notes],
    };
  });
}
