import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelKinds, type HeldOut, type Objective, type TrainingConfig } from '../../src/contract/run.ts';
import { TrainingConfigSchema } from '../../src/contract/run.ts';
import * as v from 'valibot';
import { adviseForCollapse, adviseMoreEpochs } from '../../src/contract/verdict-advice.ts';
import { tooFewSteps } from '../../src/contract/goals/few-steps.ts';
import {
  learningOf,
  medianSlope,
  outcomeOf,
  verdictOf,
  type Advice,
  type Verdict,
} from '../../src/contract/verdict.ts';
import { aRun, paperConfig } from '../fixtures/infos.ts';

const LATENT = 6;

function configOf(objective: Objective, changes: Partial<TrainingConfig> = {}): TrainingConfig {
  return {
    ...paperConfig,
    objective,
    architecture: 'burgess',
    latentDim: LATENT,
    batchSize: 32,
    learningRate: 1e-3,
    ...changes,
  };
}

function heldOutOf(reconstruction: number, meanImage: number | undefined, active: number): HeldOut {
  return {
    images: 30,
    reconstruction,
    ...(meanImage === undefined ? {} : { meanImage }),
    kl: active,
    klPerDimension: Array.from({ length: LATENT }, (_, l) => (l < active ? 1 : 0)),
    activeDimensions: active,
  };
}

interface History {
  readonly errors: readonly number[];
  readonly mean?: number;
  /** By epoch; the last one for all that follow. */
  readonly active?: readonly number[];
  readonly perEpoch?: number;
  readonly images?: number;
}

/** The verdict after each epoch; `isOver` after the last one. */
function verdicts(
  config: TrainingConfig,
  { errors, mean, active = [LATENT], perEpoch = 17, images = 600 }: History,
  isOver = true,
): Verdict[] {
  const epochs = errors.map((error, i) => ({
    epoch: i + 1,
    step: (i + 1) * perEpoch,
    heldOut: heldOutOf(error, mean, active[i] ?? active.at(-1)!),
  }));
  return epochs.map((_, i) => {
    const isLast = i === epochs.length - 1;
    return verdictOf({ config, images, epochs: epochs.slice(0, i + 1), isOver: isOver && isLast })!;
  });
}

const kinds = (all: readonly Verdict[]): string[] => all.map(({ kind }) => kind);

// Histories of real trainings, of 600 sample faces or sprites, burgess, 6 dimensions, learning rate 1e-3.
const FACES_MEAN = 306.5;
const SPRITES_MEAN = 230.3;
const betaVae = (beta: number): Objective => ({ model: 'beta-vae', beta, warmUp: 0 });

