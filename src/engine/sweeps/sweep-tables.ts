import { join } from 'node:path';
import type { CsvOptions } from '../../contract/csv-field.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { writeCsv } from '../files/csv.ts';
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
/** A column for each model and β, for papers. */
export const SWEEP_MARKDOWN = 'sweep.md';

/** A line for each dimension of each trial, where seeds were compared. */
export const STABILITY_CSV = 'stability.csv';

/** Mean and standard deviation (of a sample) of some values. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** A number of a table: scores with three decimals, as papers print them. */
export function measureText(value: number, unit: Measure['unit']): string {
  const digits = unit === 'score' ? 3 : Math.abs(value) >= 99.95 ? 1 : 2;
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** `MIG`, `Held-out KL (nats)`. */
export function columnTitle({ title, unit }: MeasureColumn): string {
  return unit === 'nats' ? `${title} (nats)` : title;
}

/** Each trial and what was measured of it, as `sweep.csv` has it. */
export function trialTable(results: readonly TrialResult[]): {
  header: string[];
  rows: (string | number)[][];
} {
  const columns = columnsOf(results);
  const header = [
    ...['model', 'beta', 'seed', 'run', 'failure'],
    ...columns.flatMap(({ key }) => [key, `${key}_low`, `${key}_high`]),
  ];
  const rows = results.map(({ trial, run, failure, measures }) => [
    ...[trial.model, trial.beta ?? '', trial.seed, run, failure ?? ''],
    ...columns.flatMap(({ key }) => {
      const measure = measures.find((one) => one.key === key);
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
  const rows = results.flatMap(({ trial, run, stability = [] }) =>
    stability.map((value, dimension) => [
      ...[trial.model, trial.beta ?? '', trial.seed, run, dimension],
      ...(value === null ? [0, ''] : [1, value]),
    ]),
  );
  return { header: ['model', 'beta', 'seed', 'run', 'dimension', 'active', 'stability'], rows };
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

/** Measures down, models and βs across, as `sweep.md` has it. */
export function summaryTable(results: readonly TrialResult[]): string {
  const groups = groupTrials(results);
  const head = ['', ...groups.map(({ model, beta }) => (beta === null ? model : `${model}, β = ${beta}`))];
  const seeds = ['Seeds', ...groups.map((group) => String(group.results.length))];
  const lines = columnsOf(results).map((column) => [
    columnTitle(column),
    ...groups.map((group) => cell(group, column)),
  ]);
  const align = head.map((_, i) => (i === 0 ? '---' : '---:'));
  const failed = results.filter(({ failure }) => failure !== null);
  const compared = results.filter(({ stability }) => stability !== undefined);
  return [
    ...[row(head), row(align), row(seeds), ...lines.map(row), ''],
    'Of several seeds the mean ± their standard deviation; of one seed the value and its 95 % interval.',
    ...failed.map(({ trial, failure }) => `\n${trial.name} is left out: ${failure!}`),
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
