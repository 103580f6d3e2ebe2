import { describe, expect, it } from 'vitest';
import {
  baselineWords,
  columnWords,
  evaluationWords,
  halfWidthText,
  methodWords,
  natsText,
  sampleWords,
  spokenScore,
} from '../../../../src/renderer/views/measure/metric-words.ts';
import { metricsCsv } from '../../../../src/renderer/state/run-tables.ts';
import { staleWords } from '../../../../src/renderer/views/measure/stale-words.ts';
import { METRICS } from '../../../../src/engine/metrics/registry.ts';
import { METRIC_CHOICES } from '../../../../src/renderer/views/measure/state/metric-choices.ts';
import { aRun } from '../../small-app.ts';
import { aDecomposition, anEvaluation, aResult } from './an-evaluation.ts';

describe('the words of an evaluation', () => {
  it('say what it was made of', () => {
    expect(evaluationWords(anEvaluation())).toBe(
      '1 label and 1 factor, 4,001 images, 20 bins, up to 200 resamples, seed 0',
    );
    const bare = anEvaluation({ metrics: { mig: aResult({ resamples: 0, bins: null }) }, seed: 7 });
    expect(evaluationWords(bare)).toBe('1 label and 1 factor, 4,001 images, values only, seed 7');
    expect(columnWords([{ factor: false }, { factor: false }])).toBe('2 labels');
  });

  it('tell an interval by its larger half, with digits enough', () => {
    expect(halfWidthText(aResult())).toBe('±0.003');
    expect(halfWidthText(aResult({ value: 0.5, low: 0.2, high: 0.6 }))).toBe('±0.30');
    expect(halfWidthText(aResult({ low: null, high: null }))).toBe('');
    expect(halfWidthText(aResult({ value: null }))).toBe('');
  });

  it('compare with what there is to compare with', () => {
    expect(baselineWords(aResult())).toBe(
      'With the labels shuffled it is 0.02; an untrained encoder gets 0.04.',
    );
    expect(baselineWords(aResult({ shuffled: null }))).toBe('An untrained encoder gets 0.04.');
    expect(baselineWords(aResult({ shuffled: null, randomEncoder: null }))).toBe('');
  });

  it('read a row aloud, and why it is empty', () => {
    expect(spokenScore(aResult())).toBe(
      '0.10, 95 % interval 0.10 to 0.10. With the labels shuffled it is 0.02; an untrained encoder gets 0.04.',
    );
    expect(spokenScore(anEvaluation().metrics['factorVae']!)).toBe(
      'not measured. Needs pairs that share one factor; these labels have no full grid.',
    );
    expect(sampleWords(aResult())).toBe('4,000 rows, 20 bins, 200 resamples');
  });

  it('say how nats were counted', () => {
    expect(methodWords(aDecomposition())).toBe('exact sums over 1,101 images');
    expect(methodWords(aDecomposition({ method: 'sampled', images: 90_000, codes: 4000 }))).toBe(
      '4,000 codes sampled, of 90,000 images',
    );
    expect(natsText(15.94)).toBe('15.9');
    expect(natsText(0.704)).toBe('0.70');
    expect(natsText(-0.004)).toBe('0.00');
    expect(natsText(-0.02)).toBe('−0.02');
  });

  it('say that a measurement is of an earlier checkpoint', () => {
    expect(staleWords({ step: 1770 }, aRun({ step: 1770 }))).toBeUndefined();
    expect(staleWords({ step: 1200 }, aRun({ step: 1770 }))).toBe(
      'Measured at step 1,200; the run has come to step 1,770 since.',
    );
  });
});

describe('the table', () => {
  it('has every digit, and a reason where there is no value', () => {
    const [head, refused, mig] = metricsCsv(anEvaluation().metrics).split('\r\n');
    expect(head).toBe('key,metric,value,low,high,shuffled,untrained,resamples,not measured because');
    expect(refused).toBe(
      'factorVae,FactorVAE metric,,,,,,0,"Needs pairs that share one factor; these labels have no full grid."',
    );
    expect(mig).toBe('mig,MIG,0.1,0.097,0.103,0.02,0.04,200,');
  });

  it('is no formula to a spreadsheet', () => {
    const csv = metricsCsv({ odd: aResult({ title: '=1+1', value: -0.5 }) });
    expect(csv.split('\r\n')[1]).toMatch(/^odd,'=1\+1,-0\.5,/);
  });

  it('quotes what would break it', () => {
    const csv = metricsCsv({ odd: aResult({ title: 'A, "b"' }) });
    expect(csv.split('\r\n')[1]).toMatch(/^odd,"A, ""b""",0\.1,/);
  });
});

describe('the metrics to choose from', () => {
  it('are the engine’s own, in its order', () => {
    const own = METRICS.map(({ id, scores }) => ({ id, keys: scores.map(({ key }) => key) }));
    expect(METRIC_CHOICES.map(({ id, keys }) => ({ id, keys }))).toEqual(own);
  });
});
