import { csvField, type CsvValue } from '../../contract/csv-field.ts';
import type { MetricResult } from '../../contract/metrics.ts';
import type { EpochMetric } from '../../contract/operations/runs.ts';

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

/** Further columns where the independent axes were measured too. */
const AXES_HEAD = ['value of axes', 'low of axes', 'high of axes'];

/** The metrics of an evaluation as a table, a line each, with every digit there is. */
export function metricsCsv(
  metrics: Readonly<Record<string, MetricResult>>,
  axes: Readonly<Record<string, MetricResult>> = {},
): string {
  const hasAxes = Object.keys(axes).length > 0;
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
    ...(hasAxes ? [axes[key]?.value, axes[key]?.low, axes[key]?.high] : []),
  ]);
  return table([[...HEAD, ...(hasAxes ? AXES_HEAD : [])], ...rows]);
}

/** The curves of a training as a table, a line for each epoch: losses in training, then what was measured held out. */
export function curvesCsv(epochs: readonly EpochMetric[]): string {
  const terms = [...new Set(epochs.flatMap(({ loss }) => Object.keys(loss.terms)))];
  const head = [
    ...['epoch', 'step', 'seconds', 'loss'],
    ...terms.map((term) => `loss ${term}`),
    ...['held-out error', 'held-out KL', 'active dimensions'],
    ...['mutual information', 'total correlation', 'dimension-wise KL'],
  ];
  const rows = epochs.map(({ epoch, step, seconds, loss, heldOut, decomposition }) => [
    ...[epoch, step, seconds, loss.total],
    ...terms.map((term) => loss.terms[term]),
    ...[heldOut.reconstruction, heldOut.kl, heldOut.activeDimensions],
    decomposition?.mutualInformation,
    decomposition?.totalCorrelation,
    decomposition?.dimensionwiseKl,
  ]);
  return table([head, ...rows]);
}

function table(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map((value) => csvField(value)).join(',')}\r\n`).join('');
}
