import { describe, expect, it } from 'vitest';
import { enoughDimensions } from '../../../src/engine/sweeps/enough-dimensions.ts';
import { dimensionsFigure, sweepFigure } from '../../../src/engine/sweeps/sweep-figure.ts';
import { stabilityTable, summaryTable } from '../../../src/engine/sweeps/sweep-tables.ts';
import type { TrialResult } from '../../../src/engine/sweeps/trial-result.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';

function result(
  latentDim: number,
  error: number,
  { seed = 1, active = latentDim, model = 'VAE', batch = 8 } = {},
): TrialResult {
  const measure = (key: string, title: string, unit: 'error' | 'nats' | 'count', value: number) => {
    return { key, title, unit, value, low: null, high: null };
  };
  const config = { ...defaultConfig({ model: 'vae' }), latentDim };
  return {
    trial: {
      model,
      axes: { latentDim, batchSize: batch },
      beta: null,
      seed,
      name: `${model} ${latentDim}`,
      config,
    },
    run: `run-${latentDim}-${seed}`,
    failure: null,
    measures: [
      measure('heldOutReconstruction', 'Held-out error', 'error', error),
      measure('heldOutKl', 'Held-out KL', 'nats', latentDim * 2),
      measure('activeDimensions', 'Active dimensions', 'count', active),
    ],
  };
}
const wordsOf = (...results: TrialResult[]): string => enoughDimensions(results)[0]!.words;

describe('how many dimensions are enough', () => {
  it('is the smallest size within 5 % of the lowest error', () => {
    const curve = [result(16, 100, { active: 9 }), result(2, 200), result(8, 104.9), result(4, 105.1)];
    expect(enoughDimensions(curve)).toEqual([
      {
        title: 'VAE',
        enough: 8,
        words:
          'VAE: a latent size of 8 is enough: it has a held-out error (104.9) within 5 % of the lowest (100, with 16). Of the 16 dimensions of the largest model, 9 are active.',
      },
    ]);
  });

  it('is decided by the standard error over the seeds where that is more', () => {
    const seeds = [result(8, 80), result(8, 120, { seed: 2 }), result(4, 119), result(4, 119, { seed: 2 })];
    expect(enoughDimensions(seeds)[0]!.enough).toBe(4);
    expect(wordsOf(...seeds)).toContain('within the standard error over the seeds');
  });

  it('is open where the error still falls, or falls nowhere', () => {
    expect(wordsOf(result(2, 200), result(4, 100))).toContain('still falls at the largest size, 4');
    expect(wordsOf(result(2, 100), result(4, 100))).toContain('smaller ones may do');
    expect(wordsOf(result(2, 100), result(4, 200))).toContain('higher (200), which a longer training');
    expect(wordsOf(result(2, 100, { active: 0 }), result(4, 100, { active: 0 }))).toContain('say nothing');
  });

  it('is asked of each model at each other setting, and of no single size', () => {
    const both = [8, 16].flatMap((batch) => [2, 4].map((size) => result(size, 100, { batch })));
    expect(enoughDimensions(both).map(({ title }) => title)).toEqual(['VAE, batch = 8', 'VAE, batch = 16']);
    expect(enoughDimensions([result(2, 1), result(2, 1, { seed: 2 })])).toEqual([]);
    expect(dimensionsFigure([result(2, 1)], 'faces')).toBeUndefined();
  });

  it('stands below a table with a column for each axis, and in a figure with a plot for each measure', () => {
    const results = [result(2, 200), result(4, 100), result(4, 110, { seed: 2 })];
    const lines = summaryTable(results).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '| Model | Latent dimensions | Batch | Seeds | Held-out error | Held-out KL (nats) | Active dimensions |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| VAE | 2 | 8 | 1 | 200.0 | 4.00 | 2 |',
      '| VAE | 4 | 8 | 2 | 105.0 ± 7.07 | 8.00 ± 0.00 | 4 ± 0 |',
    ]);
    expect(lines.filter((line) => line.startsWith('- VAE: the held-out error still falls'))).toHaveLength(1);
    const { header, rows } = stabilityTable([{ ...results[0]!, stability: [0.5, null] }]);
    expect(header.slice(0, 3)).toEqual(['model', 'latentDim', 'batchSize']);
    expect(rows[1]).toEqual(['VAE', 2, 8, '', 1, 'run-2-1', 1, 0, '']);
    const { name, drawing } = dimensionsFigure(results, 'faces')!;
    const texts = drawing.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
    expect(name).toBe('dimensions');
    expect(texts).toEqual(
      expect.arrayContaining(['Active dimensions', 'Held-out error', 'Held-out KL', 'latent dimensions']),
    );
    // A disc for each seed in each of three plots, and the line on which all dimensions are active.
    expect(drawing.marks.filter(({ kind }) => kind === 'disc')).toHaveLength(9);
    expect(drawing.marks.filter((mark) => mark.kind === 'path' && mark.stroke?.dash)).toHaveLength(1);
    expect(sweepFigure(results, 'faces', 'latentDim')!.name).toBe('metrics-against-latent-dim');
  });
});
