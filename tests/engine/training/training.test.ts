import { ArchitectureNameSchema } from '../../../src/contract/architecture.ts';
import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo, TrainingConfig, TrainingEvent } from '../../../src/contract/run.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openLockedDataset } from '../../../src/engine/data/lock-dataset.ts';
import { openDataset, removeDataset } from '../../../src/engine/data/store.ts';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import { CHECKPOINT_FILE, openRun, runFolder } from '../../../src/engine/runs/store.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { collapseWarning } from '../../../src/engine/training/epoch-end.ts';
import { readMetrics } from '../../../src/engine/training/metrics-log.ts';
import { readSnapshot, snapshotFile } from '../../../src/engine/training/snapshot.ts';
import { resume, train } from '../../../src/engine/training/train.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { isFolderLocked } from '../../../src/system/lock.ts';

let workspace: Workspace;
let faces: string;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-training-')));
  faces = (await createSampleFaces(workspace, { count: 100, seed: 3 })).id;
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

const small: TrainingConfig = {
  ...defaultConfig(makeObjective('beta-tcvae', {})),
  architecture: 'burgess',
  latentDim: 5,
  epochs: 2,
  batchSize: 16,
  learningRate: 1e-3,
};

/** Trains on the sample faces, telling what happened; `stopAfter` aborts once that step is done. */
async function trainSmall(
  config: Partial<TrainingConfig> = {},
  { stopAfter }: { stopAfter?: number } = {},
): Promise<{ run: RunInfo; events: TrainingEvent[] }> {
  const dataset = await openDataset(workspace, faces);
  const controller = new AbortController();
  const events: TrainingEvent[] = [];
  const run = await train(
    workspace,
    dataset,
    { ...small, ...config },
    {
      signal: controller.signal,
      onEvent(event) {
        events.push(event);
        if (event.event === 'step' && event.step === stopAfter) controller.abort();
      },
    },
  );
  await dataset.close();
  return { run, events };
}

async function checkpointOf({ id }: RunInfo): Promise<Buffer> {
  return readFile(join(runFolder(workspace, id), CHECKPOINT_FILE));
}

const only = <E extends TrainingEvent['event']>(
  events: readonly TrainingEvent[],
  kind: E,
): Extract<TrainingEvent, { event: E }>[] =>
  events.filter((event): event is Extract<TrainingEvent, { event: E }> => event.event === kind);

