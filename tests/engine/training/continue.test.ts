import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Continuation, RunInfo, TrainingConfig, TrainingEvent } from '../../../src/contract/run.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import { readCheckpoint, type Checkpoint } from '../../../src/engine/runs/checkpoint.ts';
import { specOfRun } from '../../../src/engine/runs/spec.ts';
import { openRun, runFolder } from '../../../src/engine/runs/store.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { resume, train } from '../../../src/engine/training/train.ts';
import { expectSame } from './same-weights.ts';

let workspace: Workspace;
let faces: string;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-continue-')));
  faces = (await createSampleFaces(workspace, { count: 60, seed: 3 })).id;
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

const optimiser = {
  schedule: 'cosine',
  warmUpSteps: 2,
  clipNorm: 50,
  weightDecay: 0.01,
  averageDecay: 0.9,
} as const;

const small: TrainingConfig = {
  ...defaultConfig(makeObjective('beta-vae', { beta: 2, warmUp: 0.8 })),
  ...{ architecture: 'burgess', latentDim: 3, epochs: 2, batchSize: 16, learningRate: 1e-3 },
};

/** @param stopAfter - the step after which it is interrupted */
async function trained(config: Partial<TrainingConfig>, stopAfter?: number): Promise<RunInfo> {
  const dataset = await openDataset(workspace, faces);
  const controller = new AbortController();
  const onEvent = (event: TrainingEvent): void => {
    if (event.event === 'step' && event.step === stopAfter) controller.abort();
  };
  const run = await train(
    workspace,
    dataset,
    { ...small, ...config },
    { signal: controller.signal, onEvent },
  );
  await dataset.close();
  return run;
}

const go = (run: RunInfo, changes?: Continuation): Promise<RunInfo> => resume(workspace, run.id, { changes });

function checkpointOf(run: RunInfo): Promise<Checkpoint> {
  return readCheckpoint(runFolder(workspace, run.id), specOfRun(run), { moments: 'all' });
}

describe('a training with a schedule, clipping, decay and averaged weights', () => {
  it('that was interrupted ends as one that was not, bit for bit', async () => {
    const straight = await trained({ optimiser });
    const interrupted = await trained({ optimiser }, 4);
    expect(interrupted).toMatchObject({ state: 'interrupted', step: 4 });
    const resumed = await go(interrupted);
    const [one, other] = [await checkpointOf(straight), await checkpointOf(resumed)];
    for (const part of ['weights', 'trained', 'statistics', 'moments'] as const)
      expectSame(one[part], other[part]);
    expect(resumed.heldOut).toEqual(straight.heldOut);
    expect(liveTensors()).toBe(0);
  });

  it('is evaluated with other weights than it goes on with', async () => {
    const { weights, trained: own } = await checkpointOf(await trained({ optimiser }));
    const [name] = [...weights.keys()];
    expect(own!.get(name!)!.data).not.toEqual(weights.get(name!)!.data);
  });

  it('has one kind of weights without averaging', async () => {
    expect((await checkpointOf(await trained({ epochs: 1 }))).trained).toBeUndefined();
  });
});

describe('a training that is done', () => {
  it('goes on for more epochs at another rate, and keeps what held before', async () => {
    const done = await trained({});
    const further = await go(done, { epochs: 4, learningRate: 1e-4 });
    expect(further).toMatchObject({ state: 'done', epoch: 4, step: 2 * done.step });
    expect(further.config).toMatchObject({ epochs: 4, learningRate: 1e-4 });
    expect(further.earlierStages).toEqual([{ step: done.step, epochs: 2, learningRate: 1e-3 }]);
    expect((await openRun(workspace, done.id)).info).toEqual(further);
    const third = await go(further, { epochs: 5 });
    expect(third.earlierStages).toHaveLength(2);
  });

  it('at a rate that stays goes on as if it had been longer from the beginning', async () => {
    // β rises over the first epochs that were asked for, so a longer training has another part for it.
    const further = await go(await trained({}), { epochs: 4 });
    const straight = await trained({
      epochs: 4,
      objective: makeObjective('beta-vae', { beta: 2, warmUp: 0.4 }),
    });
    const [one, other] = [await checkpointOf(straight), await checkpointOf(further)];
    for (const part of ['weights', 'statistics', 'moments'] as const) expectSame(one[part], other[part]);
  });

  it('does not go on without more epochs, and not for fewer', async () => {
    const done = await trained({ epochs: 1 });
    for (const changes of [undefined, {}, { epochs: 1 }, { learningRate: 1e-5 }]) {
      await expect(go(done, changes)).rejects.toMatchObject({ code: 'conflict', remedy: 'more-epochs' });
    }
    expect((await openRun(workspace, done.id)).info).toEqual(done);
  });
});

describe('an interrupted training', () => {
  it('goes on with a change from where it is', async () => {
    const interrupted = await trained({}, 4);
    const run = await go(interrupted, { learningRate: 1e-4 });
    expect(run).toMatchObject({ state: 'done', epoch: 2 });
    expect(run.earlierStages).toEqual([{ step: 4, epochs: 2, learningRate: 1e-3 }]);
  });
});
