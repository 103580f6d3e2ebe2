import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalPlanner } from '../../src/cli/training-config.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { planGoal, type GoalFacts } from '../../src/contract/goals/plan.ts';
import { papersModels, PAPERS_SETTINGS, type HeldOut, type TrainingConfig } from '../../src/contract/run.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { splitImages } from '../../src/engine/data/split.ts';
import { listDatasets, openDataset } from '../../src/engine/data/store.ts';
import { jsonLines, lastLine, runHere, type Outcome } from './run-cli.ts';

const CELEBA = '../shared/data/celeba/img_align_celeba';
const PHOTOS = 300;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'unravel-goals-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<Outcome> {
  return runHere(...argv, '--workspace', join(folder, 'workspace'), '--json');
}

const facts: GoalFacts = {
  ...{ images: 8000, imageSize: 64, channels: 3 },
  processor: { kind: 'cpu', multipliesBfloat16: true },
};

describe('the options beside --goal', () => {
  it('replace what the goal would choose, and the epochs follow from them', () => {
    const { config } = goalPlanner('quick', { latent: 6, architecture: 'burgess', lr: 0.002 })(facts)
      .trainings[0]!;
    expect(config).toMatchObject({
      ...{ latentDim: 6, architecture: 'burgess', learningRate: 0.002, objective: { model: 'vae' } },
    });
    expect(config.epochs).toBeGreaterThan(planGoal('quick', facts).trainings[0]!.config.epochs);
    expect(goalPlanner('quick', { epochs: 2 })(facts).trainings[0]!.config.epochs).toBe(2);
  });

  it('keep the weights of the goal for its own model, and take the defaults for another one', () => {
    const objective = (choices: Parameters<typeof goalPlanner>[1]) =>
      goalPlanner('disentangle', choices)(facts).trainings[0]!.config.objective;
    expect(objective({ beta: 3 })).toEqual({ model: 'beta-tcvae', alpha: 0.2, beta: 3, gamma: 0.2 });
    expect(objective({ model: 'beta-vae' })).toEqual({ model: 'beta-vae', beta: 5, warmUp: 0 });
  });

  it('change all of the paper’s four, or leave the one that is named', () => {
    const configs = (choices: Parameters<typeof goalPlanner>[1]) =>
      goalPlanner('paper', choices)(facts).trainings.map(({ config }) => config);
    expect(configs({ epochs: 3 }).map(({ objective, epochs }) => [objective.model, epochs])).toEqual(
      papersModels().map((model) => [model, 3]),
    );
    expect(configs({ model: 'beta-vae', beta: 2 })).toEqual([
      { ...PAPERS_SETTINGS, objective: { model: 'beta-vae', beta: 2, warmUp: 0 } },
    ]);
  });

  it.each<[Parameters<typeof goalPlanner>, string]>([
    [['quick', { batch: 1 }], '--batch must be at least 2.'],
    [['quick', { beta: 3 }], 'VAE has no weight beta.'],
    [['paper', { beta: 3 }], '--beta needs --model.'],
    [['paper', { sampling: 'stratified' }], '--sampling needs --model.'],
    [['paper', { latent: 0 }], '--latent must be at least 1.'],
  ])('are refused as without a goal: %j', (given, message) => {
    expect(() => goalPlanner(...given)).toThrow(UsageError);
    expect(() => goalPlanner(...given)).toThrow(message);
  });
});

