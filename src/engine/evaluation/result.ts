import type { MetricMatrix, MetricResult } from '../../contract/metrics.ts';
import type { Metric, Score, ScoreInfo } from '../metrics/metric.ts';
import { intervalHalfWidth } from './resample.ts';
import type { Samples } from '../metrics/sample.ts';

/** All measurements for one score. */
export interface MeasuredScore {
  readonly own: Score;
  readonly resampled: readonly Score[];
  readonly shuffled: readonly Score[];
  readonly randomEncoder: Score | undefined;
}

function matrixOf({ matrix }: Score, { all: { latentDim, factors } }: Samples): MetricMatrix | null {
  if (!matrix) return null;
  return {
    title: matrix.title,
    unit: matrix.unit,
    rows: Array.from({ length: latentDim }, (_, l) => `z${l}`),
    columns: factors.map(({ name }) => name),
    values: Array.from(matrix.values, (value) => (Number.isFinite(value) ? value : 0)),
  };
}

function mean(scores: readonly Score[]): number | null {
  return scores.length ? scores.reduce((sum, { value }) => sum + value / scores.length, 0) : null;
}

/** The result of a metric that ran. */
export function resultOf(
  metric: Metric,
  { key: _key, ...info }: ScoreInfo,
  samples: Samples,
  { own, resampled, shuffled, randomEncoder }: MeasuredScore,
): MetricResult {
  const { value } = own;
  const half = resampled.length > 1 ? intervalHalfWidth(resampled.map((score) => score.value)) : undefined;
  return {
    ...info,
    value,
    low: half === undefined ? null : Math.max(0, value - half),
    high: half === undefined ? null : Math.max(value, Math.min(1, value + half)),
    shuffled: mean(shuffled),
    randomEncoder: randomEncoder?.value ?? null,
    notes: metric.notes?.(samples) ?? [],
    samples: metric.counts(samples),
    bins: metric.bins,
    resamples: resampled.length,
    perFactor: samples.all.factors.flatMap(({ name }, f) => {
      const part = own.perFactor?.[f];
      return part === undefined || Number.isNaN(part) ? [] : [{ factor: name, value: part }];
    }),
    matrix: matrixOf(own, samples),
  };
}

/** The result of a metric that cannot run, with its reason. */
export function resultWithoutValue(
  metric: Metric,
  { key: _key, ...info }: ScoreInfo,
  samples: Samples,
): MetricResult {
  const reason = metric.cannotRun?.(samples);
  return {
    ...info,
    value: null,
    low: null,
    high: null,
    shuffled: null,
    randomEncoder: null,
    ...(reason === undefined ? {} : { reason }),
    notes: [],
    samples: {},
    bins: metric.bins,
    resamples: 0,
    perFactor: [],
    matrix: null,
  };
}
