// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EpochMetric, StepMetric } from '../../../../../src/contract/operations/runs.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { FollowedRun, PLAY_MS } from '../../../../../src/renderer/views/train/state/followed-run.svelte.ts';
import { makeApp, settled, timePasses } from '../../../small-app.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const step = (at: number): StepMetric => ({
  step: at,
  epoch: 1,
  loss: { total: 1, terms: { reconstruction: at } },
  imagesPerSecond: 100,
});
const epoch = (number: number): EpochMetric => ({
  epoch: number,
  step: number * 10,
  loss: { total: 1, terms: {} },
  heldOut: { images: 1, reconstruction: 1, kl: 0, klPerDimension: [0], activeDimensions: 0 },
  seconds: 1,
});

async function follow(recorded: number) {
  const shown: number[] = [];
  const { app, emit } = await makeApp({
    'runs.metrics': () => ({
      steps: Array.from({ length: recorded * 10 }, (_, i) => step(i + 1)),
      epochs: Array.from({ length: recorded }, (_, i) => epoch(i + 1)),
    }),
    'runs.snapshots': () => Array.from({ length: recorded }, (_, i) => i + 1),
    'runs.snapshot': ({ epoch: wanted }) => {
      shown.push(wanted);
      const images = tensor('u8', [1, 1, 1, 1], Uint8Array.of(wanted));
      return {
        epoch: wanted,
        indices: tensor('i32', [1], Int32Array.of(0)),
        positions: tensor('f32', [1, 3], new Float32Array(3)),
        variance: [0.5, 0.3, 0.2],
        originals: images,
        reconstructions: images,
        samples: images,
      };
    },
  });
  const run = new FollowedRun(app, 'run-1');
  await settled();
  const train = (number: number): void => {
    emit('step', { run: 'run-1', klPerDimension: [0], ...step(number * 10) });
    emit('epoch', { run: 'run-1', ...epoch(number) });
  };
  return { run, emit, shown, train };
}

describe('FollowedRun', () => {
  it('has what was recorded, and shows the newest epoch', async () => {
    const { run, shown } = await follow(3);
    expect(run.steps).toHaveLength(30);
    expect(run.snapshotEpochs).toEqual([1, 2, 3]);
    expect(run.snapshot?.epoch).toBe(3);
    expect(shown).toEqual([3]);
    run.close();
  });

  it('grows as the run trains, and follows it live', async () => {
    const { run, train } = await follow(3);
    train(4);
    await timePasses(400);
    expect(run.steps.at(-1)!.step).toBe(40);
    expect(run.epochs.map(({ epoch: number }) => number)).toEqual([1, 2, 3, 4]);
    expect(run.snapshot?.epoch).toBe(4);
    run.close();
  });

  it('stays where a person went back to, until they come back to the newest', async () => {
    const { run, train } = await follow(3);
    run.goTo(1);
    train(4);
    await timePasses(400);
    expect(run.shownEpoch).toBe(1);
    expect(run.snapshot?.epoch).toBe(1);
    run.goTo(4);
    await settled();
    expect(run.chosenEpoch).toBeUndefined();
    expect(run.snapshot?.epoch).toBe(4);
    run.close();
  });

  it('overwrites what a resumed run computes again', async () => {
    const { run, emit } = await follow(3);
    emit('step', { run: 'run-1', klPerDimension: [0], ...step(21) });
    await timePasses(400);
    expect(run.steps.map(({ step: at }) => at)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    run.close();
  });

  it('hears nothing of other runs, and nothing once it is closed', async () => {
    const { run, emit, train } = await follow(1);
    emit('epoch', { run: 'run-2', ...epoch(2) });
    await settled();
    expect(run.epochs).toHaveLength(1);
    run.close();
    train(2);
    await settled();
    expect(run.epochs).toHaveLength(1);
  });

  it('thins thousands of steps, never the newest', async () => {
    const { run, emit } = await follow(0);
    for (let at = 1; at <= 4000; at++) emit('step', { run: 'run-1', klPerDimension: [0], ...step(at) });
    await timePasses(500);
    expect(run.steps.length).toBeLessThanOrEqual(3001);
    expect(run.steps.at(-1)!.step).toBe(4000);
    run.close();
  });

  it('plays the epochs from the first, and ends live', async () => {
    const { run } = await follow(2);
    run.togglePlay();
    expect(run.isPlaying).toBe(true);
    await settled();
    expect(run.snapshot?.epoch).toBe(1);
    await timePasses(PLAY_MS * 2);
    expect(run.isPlaying).toBe(false);
    expect(run.chosenEpoch).toBeUndefined();
    expect(run.snapshot?.epoch).toBe(2);
    run.close();
  });
});
