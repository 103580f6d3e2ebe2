import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  modelKinds,
  type Decoder,
  type RunInfo,
  type TrainingConfig,
  type TrainingEvent,
} from '../../../src/contract/run.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { encodeCondition } from '../../../src/contract/condition.ts';
import { readCheckpoint, type Checkpoint } from '../../../src/engine/runs/checkpoint.ts';
import { exportSafetensors } from '../../../src/engine/runs/export-safetensors.ts';
import { exportModel, importModel } from '../../../src/engine/runs/portable.ts';
import { companionSlots, specOfRun } from '../../../src/engine/runs/spec.ts';
import { runFolder } from '../../../src/engine/runs/store.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { resume, train } from '../../../src/engine/training/train.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { expectSame } from './same-weights.ts';

const CELEBA = '../shared/data/celeba';
const [IMAGES, ATTRIBUTES] = ['img_align_celeba', 'list_attr_celeba.txt'];
const REAL_FACES = 512;

let workspace: Workspace;
let drawn: string;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-objectives-')));
  drawn = (await createSampleFaces(workspace, { count: 60, seed: 3 })).id;
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

const small: TrainingConfig = {
  ...defaultConfig(makeObjective('vae', {})),
  architecture: 'burgess',
  latentDim: 6,
  epochs: 1,
  batchSize: 16,
};

async function trainOn(
  data: string,
  config: Partial<TrainingConfig>,
  { stopAfter }: { stopAfter?: number } = {},
): Promise<{ run: RunInfo; steps: Extract<TrainingEvent, { event: 'step' }>[] }> {
  const dataset = await openDataset(workspace, data);
  const controller = new AbortController();
  const steps: Extract<TrainingEvent, { event: 'step' }>[] = [];
  const onEvent = (event: TrainingEvent): void => {
    if (event.event !== 'step') return;
    steps.push(event);
    if (event.step === stopAfter) controller.abort();
  };
  try {
    const { signal } = controller;
    const run = await train(workspace, dataset, { ...small, ...config }, { signal, onEvent });
    expect(liveTensors()).toBe(0);
    return { run, steps };
  } finally {
    await dataset.close();
  }
}

function checkpointOf(run: RunInfo): Promise<Checkpoint> {
  const folder = runFolder(workspace, run.id);
  return readCheckpoint(folder, specOfRun(run), { companions: companionSlots(run) });
}

describe.skipIf(!existsSync(CELEBA))(`an epoch on ${REAL_FACES} real faces`, () => {
  let faces: string;
  beforeAll(async () => {
    const folder = join(workspace.root, 'some-faces');
    await mkdir(join(folder, IMAGES), { recursive: true });
    await copyFile(join(CELEBA, ATTRIBUTES), join(folder, ATTRIBUTES));
    for (const file of readdirSync(join(CELEBA, IMAGES)).sort().slice(0, REAL_FACES)) {
      await copyFile(join(CELEBA, IMAGES, file), join(folder, IMAGES, file));
    }
    faces = (await importDataset(workspace, folder, { crop: 'auto' })).id;
  });

  async function trainEpoch(config: Partial<TrainingConfig>): Promise<RunInfo> {
    const { run, steps } = await trainOn(faces, { latentDim: 10, learningRate: 1e-3, ...config });
    expect(run.state).toBe('done');
    for (const { loss, klPerDimension } of steps) {
      expect([loss.total, ...Object.values(loss.terms), ...klPerDimension].every(Number.isFinite)).toBe(true);
    }
    const error = (index: number): number => steps.at(index)!.loss.terms['reconstruction']!;
    // A cross entropy has pictures' own entropy below it, so it falls little.
    expect(error(-1)).toBeLessThan(0.98 * error(0));
    return run;
  }

  it.each([
    ...modelKinds().map((model) => makeObjective(model, {})),
    makeObjective('beta-vae', { warmUp: 0.5 }),
    makeObjective('beta-tcvae', { sampling: 'stratified' }),
  ])('of $model $sampling makes pictures nearer to the faces, and every number is one', async (objective) => {
    await trainEpoch({ objective });
  });

  it.each<Decoder>([
    { kind: 'gaussian', variance: 0.02 },
    { kind: 'bernoulli' },
    { kind: 'laplace', variance: 0.5 },
    { kind: 'gaussian-learned' },
    { kind: 'gaussian-optimal' },
  ])('with a $kind decoder does, and held-out error is the squared one still', async (decoder) => {
    const run = await trainEpoch({ decoder });
    // Of faces against their mean it is about 600.
    expect(run.heldOut!.reconstruction).toBeGreaterThan(100);
    expect(run.heldOut!.reconstruction).toBeLessThan(1200);
    expect(run.decoderVariance === undefined).toBe(!/learned|optimal/.test(decoder.kind));
  });

  it('told a label does, and says what it is told', async () => {
    const run = await trainEpoch({ condition: 'Smiling' });
    expect(run.condition).toMatchObject({ column: 'Smiling', type: 'binary' });
    expect(run.name).toMatch(/ given Smiling$/);
  });
});

