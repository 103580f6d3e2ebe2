import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { loadNative } from '../src/engine/tensorflow/binding.ts';
import { peerVersions } from './environment.ts';
import { verdict, type Bound, type Figure, type Outcome } from './figures.ts';
import { resultsFolder } from './paths.ts';

/** A text table whose columns are as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat(widths[i]! - cell.length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function number(value: number, unit: Figure['unit']): string {
  if (!Number.isFinite(value)) return '–';
  if (unit === '×') return value.toFixed(3);
  if (unit === 'ms' || unit === 's' || unit === '%') return value.toFixed(2);
  if (unit === '/s') return value.toFixed(1);
  return String(Math.round(value));
}

function withUnit(value: string, unit: Figure['unit']): string {
  return unit === '×' || unit === '%' || unit === '/s' ? value + unit : `${value} ${unit}`;
}

function bound(value: Bound | undefined, unit: Figure['unit']): string {
  if (!value) return '';
  return `${value.is === 'at least' ? '≥' : '≤'} ${withUnit(String(value.value), unit)}`;
}

/** The figures with their goals and floors, one per line. */
export function figureTable(figures: readonly Figure[]): string {
  const head = [
    'benchmark',
    'figure',
    'ours',
    'peer',
    'value',
    'smallest … largest',
    'goal',
    'floor',
    'verdict',
  ];
  return table([
    head,
    ...figures.map((figure) => {
      const { benchmark, what, ours = '', peer = '', value, range, unit } = figure;
      const rounds = range ? range.map((end) => number(end, unit)).join(' … ') : '';
      const shown = withUnit(number(value, unit), unit);
      return [
        benchmark,
        what,
        ours,
        peer,
        shown,
        rounds,
        bound(figure.goal, unit),
        bound(figure.floor, unit),
        verdict(figure),
      ];
    }),
  ]);
}

/** The machine and the versions that results belong to. */
export async function describeMachine(): Promise<Record<string, unknown>> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    tensorflow: loadNative().version,
    peers: await peerVersions(),
  };
}

/** Writes results as JSON and returns the file's path. */
export function writeResults(file: string, content: unknown): string {
  mkdirSync(resultsFolder, { recursive: true });
  const path = join(resultsFolder, file);
  writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return path;
}

/** A sentence about how much other processes disturbed the measurements. */
export function calmness(outcomes: readonly Outcome[]): string {
  const series = outcomes.flatMap((outcome) => outcome.series);
  const rerun = series.reduce((sum, one) => sum + one.rerun, 0);
  const disturbed = series.reduce((sum, one) => sum + one.disturbed, 0);
  const turns = series.reduce((sum, one) => sum + one.medianMs.length, 0);
  const care = disturbed > 0 ? ' Take the numbers with care, or run it again on a quiet machine.' : '';
  return `${turns} turns counted, ${rerun} run again because other processes worked meanwhile, ${disturbed} counted although disturbed.${care}`;
}
