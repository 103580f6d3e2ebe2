import { describe, expect, it } from 'vitest';
import { differences, nextStep } from '../../scripts/starters/settings.mjs';

const config = {
  objective: { model: 'vae', beta: 1 },
  decoder: { kind: 'gaussian', variance: 0.02 },
  architecture: { name: 'sharp', encoder: [{ layer: 'conv', filters: 32 }] },
  latentDim: 13,
  epochs: 24,
  optimiser: { schedule: 'cosine' },
};
const run = { state: 'done', dataset: { id: 'faces-1' }, config };
const wanted = { dataset: 'faces-1', config };

describe('what is left to do for a starter that has a run', () => {
  it('is to go on with an interrupted run, and nothing for one that is done', () => {
    expect(nextStep({ ...run, state: 'interrupted' }, wanted)).toEqual({ action: 'resume' });
    expect(nextStep(run, wanted)).toEqual({ action: 'done' });
  });

  it('is to train a run further that has fewer epochs, and not one that has more', () => {
    const more = { ...wanted, config: { ...config, epochs: 48 } };
    expect(nextStep(run, more)).toEqual({ action: 'resume', epochs: 48 });
    expect(nextStep({ ...run, state: 'interrupted' }, more)).toEqual({ action: 'resume', epochs: 48 });
    const why = ['epochs is 24 and would be 6'];
    expect(nextStep(run, { ...wanted, config: { ...config, epochs: 6 } })).toEqual({ action: 'refuse', why });
  });

  it('is refused for a run with other settings or images, also where it has fewer epochs', () => {
    const other = { dataset: 'faces-2', config: { ...config, epochs: 48, latentDim: 10 } };
    expect(nextStep(run, other)).toEqual({
      action: 'refuse',
      why: ['it was trained on other images', 'latentDim is 13 and would be 10'],
    });
  });
});

describe('the settings in which a run differs', () => {
  it('are named with their group and both values, and those that only one of them has', () => {
    const other = { ...config, decoder: { kind: 'gaussian', variance: 0.5 }, optimiser: {}, seed: 1 };
    expect(differences(config, other)).toEqual([
      'decoder.variance is 0.02 and would be 0.5',
      'optimiser.schedule is "cosine" and would be not set',
      'seed is not set and would be 1',
    ]);
  });

  it('are named only where their values are long, as layers are', () => {
    const architecture = { name: 'sharp', encoder: [{ layer: 'conv', filters: 64 }] };
    expect(differences(config, { ...config, architecture })).toEqual(['architecture is another']);
    expect(differences(config, structuredClone(config))).toEqual([]);
  });
});