describe('a learned variance', () => {
  it('is kept in the run, and goes on as if it had never stopped', async () => {
    const config: Partial<TrainingConfig> = { decoder: { kind: 'gaussian-learned' }, epochs: 2 };
    const whole = await trainOn(drawn, config);
    expect(whole.steps.map(({ decoderVariance }) => decoderVariance)).toEqual(
      [...whole.steps.map(({ decoderVariance }) => decoderVariance!)].sort((a, b) => b - a),
    );
    expect(whole.run.decoderVariance).toBeLessThan(whole.steps.at(-1)!.decoderVariance!);
    const { run } = await trainOn(drawn, config, { stopAfter: 4 });
    const resumed = await resume(workspace, run.id);
    expect(resumed.decoderVariance).toBe(whole.run.decoderVariance);
    expectSame((await checkpointOf(resumed)).companions, (await checkpointOf(whole.run)).companions);
    expectSame((await checkpointOf(resumed)).weights, (await checkpointOf(whole.run)).weights);
  });
});

describe('a posterior of the paper’s program', () => {
  it('has a standard deviation above ln 2 wherever it is measured, and is kept in the run', async () => {
    const config: Partial<TrainingConfig> = { deviation: 'softplus', epochs: 2 };
    const whole = await trainOn(drawn, config);
    expect(whole.run.config.deviation).toBe('softplus');
    const model = await openModel(workspace, whole.run.id);
    const dataset = await openDataset(workspace, drawn);
    const { logVar } = model.encode(await dataset.readImages([0, 1, 2]), 3);
    await dataset.close();
    model.dispose();
    expect(Math.exp(0.5 * Math.min(...logVar))).toBeGreaterThan(Math.LN2);
    const { run } = await trainOn(drawn, config, { stopAfter: 4 });
    expectSame(
      (await checkpointOf(await resume(workspace, run.id))).weights,
      (await checkpointOf(whole.run)).weights,
    );
    const out = join(workspace.root, 'in-layers');
    await expect(exportSafetensors(workspace, run.id, out)).rejects.toThrow('softplus(exp(s))');
  });

  it('is left out of an AE, which has none', async () => {
    const { run } = await trainOn(drawn, { objective: makeObjective('ae', {}), deviation: 'softplus' });
    expect(run.config).not.toHaveProperty('deviation');
  });
});

