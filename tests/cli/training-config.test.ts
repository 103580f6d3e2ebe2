import { describe, expect, it } from 'vitest';
import { presetPlanner, trainingConfig, type TrainingChoices } from '../../src/cli/training-config.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('trainingConfig', () => {
  it("has the paper's values by default", () => {
    expect(trainingConfig({ model: 'beta-tcvae' })).toEqual({
      objective: { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
      architecture: 'paper',
      latentDim: 32,
      epochs: 30,
      batchSize: 128,
      learningRate: 1e-4,
      precision: 'full',
      seed: 1,
      heldOutFraction: 0.05,
      checkpointEverySteps: 0,
    });
  });

  it('uses every option', () => {
    const choices: TrainingChoices = {
      ...{
        model: 'beta-vae',
        beta: 0,
        warmUp: 0.2,
        architecture: 'burgess',
        latent: 10,
        epochs: 3,
        batch: 64,
        lr: 0.001,
      },
      ...{ precision: 'mixed', seed: 0, heldOut: 0.1, checkpointEvery: 50 },
    } as const;
    expect(trainingConfig(choices)).toEqual({
      objective: { model: 'beta-vae', beta: 0, warmUp: 0.2 },
      architecture: 'burgess',
      latentDim: 10,
      epochs: 3,
      batchSize: 64,
      learningRate: 0.001,
      precision: 'mixed',
      seed: 0,
      heldOutFraction: 0.1,
      checkpointEverySteps: 50,
    });
  });

  it.each<[TrainingChoices, string]>([
    [{ model: 'vae', latent: 0 }, '--latent must be at least 1.'],
    [{ model: 'vae', latent: 513 }, '--latent must be at most 512.'],
    [{ model: 'vae', batch: 1 }, '--batch must be at least 2.'],
    [{ model: 'vae', epochs: 0 }, '--epochs must be at least 1.'],
    [{ model: 'vae', lr: 0 }, '--lr must be at least 1e-9.'],
    [{ model: 'vae', seed: -1 }, '--seed must be at least 0.'],
    [{ model: 'vae', heldOut: 0.9 }, '--held-out must be at most 0.5.'],
    [{ model: 'vae', checkpointEvery: -5 }, '--checkpoint-every must be at least 0.'],
    [{ model: 'beta-vae', beta: -1 }, '--beta must be at least 0.'],
    [{ model: 'beta-vae', warmUp: 1.5 }, '--warm-up must be at most 1.'],
    [{ model: 'dip-vae-i', lambdaDiagonal: -1 }, '--lambda-diagonal must be at least 0.'],
  ])('refuses %o, naming the option', (choices, message) => {
    expect(() => trainingConfig(choices)).toThrow(new UsageError(message));
  });

  it.each<[TrainingChoices, string]>([
    [{ model: 'vae', beta: 3 }, 'VAE has no weight beta.'],
    [{ model: 'info-vae', gamma: 3 }, 'InfoVAE has no weight gamma.'],
    [{ model: 'info-vae', alpha: 2 }, "InfoVAE's alpha must be at most 1, not 2."],
    [{ model: 'info-vae', lambda: 0.5 }, "InfoVAE's alpha and lambda must make 1 or more together, not 0.5."],
    [{ model: 'vae', sampling: 'stratified' }, 'VAE does not sample the aggregate posterior.'],
    [{ model: 'ae', deviation: 'softplus' }, 'AE has no posterior, and so no standard deviation of one.'],
  ])('refuses %o, which the model does not have or cannot use', (choices, message) => {
    expect(() => trainingConfig(choices)).toThrow(message);
    expect(() => trainingConfig(choices)).toThrow(UsageError);
  });
});

describe('presetPlanner', () => {
  it.each<[TrainingChoices, object]>([
    [{ model: 'beta-tcvae' }, { deviation: 'softplus', objective: { beta: 1 } }],
    [
      { model: 'vae', deviation: 'exp' },
      { deviation: 'exp', objective: { model: 'vae' } },
    ],
  ])('takes the paper’s program with %o, which replaces what it says', (choices, expected) => {
    const config = presetPlanner('celeba-schik-program', choices)({ images: 8000 });
    expect(config).toMatchObject({ batchSize: 128, decoder: { variance: 0.4874 }, ...expected });
  });

  it('leaves the posterior’s deviation out of an AE, which has none', () => {
    const config = presetPlanner('celeba-schik-program', { model: 'ae' })({ images: 8000 });
    expect(config).not.toHaveProperty('deviation');
  });
});
