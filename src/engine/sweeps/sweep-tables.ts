import { join } from 'node:path';
import type { CsvOptions } from '../../contract/csv-field.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { writeCsv } from '../files/csv.ts';
import { enoughDimensions, SAME_ERROR } from './enough-dimensions.ts';
import { meanAndDeviation } from './mean-and-deviation.ts';
import { axisTitle } from './sweep-axes.ts';
import {
  columnsOf,
  groupTrials,
  valuesOf,
  type Measure,
  type MeasureColumn,
  type TrialGroup,
  type TrialResult,
} from './trial-result.ts';

/** A line for each trial, for programs. */
export const SWEEP_CSV = 'sweep.csv';
/** A column for each model and β, or with axes a line for each of their points, for papers. */
export const SWEEP_MARKDOWN = 'sweep.md';

/** A line for each dimension of each trial, where seeds were compared. */
export const STABILITY_CSV = 'stability.csv';

/** A number of a table: scores with three decimals, as papers print them; counts with those that they need. */
export function measureText(value: number, unit: Measure['unit']): string {
  if (unit === 'count') return String(Number(value.toFixed(2)));
  const digits = unit === 'score' ? 3 : Math.abs(value) >= 99.95 ? 1 : 2;
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** `MIG`, `Held-out KL (nats)`. */
export function columnTitle({ title, unit }: MeasureColumn): string {
  return unit === 'nats' ? `${title} (nats)` : title;
}

/** The fields that are axes of a sweep. */
function axesOf(results: readonly TrialResult[]): string[] {
  return [...new Set(results.flatMap(({ trial }) => Object.keys(trial.axes)))];
}

/** What names a trial in a table: its model, its place on each axis, β and seed. */
function nameColumns(results: readonly TrialResult[]): {
  header: string[];
  cells: (result: TrialResult) => (string | number)[];
} {
  const fields = axesOf(results);
  return {
    header: ['model', ...fields, 'beta', 'seed', 'run'],
    cells: ({ trial: { model, axes, beta, seed }, run }) => [
      ...[model, ...fields.map((field) => axes[field] ?? '')],
      ...[beta ?? '', seed, run],
    ],
  };
}

/** Each trial and what was measured of it, as `sweep.csv` has it. */
export function trialTable(results: readonly TrialResult[]): {
  header: string[];
  rows: (string | number)[][];
} {
  const columns = columnsOf(results);
  const names = nameColumns(results);
  const header = [
    ...[...names.header, 'failure'],
    ...columns.flatMap(({ key }) => [key, `${key}_low`, `${key}_high`]),
  ];
  const rows = results.map((result) => [
    ...[...names.cells(result), result.failure ?? ''],
    ...columns.flatMap(({ key }) => {
      const measure = result.measures.find((one) => one.key === key);
      return [measure?.value ?? '', measure?.low ?? '', measure?.high ?? ''];
    }),
  ]);
  return { header, rows };
}

/** How well the other seeds find each dimension again, as `stability.csv` has it; no rows where that was not measured. */
export function stabilityTable(results: readonly TrialResult[]): {
  header: string[];
  rows: (string | number)[][];
} {
  const names = nameColumns(results);
  const rows = results.flatMap((result) =>
    (result.stability ?? []).map((value, dimension) => [
      ...[...names.cells(result), dimension],
      ...(value === null ? [0, ''] : [1, value]),
    ]),
  );
  return { header: [...names.header, 'dimension', 'active', 'stability'], rows };
}

/** The stabilities of a trial's active dimensions, the largest first: `z3 0.98, z0 0.71`. */
function stabilityLine({ trial, stability = [] }: TrialResult): string {
  const dimensions = stability
    .flatMap((value, dimension) => (value === null ? [] : [{ dimension, value }]))
    .sort((a, b) => b.value - a.value)
    .map(({ dimension, value }) => `z${dimension} ${value.toFixed(2)}`);
  return `- ${trial.name}: ${dimensions.length ? dimensions.join(', ') : 'no active dimension'}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** A measure of a model: the mean ± deviation over its seeds, or of one seed the value and its interval. */
function cell(group: TrialGroup, { key, unit }: MeasureColumn): string {
  const values = valuesOf(group, key);
  if (values.length === 0) return '–';
  const { mean, deviation } = meanAndDeviation(values);
  const text = measureText(mean, unit);
  if (deviation !== null) return `${text} ± ${measureText(deviation, unit)}`;
  const { low, high } = group.results
    .flatMap(({ measures }) => measures)
    .find((measure) => measure.key === key)!;
  if (low === null || high === null) return text;
  return `${text} (${measureText(low, unit)} to ${measureText(high, unit)})`;
}

/** Measures down, models and βs across. */
function tableAcross(groups: readonly TrialGroup[], columns: readonly MeasureColumn[]): string[] {
  const head = ['', ...groups.map(({ model, beta }) => (beta === null ? model : `${model}, β = ${beta}`))];
  const align = head.map((_, i) => (i === 0 ? '---' : '---:'));
  const seeds = ['Seeds', ...groups.map((group) => String(group.results.length))];
  const lines = columns.map((column) => [columnTitle(column), ...groups.map((group) => cell(group, column))]);
  return [head, align, seeds, ...lines].map(row);
}

/** Models at each point of the grid down; axes, β and measures across. */
function tableDown(
  groups: readonly TrialGroup[],
  columns: readonly MeasureColumn[],
  fields: readonly string[],
): string[] {
  const hasBeta = groups.some(({ beta }) => beta !== null);
  const titles = fields.map(axisTitle).map((title) => title[0]!.toUpperCase() + title.slice(1));
  const head = [...['Model', ...titles, ...(hasBeta ? ['β'] : []), 'Seeds'], ...columns.map(columnTitle)];
  const align = head.map((_, i) => (i === 0 ? '---' : '---:'));
  const lines = groups.map((group) => [
    ...[group.model, ...fields.map((field) => String(group.axes[field] ?? '–'))],
    ...(hasBeta ? [group.beta === null ? '–' : String(group.beta)] : []),
    ...[String(group.results.length), ...columns.map((column) => cell(group, column))],
  ]);
  return [head, align, ...lines].map(row);
}

/** What the curves of held-out error against latent size say, where that is an axis. */
function dimensionLines(results: readonly TrialResult[]): string[] {
  const found = enoughDimensions(results);
  if (found.length === 0) return [];
  return [
    `\nHow many dimensions: the smallest size whose held-out error is within ${SAME_ERROR * 100} % of the lowest (0.2 dB), or within its standard error over the seeds where that is more.\n`,
    ...found.map(({ words }) => `- ${words}`),
  ];
}

/** The measures of all models as `sweep.md` has them. With axes the table has a column for each. */
export function summaryTable(results: readonly TrialResult[]): string {
  const groups = groupTrials(results);
  const columns = columnsOf(results);
  const fields = axesOf(results);
  const table = fields.length ? tableDown(groups, columns, fields) : tableAcross(groups, columns);
  const failed = results.filter(({ failure }) => failure !== null);
  const compared = results.filter(({ stability }) => stability !== undefined);
  return [
    ...[...table, ''],
    'Of several seeds the mean ± their standard deviation; of one seed the value and its 95 % interval.',
    ...failed.map(({ trial, failure }) => `\n${trial.name} is left out: ${failure!}`),
    ...dimensionLines(results),
    ...(compared.length
      ? [
          '\nStability of dimensions: the correlation of each active one with the dimension of the other seeds that is most like it (median over seeds).\n',
          ...compared.map(stabilityLine),
        ]
      : []),
    '',
  ].join('\n');
}

/** Writes the tables into a folder. @param csv - how the CSV holds texts @returns the files' names */
export async function writeSweepTables(
  folder: string,
  results: readonly TrialResult[],
  csv: CsvOptions = {},
): Promise<string[]> {
  const { header, rows } = trialTable(results);
  await writeCsv(join(folder, SWEEP_CSV), header, rows, csv);
  await writeFileAtomic(join(folder, SWEEP_MARKDOWN), summaryTable(results));
  const stability = stabilityTable(results);
  if (stability.rows.length === 0) return [SWEEP_CSV, SWEEP_MARKDOWN];
  await writeCsv(join(folder, STABILITY_CSV), stability.header, stability.rows, csv);
  return [SWEEP_CSV, SWEEP_MARKDOWN, STABILITY_CSV];
}
