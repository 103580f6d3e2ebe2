import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo, TrainingConfig, TrainingEvent } from '../../../src/contract/run.ts';
import { BEFORE_SHARPENING } from '../../../src/contract/sharpening.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { measureSharpening } from '../../../src/engine/evaluation/sharpening.ts';
import { encodeImages } from '../../../src/engine/inference/encode-images.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import { readSharpeningMeasurement } from '../../../src/engine/evaluation/stored-sharpening.ts';
import { readPicture } from '../../../src/engine/pictures/png.ts';
import { readCheckpoint, type Checkpoint } from '../../../src/engine/runs/checkpoint.ts';
import { specOfRun } from '../../../src/engine/runs/spec.ts';
import {
  CHECKPOINT_FILE,
  listRuns,
  openRun,
  removeRun,
  runFolder,
  saveRunInfo,
} from '../../../src/engine/runs/store.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { readSnapshot } from '../../../src/engine/training/snapshot.ts';
import { sharpen, type SharpenOptions } from '../../../src/engine/training/sharpen.ts';
import { resume, train } from '../../../src/engine/training/train.ts';
import { expectSame } from './same-weights.ts';

let workspace: Workspace;
let faces: string;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-sharpen-')));
  faces = (await createSampleFaces(workspace, { count: 60, seed: 3 })).id;
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));
afterEach(() => expect(liveTensors()).toBe(0));

const small: TrainingConfig = {
  ...defaultConfig(makeObjective('vae', {})),
  ...{ architecture: 'burgess', latentDim: 3, epochs: 1, batchSize: 16, learningRate: 1e-3 },
};

async function trained(config: Partial<TrainingConfig> = {}): Promise<RunInfo> {
  const dataset = await openDataset(workspace, faces);
  const run = await train(workspace, dataset, { ...small, ...config });
  await dataset.close();
  return run;
}

/** @param stopAfter - the step after which it is interrupted */
function sharpened(
  origin: RunInfo,
  choices: SharpenOptions['choices'] = {},
  stopAfter?: number,
): Promise<RunInfo> {
  const controller = new AbortController();
  const onEvent = (event: TrainingEvent): void => {
    if (event.event === 'step' && event.step === stopAfter) controller.abort();
  };
  const settings = { epochs: 2, learningRate: 1e-3, ...choices };
  return sharpen(workspace, origin.id, { choices: settings, signal: controller.signal, onEvent });
}

function checkpointOf({ id }: RunInfo, info: RunInfo): Promise<Checkpoint> {
  return readCheckpoint(runFolder(workspace, id), specOfRun(info), { moments: 'left-out' });
}

async function codesOf({ id }: RunInfo): Promise<{ mu: Float32Array; logVar: Float32Array }> {
  const dataset = await openDataset(workspace, faces);
  const model = await openModel(workspace, id);
  const codes = await encodeImages(
    model,
    dataset,
    Uint32Array.from({ length: 60 }, (_, i) => i),
  );
  model.dispose();
  await dataset.close();
  return codes;
}

const part = (tensors: Checkpoint['weights'], of: string): Checkpoint['weights'] =>
  new Map([...tensors].filter(([name]) => name.startsWith(`${of}.`)));

describe.each([
  { architecture: 'burgess', model: 'ae' },
  { architecture: 'paper', model: 'beta-vae' },
  { architecture: 'residual', model: 'vae', condition: 'smile' },
] as const)('a sharpened $model of architecture $architecture', ({ architecture, model, condition }) => {
  it('has the encoder, its statistics and all codes of its origin, bit for bit, and another decoder', async () => {
    const origin = await trained({
      architecture,
      objective: makeObjective(model, {}),
      ...(condition ? { condition } : {}),
    });
    const folder = runFolder(workspace, origin.id);
    const file = await readFile(join(folder, CHECKPOINT_FILE));
    const run = await sharpened(origin);
    expect(run).toMatchObject({
      state: 'done',
      name: `${origin.name} sharpened`,
      epoch: 2,
      sharpening: { origin: { id: origin.id, name: origin.name, step: origin.step } },
    });
    const [before, after] = [await checkpointOf(origin, origin), await checkpointOf(run, run)];
    expectSame(part(after.weights, 'encoder'), part(before.weights, 'encoder'));
    expectSame(part(after.statistics, 'encoder'), part(before.statistics, 'encoder'));
    expect(await codesOf(run)).toEqual(await codesOf(origin));
    for (const [name, { data }] of part(after.weights, 'decoder')) {
      const { data: old } = before.weights.get(name)!;
      expect(
        data.some((value, i) => value !== old[i]),
        name,
      ).toBe(true);
    }
    expect(file.equals(await readFile(join(folder, CHECKPOINT_FILE)))).toBe(true);
    expect((await openRun(workspace, origin.id)).info).toEqual(origin);
    expect(run.heldOut!.klPerDimension).toEqual(origin.heldOut!.klPerDimension);
  });
});

