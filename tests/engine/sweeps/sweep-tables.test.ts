import { describe, expect, it } from 'vitest';
import { linearScale, valueScale } from '../../../src/engine/figures/scales.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { sweepFigure } from '../../../src/engine/sweeps/sweep-figure.ts';
import { meanAndDeviation } from '../../../src/engine/sweeps/mean-and-deviation.ts';
import { measureText, summaryTable, trialTable } from '../../../src/engine/sweeps/sweep-tables.ts';
import type { TrialResult } from '../../../src/engine/sweeps/trial-result.ts';

function result(
  model: string,
  beta: number | null,
  seed: number,
  values: { mig?: number; kl?: number },
  failure: string | null = null,
): TrialResult {
  const { mig, kl } = values;
  const interval = { low: null, high: null };
  return {
    trial: { model, axes: {}, beta, seed, name: `${model} ${seed}`, config: defaultConfig({ model: 'vae' }) },
    run: `run-${seed}`,
    failure,
    measures: [
      ...(kl === undefined
        ? []
        : [{ key: 'heldOutKl', title: 'Held-out KL', unit: 'nats' as const, value: kl, ...interval }]),
      ...(mig === undefined
        ? []
        : [
            {
              key: 'mig',
              title: 'MIG',
              unit: 'score' as const,
              value: mig,
              low: mig - 0.01,
              high: mig + 0.01,
            },
          ]),
    ],
  };
}

const results = [
  result('AE', null, 1, { mig: 0.03 }),
  result('β-VAE', 4, 1, { mig: 0.2, kl: 12 }),
  result('β-VAE', 1, 1, { mig: 0.1, kl: 123.45 }),
  result('β-VAE', 4, 2, { mig: 0.3, kl: 14 }),
  result('β-VAE', 64, 1, {}, 'The loss diverged.'),
];

describe('tables of a sweep', () => {
  it('have a line for each trial, with intervals, and nothing where nothing was measured', () => {
    const { header, rows } = trialTable(results);
    expect(header).toEqual([
      ...['model', 'beta', 'seed', 'run', 'failure'],
      ...['heldOutKl', 'heldOutKl_low', 'heldOutKl_high', 'mig', 'mig_low', 'mig_high'],
    ]);
    expect(rows[0]).toEqual(['AE', '', 1, 'run-1', '', '', '', '', 0.03, 0.019999999999999997, 0.04]);
    expect(rows[4]).toEqual(['β-VAE', 64, 1, 'run-1', 'The loss diverged.', '', '', '', '', '', '']);
  });

  it('have means and deviations over the seeds for papers, and the interval of a single one', () => {
    expect(summaryTable(results).split('\n')).toEqual([
      '|  | AE | β-VAE, β = 1 | β-VAE, β = 4 |',
      '| --- | ---: | ---: | ---: |',
      '| Seeds | 1 | 1 | 2 |',
      '| Held-out KL (nats) | – | 123.5 | 13.00 ± 1.41 |',
      '| MIG | 0.030 (0.020 to 0.040) | 0.100 (0.090 to 0.110) | 0.250 ± 0.071 |',
      '',
      'Of several seeds the mean ± their standard deviation; of one seed the value and its 95 % interval.',
      '',
      'β-VAE 1 is left out: The loss diverged.',
      '',
    ]);
    expect([measureText(-0.001, 'nats'), measureText(-1.5, 'nats')]).toEqual(['0.00', '−1.50']);
    expect(meanAndDeviation([2, 4, 9])).toEqual({ mean: 5, deviation: Math.sqrt(13) });
  });
});

describe('plots of a sweep', () => {
  const figure = sweepFigure(results, 'faces')!;
  const texts = figure.drawing.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));

  it('show each measure against β, with a disc for each seed and a level for a model without β', () => {
    expect(texts.filter((text) => text === 'Held-out KL' || text === 'MIG')).toHaveLength(2);
    expect(texts.filter((text) => text === '4')).toHaveLength(2);
    expect(texts).toContain('AE');
    const discs = figure.drawing.marks.filter(({ kind }) => kind === 'disc');
    expect(discs).toHaveLength(6);
    const dashed = figure.drawing.marks.filter((mark) => mark.kind === 'path' && mark.stroke?.dash);
    // In the legend and in MIG's plot: an AE has no KL.
    expect(dashed).toHaveLength(2);
  });

  it('have discs where their values are', () => {
    const [a, b] = figure.drawing.marks.flatMap((mark) =>
      mark.kind === 'disc' ? [[mark.x, mark.y] as const] : [],
    );
    // KL of β = 1 stands higher and further left than that of β = 4.
    expect(a![0]).toBeLessThan(b![0]);
    expect(a![1]).toBeLessThan(b![1]);
    for (const mark of figure.drawing.marks) {
      if (mark.kind !== 'disc') continue;
      expect(mark.x).toBeLessThan(figure.drawing.width);
      expect(mark.y).toBeLessThan(figure.drawing.height);
    }
  });

  it('are none where nothing was measured', () => {
    expect(sweepFigure([results[4]!], 'faces')).toBeUndefined();
  });
});

describe('scales', () => {
  it('have round ticks that hold all values', () => {
    const scale = linearScale([0.03, 0.31]);
    expect(scale.ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(scale.at(0)).toBeCloseTo(0);
    expect(scale.at(0.4)).toBeCloseTo(1);
    expect(linearScale([-3, 4]).ticks).toEqual([-4, -2, 0, 2, 4]);
    expect(linearScale([98, 102]).ticks).toEqual([98, 99, 100, 101, 102]);
    expect(linearScale([7]).at(7)).toBeCloseTo(0.5, 0);
    expect(linearScale([0, 0]).at(0)).toBeGreaterThanOrEqual(0);
  });

  it('of given values are logarithmic where they are many times apart', () => {
    const wide = valueScale([16, 1, 4, 4]);
    expect(wide.ticks).toEqual([1, 4, 16]);
    expect(wide.at(4) - wide.at(1)).toBeCloseTo(wide.at(16) - wide.at(4));
    const near = valueScale([1, 2, 3]);
    expect(near.at(2)).toBeCloseTo(0.5);
    const withNone = valueScale([0, 10, 20]);
    expect(withNone.at(10)).toBeCloseTo(0.5);
    expect(valueScale([5]).at(5)).toBe(0.5);
  });
});
