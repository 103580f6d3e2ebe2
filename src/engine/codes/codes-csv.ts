import { csvField, textOfCsv, type CsvOptions } from '../../contract/csv-field.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readTextFile } from '../../system/read-file.ts';
import { float32Text } from '../basics/float32-text.ts';
import { readCsvRows } from '../files/csv-rows.ts';
import type { HostTensor } from '../files/safetensors.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import type { Codes, ReadCodes } from './code-table.ts';

/** Number of rows that are joined to one text, so that neither a text nor the list of texts becomes too long. */
const ROWS_PER_CHUNK = 2048;

/** Titles of columns that a reader of codes looks for. */
const OWN_TITLE = /^(?:name|(?:z|mu|log_var)_\d+)$/;

/** The title of a label's column, which must not be read as part of a code. */
export const labelTitle = (name: string): string =>
  OWN_TITLE.test(name.trim()) ? `label ${name.trim()}` : name;

/**
 * Writes codes as CSV: `name`, then `mu_0` … and, where there is a posterior, `log_var_0` …, then the labels by their own
 * names, with their words, units and dates.
 */
export async function writeCodesCsv(
  path: string,
  { names, mu, logVar, labels = [] }: Codes,
  options: CsvOptions = {},
): Promise<void> {
  const [count, latentDim] = mu.shape as [number, number];
  const parts: [string, HostTensor][] = logVar
    ? [
        ['mu', mu],
        ['log_var', logVar],
      ]
    : [['mu', mu]];
  const columns = parts.flatMap(([part]) => Array.from({ length: latentDim }, (_, j) => `${part}_${j}`));
  const titles = labels.map(({ name }) => csvField(labelTitle(name), options));
  const chunks = [`${['name', ...columns, ...titles].join(',')}\n`];
  for (let start = 0; start < count; start += ROWS_PER_CHUNK) {
    let text = '';
    for (let row = start; row < Math.min(count, start + ROWS_PER_CHUNK); row++) {
      text += csvField(names[row], options);
      for (const [, { data }] of parts) {
        for (let j = 0; j < latentDim; j++) text += `,${float32Text(data[row * latentDim + j]!)}`;
      }
      for (const { at } of labels) text += `,${csvField(at(row), options)}`;
      text += '\n';
    }
    chunks.push(text);
  }
  await writeFileAtomic(path, ...chunks);
}

/** The indices of the code's columns: those named `z_…`, else those named `mu_…`. */
function findColumns(header: readonly string[], path: string): number[] {
  for (const part of ['z', 'mu']) {
    const count = header.filter((name) => new RegExp(`^${part}_\\d+$`).test(name)).length;
    if (count === 0) continue;
    return Array.from({ length: count }, (_, j) => {
      const at = header.indexOf(`${part}_${j}`);
      if (at < 0) {
        throw new UnravelError(
          'bad-input',
          `Could not read ${path}: it has ${count} columns ${part}_…, but none named ${part}_${j}.`,
          { path, hint: `Number them from ${part}_0 without a gap.` },
        );
      }
      return at;
    });
  }
  throw new UnravelError(
    'bad-input',
    `Could not read ${path}: it has no columns z_0, z_1 … or mu_0, mu_1 ….`,
    {
      path,
      hint: 'Name the columns of the codes in the first line.',
      remedy: 'encode',
    },
  );
}

/**
 * Reads codes from CSV: columns `z_0` …, else `mu_0` …, and optionally `name`. The order of columns does not
 * matter, and others are ignored. The file is read as a stream, so that only the numbers take memory.
 *
 * @throws UnravelError `not-found`, or `bad-input` with the line of a value that is not a number
 */
export async function readCodesCsv(path: string): Promise<ReadCodes> {
  const rows: Float32Array[] = [];
  const names: string[] = [];
  let header: { columns: number[]; name: number; titles: string[] } | undefined;

  function take(cells: readonly string[]): void {
    if (!header) {
      const titles = cells.map((cell) => cell.replace(/^\uFEFF/, '').trim());
      checkColumns(path, titles);
      header = { titles, columns: findColumns(titles, path), name: titles.indexOf('name') };
      return;
    }
    const { columns, name, titles } = header;
    const line = rows.length + 2;
    checkRows(path, rows.length + 1, columns.length);
    rows.push(
      Float32Array.from(columns, (at) => {
        const text = cells[at]?.trim() ?? '';
        const value = text === '' ? Number.NaN : Math.fround(Number(text));
        if (Number.isFinite(value)) return value;
        throw new UnravelError(
          'bad-input',
          `Could not read ${path}: in line ${line}, ${titles[at]!} is "${text}", which is not a finite number.`,
          { path, hint: 'Every code needs a number in every dimension, with a point for decimals.' },
        );
      }),
    );
    if (name >= 0) names.push(textOfCsv(cells[name] ?? ''));
  }

  await readCsvRows(readTextFile(path), path, take);
  const latentDim = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * latentDim);
  rows.forEach((row, i) => data.set(row, i * latentDim));
  const z = { shape: [rows.length, latentDim], data };
  return names.length > 0 ? { z, names } : { z };
}
