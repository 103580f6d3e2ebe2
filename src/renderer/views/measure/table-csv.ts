import { csvField } from '../../../contract/csv-field.ts';
import type { MetricResult } from '../../../contract/metrics.ts';

const HEAD = [
  'key',
  'metric',
  'value',
  'low',
  'high',
  'shuffled',
  'untrained',
  'resamples',
  'not measured because',
];

/** The metrics of an evaluation as a table, a line each, with every digit there is. */
export function metricsCsv(metrics: Readonly<Record<string, MetricResult>>): string {
  const rows = Object.entries(metrics).map(([key, result]) => [
    key,
    result.title,
    result.value,
    result.low,
    result.high,
    result.shuffled,
    result.randomEncoder,
    result.resamples,
    result.reason,
  ]);
  return [HEAD, ...rows].map((row) => `${row.map((value) => csvField(value)).join(',')}\r\n`).join('');
}
