// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../../../../src/contract/job.ts';
import { Estimate } from '../../../../../src/renderer/views/train/state/estimate.svelte.ts';
import { aDataset, aJob, makeApp, paperConfig, settled, timePasses } from '../../../small-app.ts';

const dataset = aDataset();
/** Longer than a person's pause in typing. */
const TYPED_MS = 900;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A host that has no rates, and whose timing ends when it is told to. */
async function host({ rate = null as number | null, busy = [] as Job[] } = {}) {
  const started: Job[] = [];
  const cancelled: string[] = [];
  const { app, emit } = await makeApp({
    'jobs.list': () => busy,
    'runs.rate': () => rate,
    'jobs.start': (request) => {
      const job = aJob({ request, title: 'Timing' });
      started.push(job);
      return job;
    },
    'jobs.cancel': ({ job }) => {
      cancelled.push(job);
      const ended: Job = { ...started.find(({ id }) => id === job)!, state: 'cancelled' };
      emit('job', ended);
      return ended;
    },
    'jobs.dismiss': ({ job }) => {
      emit('job.dismissed', { job });
      return {};
    },
  });
  const finish = (imagesPerSecond: number): void =>
    emit('job', { ...started.at(-1)!, state: 'done', result: { imagesPerSecond } });
  return { app, emit, started, cancelled, finish };
}

describe('Estimate', () => {
  it('takes the rate of earlier trainings where there is one', async () => {
    const { app, started } = await host({ rate: 500 });
    const estimate = new Estimate(app);
    estimate.follow(dataset, [paperConfig], true);
    await settled();
    // 59 steps of 128 images and what follows an epoch, 30 times.
    expect(estimate.words).toBe('about 9 min at 500 images / s');
    await timePasses(TYPED_MS);
    expect(started).toEqual([]);
  });

  it('times a few steps where there is none, and leaves no card behind', async () => {
    const { app, started, finish } = await host();
    const estimate = new Estimate(app);
    estimate.follow(dataset, [paperConfig], true);
    await timePasses(TYPED_MS);
    expect(started.map(({ request }) => request.kind)).toEqual(['measure']);
    expect(estimate.words).toBeUndefined();
    expect(estimate.placeholder).toBe('measuring…');
    finish(250);
    await settled();
    expect(estimate.words).toBe('about 17 min at 250 images / s');
    expect(app.jobs.list).toEqual([]);
  });

  it('needs no new timing for what does not change the pace', async () => {
    const { app, started, finish } = await host();
    const estimate = new Estimate(app);
    estimate.follow(dataset, [paperConfig], true);
    await timePasses(TYPED_MS);
    finish(250);
    await settled();
    estimate.follow(dataset, [{ ...paperConfig, epochs: 60, seed: 7, learningRate: 0.01 }], true);
    await timePasses(TYPED_MS);
    expect(estimate.words).toBe('about 34 min at 250 images / s');
    expect(started).toHaveLength(1);
  });

  it('stops a timing whose settings are no longer asked for, and times the new ones', async () => {
    const { app, started, cancelled } = await host();
    const estimate = new Estimate(app);
    estimate.follow(dataset, [paperConfig], true);
    await timePasses(TYPED_MS);
    estimate.follow(dataset, [{ ...paperConfig, architecture: 'burgess' }], true);
    await timePasses(TYPED_MS);
    expect(cancelled).toEqual([started[0]!.id]);
    expect(started).toHaveLength(2);
    expect(app.toasts.list).toEqual([]);
  });

  it('times nothing while something trains', async () => {
    const { app, started } = await host({ busy: [aJob()] });
    const estimate = new Estimate(app);
    expect(estimate.isFree).toBe(false);
    estimate.follow(dataset, [paperConfig], estimate.isFree);
    await timePasses(TYPED_MS);
    expect(started).toEqual([]);
    expect(estimate.placeholder).toBe('known when the processor is free');
  });

  it('stops its timing when the form is left', async () => {
    const { app, started, cancelled } = await host();
    const estimate = new Estimate(app);
    estimate.follow(dataset, [paperConfig], true);
    await timePasses(TYPED_MS);
    estimate.close();
    await settled();
    expect(cancelled).toEqual([started[0]!.id]);
  });
});
