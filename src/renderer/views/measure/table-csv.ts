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

/** A field as RFC 4180 has it. */
function field(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

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
  return [HEAD, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