describe('the verdict on real histories', () => {
  it('is collapse where β is 500, once its error falls no more or it ends, with a β of 1 as advice', () => {
    const config = configOf(betaVae(500), { epochs: 6 });
    const all = verdicts(config, {
      errors: [588.8, 287.7, 283.0, 282.6, 282.5, 282.4],
      mean: SPRITES_MEAN,
      active: [0],
    });
    expect(kinds(all)).toEqual(['nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'collapsed']);
    expect(all.at(-1)!.title).toBe('Collapsed: 0 of 6 dimensions tell anything');
    expect(all.at(-1)!.advice).toMatchObject({
      kind: 'train',
      words: 'β 1',
      config: { ...config, objective: { model: 'beta-vae', beta: 1, warmUp: 0 } },
    });
  });

  it('waits while inactive dimensions come with a falling error, from which a VAE recovered', () => {
    const errors = [544.3, 508.8, 483.9, 423.8, 374.1, 346.8, 335.5, 324.7, 321.1, 308.8, 285.5, 270.2];
    const active = [6, 0, 0, 0, 6];
    const all = verdicts(configOf({ model: 'vae' }, { epochs: 12 }), { errors, mean: FACES_MEAN, active });
    expect(kinds(all)).toEqual([...Array<string>(10).fill('nothing'), 'improving', 'improving']);
    expect(all[3]!.advice).toBeUndefined();
    expect(all.at(-1)).toMatchObject({
      title: 'Still improving when it ended',
      advice: { kind: 'continue', words: '24 epochs', epochs: 24 },
    });
  });

  it('is collapse for a VAE of sprites whose dimensions went out, with a warm-up as advice', () => {
    const errors = [331.7, 284, 282.5, 282.4, 282.8, 282.7, 282.4, 282.3];
    const active = [6, 6, 6, 6, 0];
    const all = verdicts(configOf({ model: 'vae' }), { errors, mean: SPRITES_MEAN, active }, false);
    expect(kinds(all)).toEqual([...Array<string>(4).fill('nothing'), ...Array<string>(4).fill('collapsed')]);
    expect(all.at(-1)!.advice).toMatchObject({
      words: 'a warm-up',
      config: { objective: { model: 'beta-vae', beta: 1, warmUp: 0.3 } },
    });
  });

  it('is nothing learned where the learning rate is too small to move a weight', () => {
    const config = configOf({ model: 'vae' }, { learningRate: 1e-9, epochs: 4 });
    const history = { errors: [706.1, 706.1, 706.1, 706.1], mean: FACES_MEAN, active: [0] };
    const last = verdicts(config, history).at(-1)!;
    expect(last).toMatchObject({ kind: 'nothing', title: 'It has learned nothing' });
    expect(last.text).toContain('the mean image alone gives 307.');
    expect(last.text).toContain('A learning rate of 0.000000001 is too small');
    expect(last.advice).toMatchObject({
      words: 'a learning rate of 0.001, 18 epochs',
      config: { learningRate: 1e-3, epochs: 18 },
    });
    expect(verdicts(config, history, false).at(-1)!.title).toBe('It has learned nothing yet');
  });
});

it('advises as many epochs as teach something, where the error of a short training was still falling', () => {
  // 304 of 320 images, in batches of 16: 19 steps an epoch.
  const config = configOf(
    { model: 'vae' },
    { architecture: 'paper', epochs: 3, batchSize: 16, learningRate: 5e-4 },
  );
  const history = { errors: [900, 700, 600], mean: 226, images: 320, perEpoch: 19 };
  const last = verdicts(config, history).at(-1)!;
  expect(last).toMatchObject({
    kind: 'nothing',
    advice: { kind: 'continue', words: '27 epochs', epochs: 27 },
  });
});

describe('the verdict', () => {
  const vae = configOf({ model: 'vae' }, { epochs: 20 });

  it('is none before the first epoch', () => {
    expect(verdictOf({ config: vae, epochs: [], isOver: false })).toBeUndefined();
  });

  it('says that too few steps were too few, and which batch and how many epochs give enough', () => {
    // 301 photographs with the paper's settings, which ended as grey squares.
    const config: TrainingConfig = { ...paperConfig, objective: { model: 'vae' } };
    const history = { errors: [900, 880], mean: 300, perEpoch: 2, images: 301 };
    for (const isOver of [true, false]) {
      const { advice, text } = verdicts(config, history, isOver).at(-1)!;
      expect(text).toContain('60 steps are too few to learn anything.');
      expect(advice).toMatchObject({
        words: 'batches of 16',
        config: { batchSize: 16, epochs: 30, learningRate: 1e-4 },
      });
      const better = (advice as Extract<Advice, { kind: 'train' }>).config;
      expect(tooFewSteps(301, better)).toBeUndefined();
      const few = verdicts(config, { ...history, images: 100 }, isOver).at(-1)!.advice;
      expect(few?.words).toBe('batches of 16, 90 epochs');
    }
  });

  it('is settled where the error changes by less than a hundredth, with or without an outlier', () => {
    const flat = [...[250, 200, 150, 120], ...Array.from({ length: 8 }, (_, i) => 100 + (i % 2) * 0.3)];
    expect(kinds(verdicts(vae, { errors: flat, mean: 300 })).at(-1)).toBe('settled');
    const outlier = flat.with(-2, 140);
    expect(kinds(verdicts(vae, { errors: outlier, mean: 300 })).at(-1)).toBe('settled');
    const running = verdicts(vae, { errors: flat, mean: 300 }, false).at(-1)!;
    expect(running).toMatchObject({ title: 'No longer improving', advice: { kind: 'stop' } });
  });

  it('names the epoch of the lowest error where it has risen since', () => {
    const errors = [200, 150, 100, 90, 95, 100, 105, 110, 115, 120];
    const { kind, text } = verdicts(vae, { errors, mean: 300 }).at(-1)!;
    expect(kind).toBe('settled');
    expect(text).toContain('It was lowest after epoch 4, 90, and has risen since.');
  });

  it('states no trend across a warm-up, in which the objective changes', () => {
    const config = configOf({ model: 'beta-vae', beta: 4, warmUp: 0.5 }, { epochs: 20 });
    const rising = Array.from({ length: 12 }, (_, i) => 100 + 4 * i);
    const all = kinds(verdicts(config, { errors: rising, mean: 300 }, false));
    expect(new Set(all)).toEqual(new Set(['improving']));
  });

  it('lets a warm-up go by the epochs that a training began with, where it was continued', () => {
    const config = configOf({ model: 'beta-vae', beta: 4, warmUp: 0.5 }, { epochs: 40 });
    const epochs = Array.from({ length: 20 }, (_, i) => ({
      epoch: i + 1,
      step: (i + 1) * 17,
      heldOut: heldOutOf(100, 300, LATENT),
    }));
    // Of 40 epochs the warm-up would take all of these; of the first 10 it took 5.
    expect(verdictOf({ config, epochs, isOver: true })!.kind).toBe('improving');
    const earlierStages = [{ step: 170, epochs: 10, learningRate: 1e-3 }];
    expect(verdictOf({ config, earlierStages, epochs, isOver: true })!.kind).toBe('settled');
  });

  it('is still improving for any steadily falling error below the mean image’s', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.9, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (factor, length) => {
          const errors = Array.from({ length }, (_, i) => 250 * factor ** i);
          expect(new Set(kinds(verdicts(vae, { errors, mean: 300 }, false)))).toEqual(new Set(['improving']));
        },
      ),
    );
  });
});