describe('a sharpening', () => {
  it('that was interrupted ends as one that was not, bit for bit', async () => {
    const origin = await trained();
    const straight = await sharpened(origin);
    const interrupted = await sharpened(origin, {}, 2);
    expect(interrupted).toMatchObject({ state: 'interrupted', step: 2 });
    const resumed = await resume(workspace, interrupted.id);
    const [one, other] = [await checkpointOf(straight, straight), await checkpointOf(resumed, resumed)];
    expectSame(other.weights, one.weights);
    expectSame(other.statistics, one.statistics);
    expect(resumed.heldOut).toEqual(straight.heldOut);
  });

  it('whose process was killed before a step is resumed, also without its origin', async () => {
    const origin = await trained();
    const straight = await sharpened(origin, { epochs: 1 });
    // The error of a listener ends the training as early as a kill does, with the checkpoint that the run began with.
    const killed = sharpen(workspace, origin.id, {
      choices: { epochs: 1, learningRate: 1e-3 },
      name: 'killed',
      onEvent: () => {
        throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    await removeRun(workspace, origin.id);
    const { id } = (await listRuns(workspace)).find(({ name }) => name === 'killed')!;
    const resumed = await resume(workspace, id);
    const [one, other] = [await checkpointOf(straight, straight), await checkpointOf(resumed, resumed)];
    expectSame(other.weights, one.weights);
  });

  it('goes on with more epochs, and can be sharpened again', async () => {
    const once = await sharpened(await trained(), { epochs: 1 });
    const further = await resume(workspace, once.id, { changes: { epochs: 2 } });
    expect(further).toMatchObject({ state: 'done', epoch: 2 });
    const twice = await sharpened(further, { epochs: 1 });
    expect(twice.sharpening!.origin.id).toBe(further.id);
    expect(await codesOf(twice)).toEqual(await codesOf(once));
  });

  it('is refused with the reason, and leaves no run', async () => {
    const gan = await trained({ objective: makeObjective('vae-gan', {}) });
    const origin = await trained();
    const elsewhere = { ...origin, id: 'elsewhere-00000000', state: 'imported', dataset: null } as const;
    const codes = { ...origin, hasCodesOnly: true as const };
    const count = (await listRuns(workspace)).length;
    await expect(sharpened(gan)).rejects.toThrow(/against a discriminator of images already/);
    await saveRunInfo(workspace, codes);
    await expect(sharpened(origin)).rejects.toThrow(/has codes only/);
    await saveRunInfo(workspace, { ...elsewhere, id: origin.id });
    await expect(sharpened(origin)).rejects.toMatchObject({ code: 'bad-input', remedy: 'name-data' });
    await expect(sharpened(origin, { adversarial: -1 })).rejects.toMatchObject({ code: 'bad-input' });
    expect(await listRuns(workspace)).toHaveLength(count);
    // With a data set a model from elsewhere is sharpened like any other.
    const run = await sharpen(workspace, origin.id, { choices: { epochs: 1 }, dataset: faces });
    expect(run).toMatchObject({ state: 'done', dataset: { id: faces } });
  });

  it('is measured beside its origin, on a sheet of originals, before and after', async () => {
    const origin = await trained({ epochs: 2 });
    const run = await sharpened(origin, { epochs: 1 });
    const { sheet, ...result } = await measureSharpening(workspace, run);
    expect(result.before!.error.value).toBeCloseTo(origin.heldOut!.reconstruction, 3);
    expect(result.after.error.value).toBeCloseTo(run.heldOut!.reconstruction, 3);
    for (const { low, value, high } of [result.data.sharpness, result.after.sharpness, result.after.error]) {
      expect(low).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(high);
    }
    expect(result.data.sharpness.value).toBeGreaterThan(result.before!.sharpness.value);
    const folder = runFolder(workspace, run.id);
    expect(await readSharpeningMeasurement(folder)).toEqual(result);
    // The run begins with what its origin drew last, of the same images and codes.
    const first = await readSnapshot(folder, BEFORE_SHARPENING);
    expect(first).toEqual(await readSnapshot(runFolder(workspace, origin.id), origin.epoch));
    const picture = await readPicture(sheet);
    expect(picture.width).toBeGreaterThan(3 * 128);
    await removeRun(workspace, origin.id);
    expect((await measureSharpening(workspace, run)).before).toBeUndefined();
  });
});