describe('a conditional model', () => {
  it.each([
    ['sunglasses', 'binary', 1],
    ['turn', 'continuous', 1],
  ] as const)('told %s is told it as a %s column', async (condition, type, width) => {
    const { run } = await trainOn(drawn, { condition });
    expect(run.condition).toMatchObject({ column: condition, type });
    expect(specOfRun(run).shape.conditionWidth).toBe(width);
    const model = await openModel(workspace, run.id);
    const z = new Float32Array(2 * model.latentDim);
    const told = (...values: number[]): Float32Array => encodeCondition(run.condition!, values);
    const pictures = model.decode(z, 2, told(0, 1));
    const half = pictures.length / 2;
    expect(pictures.slice(0, half)).not.toEqual(pictures.slice(half));
    expect(model.decode(z, 2)).toEqual(model.decode(z, 2, told(run.condition!.usual)));
    model.assume(told(1));
    expect(model.decode(z, 2)).toEqual(model.decode(z, 2, told(1, 1)));
    model.dispose();
  });

  it('stopped and resumed ends as if it had never stopped', async () => {
    const config = { condition: 'hair colour', epochs: 2 };
    const whole = await checkpointOf((await trainOn(drawn, config)).run);
    const { run } = await trainOn(drawn, config, { stopAfter: 2 });
    expectSame((await checkpointOf(await resume(workspace, run.id))).weights, whole.weights);
  });

  it('does not begin with a column that there is not', async () => {
    await expect(trainOn(drawn, { condition: 'hats' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('FactorVAE', () => {
  const objective = makeObjective('factor-vae', {});

  it('is the VAE, bit for bit, at γ = 0', async () => {
    const vae = await trainOn(drawn, {});
    const factor = await trainOn(drawn, { objective: makeObjective('factor-vae', { gamma: 0 }) });
    expectSame((await checkpointOf(factor.run)).weights, (await checkpointOf(vae.run)).weights);
    const other = await trainOn(drawn, { objective });
    const [a, b] = [await checkpointOf(other.run), await checkpointOf(vae.run)];
    expect(a.weights.get('encoder.0.filter')).not.toEqual(b.weights.get('encoder.0.filter'));
  });

  it('stopped and resumed ends as if it had never stopped, its discriminator too', async () => {
    const whole = await checkpointOf((await trainOn(drawn, { objective, epochs: 2 })).run);
    const { run } = await trainOn(drawn, { objective, epochs: 2 }, { stopAfter: 4 });
    expect(run).toMatchObject({ state: 'interrupted', step: 4 });
    const resumed = await checkpointOf(await resume(workspace, run.id));
    expect([...whole.companions!.keys()]).toContain('discriminator.6.matrix.adam_v');
    expectSame(resumed.companions, whole.companions);
    expectSame(resumed.weights, whole.weights);
    expectSame(resumed.moments, whole.moments);
  });

  it('keeps its discriminator to itself when the model is given away', async () => {
    const { run } = await trainOn(drawn, { objective });
    const out = join(workspace.root, 'given-away');
    await exportModel(workspace, run.id, out);
    await expect(readCheckpoint(out, specOfRun(run))).resolves.toMatchObject({ step: run.step });
    await expect(
      readCheckpoint(out, specOfRun(run), { companions: companionSlots(run) }),
    ).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('QLAE', () => {
  const config: Partial<TrainingConfig> = {
    objective: makeObjective('qlae', { values: 5 }),
    optimiser: { weightDecay: 0.1 },
    epochs: 2,
  };

  it('stopped and resumed ends as if it had never stopped, its values and their frequencies too', async () => {
    const whole = await checkpointOf((await trainOn(drawn, config)).run);
    const { run } = await trainOn(drawn, config, { stopAfter: 4 });
    const resumed = await checkpointOf(await resume(workspace, run.id));
    expect(whole.weights.get('latent.values')!.shape).toEqual([6, 5]);
    expectSame(resumed.weights, whole.weights);
    expectSame(resumed.moments, whole.moments);
    expectSame(resumed.statistics, whole.statistics);
    const frequencies = whole.statistics.get('latent.frequencies')!.data;
    expect(frequencies.reduce((sum, share) => sum + share, 0)).toBeCloseTo(6, 5);
  });

  it('gives learned values as codes, as the model that leaves in PyTorch’s layouts and comes back does', async () => {
    const { run } = await trainOn(drawn, config);
    const out = join(workspace.root, 'quantised-away');
    await exportSafetensors(workspace, run.id, out);
    const back = await importModel(workspace, out);
    expect(back.config.objective).toMatchObject({ model: 'qlae', values: 5 });
    const dataset = await openDataset(workspace, drawn);
    const images = await dataset.readImages([0, 1, 2]);
    await dataset.close();
    const [own, other] = [await openModel(workspace, run.id), await openModel(workspace, back.id)];
    const { mu } = own.encode(images, 3);
    mu.forEach((code, i) => expect(own.latentValues![i % 6]!.map(({ value }) => value)).toContain(code));
    expect(other.encode(images, 3).mu).toEqual(mu);
    own.dispose();
    other.dispose();
  });
});

describe('VAE-GAN', () => {
  it('stopped and resumed ends as if it had never stopped, its discriminator too', async () => {
    const config: Partial<TrainingConfig> = {
      objective: makeObjective('vae-gan', {}),
      epochs: 2,
      condition: 'sunglasses',
    };
    const whole = await checkpointOf((await trainOn(drawn, config)).run);
    const { run } = await trainOn(drawn, config, { stopAfter: 4 });
    const resumed = await checkpointOf(await resume(workspace, run.id));
    expect([...whole.companions!.keys()]).toContain('discriminator.top.0.filter.adam_v');
    expectSame(resumed.companions, whole.companions);
    expectSame(resumed.weights, whole.weights);
    expectSame(resumed.moments, whole.moments);
  });

  it('has no choice of decoder', async () => {
    const config: Partial<TrainingConfig> = {
      objective: makeObjective('vae-gan', {}),
      decoder: { kind: 'bernoulli' },
    };
    await expect(trainOn(drawn, config)).rejects.toMatchObject({ code: 'bad-input' });
  });
});