describe('what a model has learned', () => {
  it('is nothing below a twentieth of the mean image’s error', () => {
    expect(learningOf(heldOutOf(94.9, 100, LATENT), { model: 'ae' })).toBe('learned');
    expect(learningOf(heldOutOf(95.1, 100, LATENT), { model: 'ae' })).toBe('nothing');
  });

  it('is never collapse for an AE, which has no posterior', () => {
    expect(learningOf(heldOutOf(50, 100, 0), { model: 'ae' })).toBe('learned');
    expect(learningOf(heldOutOf(50, 100, 0), { model: 'vae' })).toBe('collapsed');
  });

  it('is not judged by pixels where a discriminator compares images', () => {
    expect(learningOf(heldOutOf(120, 100, LATENT), { model: 'vae-gan' })).toBe('learned');
    expect(learningOf(heldOutOf(100, 100, 0), { model: 'vae-gan' })).toBe('collapsed');
  });

  it('is seen of early versions, which did not measure the mean image, as far as it can be', () => {
    expect(learningOf(heldOutOf(500, undefined, 2), { model: 'vae' })).toBe('learned');
    expect(learningOf(heldOutOf(500, undefined, 0), { model: 'vae' })).toBe('collapsed');
    expect(outcomeOf(aRun())).toBeUndefined();
  });

  it('is the outcome of a run only when its training is over', () => {
    const heldOut = heldOutOf(100, 100, 0);
    expect(outcomeOf(aRun({ heldOut }))).toBe('collapsed');
    expect(outcomeOf(aRun({ heldOut, state: 'running' }))).toBeUndefined();
  });
});

describe('advice', () => {
  it('of more epochs is none where there can be no more', () => {
    expect(adviseMoreEpochs(configOf({ model: 'vae' }, { epochs: 60_000 }))?.epochs).toBe(100_000);
    expect(adviseMoreEpochs(configOf({ model: 'vae' }, { epochs: 100_000 }))).toBeUndefined();
  });

  it('for a collapse is a config that can be trained and differs, for every model with a posterior', () => {
    for (const model of modelKinds().filter((one) => one !== 'ae')) {
      const config = configOf({ model });
      const advice = adviseForCollapse(config);
      expect(v.parse(TrainingConfigSchema, advice.config)).toEqual(advice.config);
      expect(advice.config, model).not.toEqual(config);
      expect(advice.words, model).not.toBe('');
    }
  });

  it('lowers every weight of KL above 1', () => {
    const { words, config } = adviseForCollapse(
      configOf({ model: 'beta-tcvae', beta: 20, alpha: 1, gamma: 3 }),
    );
    expect(words).toBe('β 1, γ 1');
    expect(config.objective).toEqual({ model: 'beta-tcvae', beta: 1, alpha: 1, gamma: 1 });
  });
});

describe('the median slope', () => {
  it('is the slope of a line, whatever one outlier does', () => {
    expect(medianSlope([1, 3, 5, 7, 9])).toBe(2);
    expect(medianSlope([1, 3, 500, 7, 9])).toBe(2);
    expect(medianSlope([4])).toBe(0);
  });
});
