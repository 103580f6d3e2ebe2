import type { ElboDecomposition, Evaluation, MetricResult } from '../../../../src/contract/metrics.ts';
import type { StoredEvaluation } from '../../../../src/contract/operations/measure.ts';

export function aResult(changes: Partial<MetricResult> = {}): MetricResult {
  return {
    title: 'MIG',
    sentence: 'How far the best dimension is ahead.',
    value: 0.1,
    low: 0.097,
    high: 0.103,
    shuffled: 0.02,
    randomEncoder: 0.04,
    notes: [],
    samples: { rows: 4000 },
    bins: 20,
    resamples: 200,
    perFactor: [],
    matrix: {
      title: 'Mutual information',
      unit: 'nats',
      rows: ['z0', 'z1', 'z2'],
      columns: ['smile', 'hair_colour'],
      values: [0, 0.01, 0.02, Math.LN2, 0.3, 0.1],
    },
    ...changes,
  };
}

export function anEvaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    version: 1,
    seed: 0,
    images: 4001,
    latentDim: 3,
    factors: [
      { name: 'smile', factor: false, classes: 2, known: 4001 },
      { name: 'hair_colour', factor: true, classes: 20, known: 4001 },
    ],
    notes: [],
    metrics: {
      factorVae: aResult({
        title: 'FactorVAE metric',
        value: null,
        low: null,
        high: null,
        shuffled: null,
        randomEncoder: null,
        reason: 'Needs pairs that share one factor; these labels have no full grid.',
        resamples: 0,
        matrix: null,
      }),
      mig: aResult(),
      modularity: aResult({ title: 'Modularity', value: 0.78, low: 0.771, high: 0.789, matrix: null }),
    },
    dimensionNames: [
      { dimension: 0, name: 'z0', bits: 0, column: null },
      { dimension: 1, name: 'hair_colour, 0.98 bits', bits: 0.98, column: 'hair_colour' },
      { dimension: 2, name: 'smile, 0.40 bits', bits: 0.4, column: 'smile' },
    ],
    ...changes,
  };
}

export function aDecomposition(changes: Partial<ElboDecomposition> = {}): ElboDecomposition {
  return {
    method: 'exact',
    images: 1101,
    codes: 2202,
    reconstruction: 47,
    mutualInformation: { value: 7, error: 0.05 },
    totalCorrelation: { value: 8.2, error: 0.04 },
    dimensionwiseKl: { value: 0.7, error: 0.01 },
    aggregateKl: { value: 8.9, error: 0.05 },
    sum: { value: 15.9, error: 0.07 },
    kl: 15.9,
    klPerDimension: [8, 7, 0.9],
    activeDimensions: 3,
    ...changes,
  };
}

export function aStoredEvaluation(changes: Partial<StoredEvaluation> = {}): StoredEvaluation {
  return {
    version: 1,
    dataset: 'faces-1',
    step: 1770,
    seed: 0,
    images: 4001,
    measured: '2026-01-01T00:00:00Z',
    evaluation: anEvaluation(),
    decomposition: aDecomposition(),
    ...changes,
  };
}