describe('train --goal', () => {
  beforeAll(async () => {
    await run('sample-data', 'faces', '--count', '64', '--name', 'faces');
  });

  it('prints the plan before it trains', async () => {
    const outcome = await run('train', 'faces', '--goal', 'disentangle', '--latent', '4', '--epochs', '1');
    expect(outcome.code).toBe(0);
    const [plan, started] = jsonLines(outcome);
    expect(plan).toMatchObject({
      ...{ event: 'plan', goal: 'disentangle', steps: 3 },
      config: { objective: { model: 'beta-tcvae' }, latentDim: 4, epochs: 1, architecture: 'burgess' },
    });
    expect(started).toMatchObject({ event: 'warning' });
    expect(lastLine(outcome)).toMatchObject({ event: 'done', epochs: 1, steps: 3 });
  });

  it('warns of too few steps with and without a goal, with options that make them enough', async () => {
    const few = ['--architecture', 'burgess', '--latent', '4', '--batch', '32', '--epochs', '1'];
    const outcome = await run('train', 'faces', '--model', 'vae', ...few);
    expect(jsonLines(outcome)[0]).toEqual({
      event: 'warning',
      message:
        '1 step: too few to learn anything. Use --batch 16 --epochs 1000, which makes 3,000 steps, or --goal quick.',
    });
    expect(lastLine(outcome)).toMatchObject({ event: 'done', steps: 1 });
    const { stdout } = await runHere(
      ...['train', 'faces', '--model', 'vae', ...few, '--workspace', join(folder, 'workspace')],
    );
    expect(stdout).toContain('1 epoch × 1 = 1 step.\n1 step: too few to learn anything.');
  });

  it('trains the paper’s four one after the other, and ends with all of their runs', async () => {
    const small = ['--architecture', 'burgess', '--latent', '4', '--batch', '32', '--epochs', '1'];
    const outcome = await run('train', 'faces', '--goal', 'paper', ...small, '--name', 'four');
    const lines = jsonLines(outcome);
    const plans = lines.filter(({ event }) => event === 'plan');
    expect(plans.map(({ config }) => (config as TrainingConfig).objective.model)).toEqual(papersModels());
    expect(lines.filter(({ event }) => event === 'done' || event === 'failed')).toHaveLength(1);
    const { runs } = lines.at(-1) as { runs?: { name: string }[] };
    expect(runs?.map(({ name }) => name)).toEqual(['four, AE', 'four, VAE', 'four, β-VAE', 'four, β-TCVAE']);
  });
});

describe.skipIf(!existsSync(CELEBA))(`a quick look at ${PHOTOS} photographs (needs ../shared/data)`, () => {
  /** A part of what fits into two minutes on two cores, so that the test takes as many steps on every machine. */
  const EPOCHS = 12;

  it('has less than half of the held-out error of the mean image', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    for (const file of readdirSync(CELEBA).sort().slice(0, PHOTOS)) {
      await copyFile(join(CELEBA, file), join(photos, file));
    }
    await run('import', photos);
    const argv = ['train', 'photos', '--goal', 'quick', '--epochs', String(EPOCHS)];
    const outcome = await run(...argv);
    const full = planGoal('quick', { ...facts, images: PHOTOS }).trainings[0]!.config;
    expect(full.epochs).toBeGreaterThan(EPOCHS);
    const [plan] = jsonLines(outcome) as [{ config: TrainingConfig }];
    const { precision: _ofProcessor, ...settings } = full;
    expect(plan.config).toMatchObject({ ...settings, epochs: EPOCHS });
    const { reconstruction } = lastLine(outcome)['heldOut'] as HeldOut;
    expect(reconstruction).toBeLessThan(0.5 * (await errorOfMeanImage('photos', full.heldOutFraction)));
  }, 300_000);

  /** The squared error of the mean of the training images on held-out ones, summed over pixels, per image. */
  async function errorOfMeanImage(name: string, heldOutFraction: number): Promise<number> {
    const workspace = openWorkspace(join(folder, 'workspace'));
    const info = (await listDatasets(workspace)).find((each) => each.name === name)!;
    const dataset = await openDataset(workspace, info.id);
    try {
      const { train, heldOut } = splitImages(info.images, heldOutFraction);
      const images = await dataset.readImages(train);
      const pixels = images.length / train.length;
      const mean = new Float64Array(pixels);
      for (let i = 0; i < images.length; i++) mean[i % pixels]! += images[i]! / 255 / train.length;
      const others = await dataset.readImages(heldOut);
      let error = 0;
      for (let i = 0; i < others.length; i++) error += (others[i]! / 255 - mean[i % pixels]!) ** 2;
      return error / heldOut.length;
    } finally {
      await dataset.close();
    }
  }
});
