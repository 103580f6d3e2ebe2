// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { foreignData, foreignDataText } from '../../../../src/contract/foreign-data.ts';
import { modelVerdict } from '../../../../src/renderer/views/explore/model-verdict.ts';
import { aDataset, aRun } from '../../../fixtures/infos.ts';

const dimensions = (kl: number) => [0, 1].map((dimension) => ({ dimension, kl, mean: 0, deviation: kl }));

describe('foreign data', () => {
  const run = aRun();
  const other = aDataset({ id: 'cells-1', name: 'cells', crop: 'square' });

  it('is every data set but the run’s own', () => {
    expect(foreignData(run, aDataset())).toBeUndefined();
    expect(foreignData(run, other)).toEqual({ kind: 'other' });
    expect(foreignData(aRun({ dataset: null }), other)).toEqual({ kind: 'elsewhere' });
  });

  it('names both crops where they differ, as the run or else its data set noted it', () => {
    const crops = { own: 'celeba', other: 'square' };
    const noted = aRun({ dataset: { id: 'faces-1', name: 'faces', images: 8000, crop: 'celeba' } });
    expect(foreignData(noted, other)).toEqual({ kind: 'other', crops });
    expect(foreignData(run, other, aDataset({ crop: 'celeba' }))).toEqual({ kind: 'other', crops });
    expect(foreignDataText(noted, other, foreignData(noted, other)!)).toContain(
      'Its own images were cropped as the paper crops CelebA, these to their central squares.',
    );
  });

  it('is told apart from the run’s own data set of the same name', () => {
    const twin = aDataset({ id: 'faces-2' });
    expect(foreignDataText(run, twin, foreignData(run, twin)!)).toContain(
      'was trained on faces, and this is another data set named faces.',
    );
  });
});

describe('the verdict on a model in Explore', () => {
  const heldOut = {
    images: 400,
    reconstruction: 100,
    meanImage: 100,
    kl: 0,
    klPerDimension: [0, 0],
    activeDimensions: 0,
  };

  it('is that on its own held-out images, else on the shown ones', () => {
    expect(modelVerdict(aRun({ heldOut }), dimensions(1))?.kind).toBe('collapsed');
    expect(modelVerdict(aRun({ state: 'imported', dataset: null }), dimensions(0.001))?.title).toBe(
      '0 of 2 dimensions tell anything about these images',
    );
    expect(modelVerdict(aRun(), dimensions(1))).toBeUndefined();
  });

  it('is not passed while the run is being trained', () => {
    expect(modelVerdict(aRun({ heldOut, state: 'running' }), dimensions(0))).toBeUndefined();
  });
});
