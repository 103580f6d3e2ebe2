import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { UnravelError } from '../../../contract/errors.ts';
import { MOST_DIMENSIONS } from '../../../contract/numbers.ts';
import type { FoundCodes } from '../../../contract/operations/sources.ts';
import type { StoredArray } from '../../arrays/archive.ts';
import { withArrays } from '../../arrays/open-arrays.ts';
import { isParquet } from '../../labels/label-file.ts';
import type { RawTable } from '../../labels/raw-table.ts';
import { namedLabelFile, readTable } from '../../labels/read-table.ts';
import { checkForeignCodes, isKnownCodes, type CodesChoice, type ForeignCodes } from './foreign-codes.ts';
import { describeParquetCodes } from './from-parquet.ts';
import { codeGroups, codesOfTable } from './from-table.ts';
import { ARRAYS, readForeignCodes, TABLES } from './import-codes.ts';

const MOST_LISTED = 12;

function isMatrix({ type, shape }: StoredArray): boolean {
  return type !== 'text' && shape.length === 2;
}

/** Whether an archive of arrays holds codes and no images, which it is more often read for. */
async function holdsCodes(path: string): Promise<boolean> {
  return withArrays(path, ({ arrays }) => {
    const all = [...arrays];
    // The weights of a model are matrices, too: there only the name tells codes from them.
    if (extname(path).toLowerCase() === '.safetensors') {
      return Promise.resolve(all.some(([name, array]) => isKnownCodes(name) && isMatrix(array)));
    }
    const isImages = all.some(([, { type, shape }]) => type !== 'text' && shape.length > 2);
    const isNarrow = ({ shape }: StoredArray): boolean => Math.min(...shape) <= MOST_DIMENSIONS;
    return Promise.resolve(!isImages && all.some(([, array]) => isMatrix(array) && isNarrow(array)));
  });
}

/**
 * Reads the codes in a table of texts.
 *
 * @throws UnravelError `bad-input` for a table without codes, which is of no use alone
 */
async function codesOfText(path: string, choice: CodesChoice): Promise<ForeignCodes> {
  const table = await readTable(namedLabelFile(path));
  if (codeGroups(table).names.length === 0) refuseTable(path, table);
  const codes = codesOfTable(table, path, choice);
  checkForeignCodes(path, codes);
  return codes;
}

/** @throws UnravelError `bad-input` */
function refuseTable(path: string, table: RawTable): never {
  const header = table.first ?? table.columns.map(({ name }) => name);
  const listed = `${header.slice(0, MOST_LISTED).join(', ')}${header.length > MOST_LISTED ? ', …' : ''}`;
  const { why } = codeGroups(table);
  const problem = why === undefined ? 'holds no images and no codes' : `cannot be read as codes: ${why}`;
  throw new UnravelError('bad-input', `${basename(path)} ${problem}.`, {
    path,
    hint: `If it labels images, drop the folder of the images with the table in it. If it holds codes, call their columns mu_0, mu_1 and so on. Its columns are: ${listed}.`,
  });
}

/**
 * Looks for the codes of another program among what a person dropped or chose.
 *
 * @param key - which array or group of columns they are; found if left out
 * @returns undefined for anything but a single file with codes
 * @throws UnravelError `bad-input` for a table without codes, and if the codes cannot be read
 */
export async function findCodes(
  paths: readonly string[],
  key: string | undefined,
): Promise<FoundCodes | undefined> {
  const [path] = paths;
  if (path === undefined || paths.length > 1) return undefined;
  const extension = extname(path).toLowerCase();
  const isTable = TABLES.includes(extension);
  if (!isTable && !ARRAYS.includes(extension)) return undefined;
  if (!(await stat(path).catch(() => undefined))?.isFile()) return undefined;
  const choice: CodesChoice = key === undefined ? { takesFirst: true } : { key };
  if (isParquet(path)) {
    return (
      (await describeParquetCodes(path, choice)) ?? refuseTable(path, await readTable(namedLabelFile(path)))
    );
  }
  if (!isTable && extension !== '.h5ad' && !(await holdsCodes(path))) return undefined;
  const codes = isTable ? await codesOfText(path, choice) : await readForeignCodes(path, choice);
  return {
    rows: codes.rows,
    latentDim: codes.latentDim,
    hasVariance: codes.logVar !== undefined,
    key: codes.key,
    keys: [...codes.keys],
    columns: codes.table.columns.map(({ name }) => name),
    notes: [...codes.notes],
  };
}