describe('a training', () => {
  it('tells of every step and epoch and leaves a run that says what it is', async () => {
    const { run, events } = await trainSmall();
    const stepsPerEpoch = Math.floor(95 / 16);
    expect(run).toMatchObject({ state: 'done', epoch: 2, step: 2 * stepsPerEpoch, channels: 3 });
    expect(run.pid).toBeUndefined();
    expect(only(events, 'step').map(({ step }) => step)).toEqual(
      Array.from({ length: 2 * stepsPerEpoch }, (_, i) => i + 1),
    );
    const [first, second] = only(events, 'epoch');
    expect(first!.heldOut.images).toBe(5);
    expect(second!.heldOut.reconstruction).toBeLessThan(first!.heldOut.reconstruction);
    expect(first!.heldOut.klPerDimension).toHaveLength(5);
    const sum = first!.heldOut.klPerDimension.reduce((a, b) => a + b);
    expect(sum).toBeCloseTo(first!.heldOut.kl, 6);
    expect(run.heldOut).toEqual(second!.heldOut);
    for (const { path } of only(events, 'sheet')) expect(existsSync(path)).toBe(true);

    const { folder } = await openRun(workspace, run.id);
    expect((await readMetrics(folder)).events.length).toBe(2 * stepsPerEpoch + 2);
    const snapshot = await readSafetensors(snapshotFile(folder, 2));
    expect(snapshot.tensors.get('mu')!.shape).toEqual([100, 5]);
    expect(new Set(snapshot.tensors.get('indices')!.data).size).toBe(100);
    expect(liveTensors()).toBe(0);
  });

  it('names the terms of its objective, which add up with their weights', async () => {
    const { events } = await trainSmall({ epochs: 1 });
    const { loss } = only(events, 'step')[0]!;
    const { reconstruction, mutualInformation, totalCorrelation, dimensionwiseKl } = loss.terms;
    expect(loss.total).toBeCloseTo(
      reconstruction! + mutualInformation! + 20 * totalCorrelation! + dimensionwiseKl!,
      6,
    );
  });

  it('of an AE has no KL, and says so by zero', async () => {
    const { run, events } = await trainSmall({ objective: makeObjective('ae', {}), epochs: 1 });
    expect(run.heldOut!.kl).toBe(0);
    expect(Object.keys(only(events, 'step')[0]!.loss.terms)).toEqual(['reconstruction']);
    expect(only(events, 'epoch')[0]!.decomposition).toBeUndefined();
  });

  it('warns in words when the posterior collapses', async () => {
    const { events } = await trainSmall({ objective: makeObjective('beta-vae', { beta: 5000 }), epochs: 1 });
    expect(only(events, 'warning')[0]?.message).toMatch(/collapsing.*use a smaller beta or train longer\.$/);
  });

  it('advises nothing about a beta that the model does not have', () => {
    const warning = (objective: TrainingConfig['objective']) =>
      collapseWarning({ activeDimensions: 0 }, { latentDim: 4, objective });
    expect(warning({ model: 'vae' })).toMatch(/of 4\. If it stays so, train longer\.$/);
    expect(warning({ model: 'beta-vae' })).toMatch(/use a smaller beta/);
    expect(
      collapseWarning({ activeDimensions: 3 }, { latentDim: 4, objective: { model: 'vae' } }),
    ).toBeUndefined();
  });

  it('stops at a loss that is no number, names the term and keeps the last good checkpoint', async () => {
    const dataset = await openDataset(workspace, faces);
    const events: TrainingEvent[] = [];
    const config: TrainingConfig = { ...small, learningRate: 1, epochs: 50, checkpointEverySteps: 1 };
    const failure = await train(workspace, dataset, config, {
      onEvent: (e) => events.push(e),
      name: 'NaN',
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await dataset.close();
    expect(failure).toMatchObject({ code: 'diverged' });
    expect(String(failure)).toMatch(
      /(reconstruction|mutualInformation|totalCorrelation|dimensionwiseKl|weights) is not/,
    );
    const { run: id } = events.find((e) => e.event === 'started')!;
    const { info, folder } = await openRun(workspace, id);
    expect(info.state).toBe('failed');
    expect(info.failure).toMatchObject({ code: 'diverged', remedy: 'gentler-training' });
    const checkpoint = await readSafetensors(join(folder, CHECKPOINT_FILE));
    for (const { data } of checkpoint.tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
    expect(liveTensors()).toBe(0);
  });

  it('says nothing of an epoch whose checkpoint could not be written, and can begin again', async () => {
    const dataset = await openDataset(workspace, faces);
    let id = '';
    const made: Promise<unknown>[] = [];
    const blocked = train(workspace, dataset, small, {
      onEvent(event) {
        if (event.event !== 'started') return;
        id = event.run;
        // A folder in its place: the file cannot be put there.
        made.push(mkdir(join(runFolder(workspace, id), CHECKPOINT_FILE)));
      },
    });
    await expect(blocked).rejects.toMatchObject({ code: 'bad-input' });
    await Promise.all(made);
    await dataset.close();
    expect((await openRun(workspace, id)).info).toMatchObject({ state: 'failed', epoch: 0, step: 0 });
    await rm(join(runFolder(workspace, id), CHECKPOINT_FILE), { recursive: true });
    expect(await resume(workspace, id)).toMatchObject({ state: 'done', epoch: small.epochs });
  });

  it('holds its run and its data set from its first moment to its last', async () => {
    const dataset = await openLockedDataset(workspace, faces);
    const seen: unknown[] = [];
    const run = await train(
      workspace,
      dataset,
      { ...small, epochs: 1 },
      {
        onEvent(event) {
          if (event.event !== 'started') return;
          seen.push(isFolderLocked(runFolder(workspace, event.run)));
        },
      },
    );
    expect(seen).toEqual([true]);
    expect(isFolderLocked(runFolder(workspace, run.id))).toBe(false);
    await expect(removeDataset(workspace, faces)).rejects.toMatchObject({ code: 'conflict' });
    await dataset.close();
    expect(existsSync(join(workspace.datasets, faces))).toBe(true);
  });

  it('refuses a data set of too few images', async () => {
    const { id } = await createSampleFaces(workspace, { count: 2, seed: 1, name: 'two' });
    const dataset = await openDataset(workspace, id);
    await expect(train(workspace, dataset, small)).rejects.toMatchObject({ code: 'bad-input' });
    await dataset.close();
  });

  it.each(ArchitectureNameSchema.options)('of %s learns images of 128×128', async (architecture) => {
    const { id } = await createSampleFaces(workspace, { count: 8, imageSize: 128, seed: 1, name: 'large' });
    const dataset = await openDataset(workspace, id);
    const run = await train(workspace, dataset, { ...small, architecture, epochs: 1 });
    await dataset.close();
    expect(run).toMatchObject({ state: 'done', imageSize: 128 });
    expect(run.heldOut!.reconstruction).toBeGreaterThan(0);
  });

  it('learns images of 32×32, and is resumed on no others', async () => {
    const { id } = await createSampleFaces(workspace, { count: 40, imageSize: 32, seed: 1, name: 'tiny' });
    const dataset = await openDataset(workspace, id);
    const stop = new AbortController();
    const run = await train(
      workspace,
      dataset,
      { ...small, epochs: 2 },
      {
        signal: stop.signal,
        onEvent: ({ event }) => {
          if (event === 'epoch') stop.abort();
        },
      },
    );
    await dataset.close();
    expect(run).toMatchObject({ imageSize: 32, epoch: 1, state: 'interrupted' });
    const { images } = await readSnapshot(runFolder(workspace, run.id), 1);
    expect(images!.reconstructions.shape.slice(1)).toEqual([32, 32, 3]);

    const path = join(workspace.datasets, id, 'dataset.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, JSON.stringify({ ...JSON.parse(text), imageSize: 64, isDrawn: true }));
    await expect(resume(workspace, run.id)).rejects.toMatchObject({
      hint: 'Its images are 64×64 now and were 32×32.',
    });
    await writeFile(path, text);

    const runPath = join(runFolder(workspace, run.id), 'run.json');
    const runText = await readFile(runPath, 'utf8');
    const edited = JSON.parse(runText) as RunInfo;
    const objective = { model: 'info-vae', alpha: 0.5, lambda: 0.2 };
    await writeFile(runPath, JSON.stringify({ ...edited, config: { ...edited.config, objective } }));
    await expect(resume(workspace, run.id)).rejects.toThrow(
      "InfoVAE's alpha and lambda must make 1 or more together, not 0.7.",
    );
    await writeFile(runPath, runText);
    expect((await resume(workspace, run.id)).state).toBe('done');
  });
});

describe('the same seed', () => {
  it('gives the same run, bit for bit, and another seed another', async () => {
    const [a, b, c] = [await trainSmall(), await trainSmall(), await trainSmall({ seed: 2 })];
    expect((await checkpointOf(a.run)).equals(await checkpointOf(b.run))).toBe(true);
    expect((await checkpointOf(a.run)).equals(await checkpointOf(c.run))).toBe(false);
  });

  it("gives the same run of the paper's network too", async () => {
    const config = { architecture: 'paper', epochs: 1, batchSize: 8, heldOutFraction: 0.4 } as const;
    const [a, b] = [await trainSmall(config), await trainSmall(config)];
    expect((await checkpointOf(a.run)).equals(await checkpointOf(b.run))).toBe(true);
  });
});

describe('an interrupted training', () => {
  it.each([
    ['in the middle of an epoch', 7],
    ['at the end of an epoch', 5],
    ['before the last step', 9],
  ])('stopped %s and resumed ends as if it had never stopped', async (_, stopAfter) => {
    const whole = await trainSmall();
    const { run } = await trainSmall({}, { stopAfter });
    expect(run).toMatchObject({ state: 'interrupted', step: stopAfter });
    const events: TrainingEvent[] = [];
    const resumed = await resume(workspace, run.id, { onEvent: (event) => events.push(event) });
    expect(resumed.state).toBe('done');
    expect((await checkpointOf(resumed)).equals(await checkpointOf(whole.run))).toBe(true);
    expect(resumed.heldOut).toEqual(whole.run.heldOut);
    expect(only(events, 'step')[0]!.step).toBe(stopAfter + 1);

    const losses = async (info: RunInfo): Promise<unknown[]> =>
      (await readMetrics(runFolder(workspace, info.id))).events.map(({ event, step, loss }) => ({
        event,
        step,
        loss,
      }));
    expect(await losses(resumed)).toEqual(await losses(whole.run));
  });

  it.each([
    ["the paper's network", { architecture: 'paper' }],
    ["the paper's network in bfloat16", { architecture: 'paper', precision: 'mixed' }],
  ] as const)('resumes %s as if it had never stopped', async (_, choice) => {
    const config = { ...choice, epochs: 2, batchSize: 8, heldOutFraction: 0.4 };
    const whole = await trainSmall(config);
    const { run } = await trainSmall(config, { stopAfter: 4 });
    const resumed = await resume(workspace, run.id);
    expect(resumed.state).toBe('done');
    expect((await checkpointOf(resumed)).equals(await checkpointOf(whole.run))).toBe(true);
  });

  it('is trained by one of two that resume it at the same moment, and every step once', async () => {
    const { run } = await trainSmall({}, { stopAfter: 5 });
    const outcomes = await Promise.allSettled([resume(workspace, run.id), resume(workspace, run.id)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'conflict', message: `The run ${run.id} is being trained.` },
    });
    const { events } = await readMetrics(runFolder(workspace, run.id));
    const steps = events.filter(({ event }) => event === 'step').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  });

  it('cannot be resumed when it is done', async () => {
    const { run } = await trainSmall({ epochs: 1 });
    await expect(resume(workspace, run.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});
