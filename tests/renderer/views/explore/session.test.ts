// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../../../src/contract/errors.ts';
import type { Job } from '../../../../src/contract/job.ts';
import { tensor } from '../../../../src/contract/tensor.ts';
import { ExploreSession } from '../../../../src/renderer/views/explore/session.svelte.ts';
import { openExplore, settled } from './small-model.ts';

/** Two runs of one data set, chosen in the title bar; each answers as `handlers` say. */
async function openSession(handlers: Parameters<typeof openExplore>[0] = {}) {
  const { app, explore, emit } = await openExplore(handlers);
  app.library.datasets = [explore.dataset];
  app.library.runs = [explore.run, { ...explore.run, id: 'run-2', name: 'second' }];
  app.chooseRun('run-1');
  const session = new ExploreSession(app);
  return { app, session, emit };
}

const encoding: Job = {
  id: 'job-00000001',
  order: 1,
  request: { kind: 'encode', run: 'run-2', dataset: 'faces-1' },
  title: 'Encoding faces',
  state: 'running',
};

describe('what Explore shows', () => {
  it('is nothing where nothing is chosen', async () => {
    const { app } = await openExplore();
    const session = new ExploreSession(app);
    session.show();
    expect(session.current).toBeUndefined();
    expect(session.next).toBeUndefined();
  });

  it('is a run, when all that its first picture needs is there', async () => {
    const { session } = await openSession();
    session.show();
    expect(session.current).toBeUndefined();
    expect(session.next?.explore.run.id).toBe('run-1');
    await settled();
    await settled();
    expect(session.current?.explore.run.id).toBe('run-1');
    expect(session.current?.points.colours).toHaveLength(16);
    expect(session.next).toBeUndefined();
  });

  it('stays until another run is ready, with the same image and the same colours', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { session, app } = await openSession({
      handlers: {
        'codes.ready': async ({ run }) => {
          if (run === 'run-2') await gate;
          return { ready: true };
        },
      },
    });
    session.show();
    await settled();
    await settled();
    const first = session.current!;
    first.explore.pin(3);
    await first.points.colourBy({ kind: 'split' });
    await settled();
    app.chooseRun('run-2');
    session.show();
    await settled();
    expect(session.current).toBe(first);
    expect(session.next?.explore.run.id).toBe('run-2');
    release();
    await settled();
    await settled();
    expect(session.current?.explore.run.id).toBe('run-2');
    expect(session.current?.explore.pinned?.index).toBe(3);
    expect(session.current?.points.by).toEqual({ kind: 'split' });
  });

  it('gives way to the codes of images that are being computed, and says how far they are', async () => {
    let isReady = true;
    const { session, emit } = await openSession({
      handlers: {
        'codes.ready': () => ({ ready: isReady }),
        'jobs.start': () => encoding,
      },
    });
    isReady = false;
    session.show();
    await settled();
    expect(session.waiting?.explore.phase).toEqual({ kind: 'encoding', job: encoding });
    emit('job', { ...encoding, state: 'done' });
    await settled();
    await settled();
    expect(session.waiting).toBeUndefined();
    expect(session.current?.explore.phase.kind).toBe('ready');
  });

  it('says why a run cannot be shown, and tries again when it is asked to', async () => {
    let isBroken = true;
    const { session } = await openSession({
      handlers: {
        'codes.project': () => {
          if (isBroken) throw new UnravelError('bad-input', 'The codes end early.');
          return {
            kind: 'linear',
            positions: tensor('f32', [4, 3], new Float32Array(12)),
            variance: [0.5, 0.3, 0.2] as [number, number, number],
            basis: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
            inverse: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
            mean: tensor('f32', [3], new Float32Array(3)),
          };
        },
      },
    });
    session.show();
    await settled();
    await settled();
    const { phase } = session.waiting!.explore;
    expect(phase.kind === 'failed' && phase.error.message).toBe('The codes end early.');
    isBroken = false;
    session.show();
    await settled();
    await settled();
    expect(session.waiting).toBeUndefined();
    expect(session.current?.isReady).toBe(true);
  });

  it('forgets a run that was on its way when a third is chosen', async () => {
    const { session, app } = await openSession();
    session.show();
    app.chooseRun('run-2');
    session.show();
    await settled();
    await settled();
    expect(session.current?.explore.run.id).toBe('run-2');
    session.clear();
    expect(session.current).toBeUndefined();
  });
});
