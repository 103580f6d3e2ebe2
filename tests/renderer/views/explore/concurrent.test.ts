// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../../../src/contract/errors.ts';
import type { Axes, LinearProjection } from '../../../../src/contract/operations/codes.ts';
import { tensor } from '../../../../src/contract/tensor.ts';
import { decodeBy, LiveCode } from '../../../../src/renderer/views/explore/state/live-code.svelte.ts';
import { PointsState } from '../../../../src/renderer/views/explore/scatter/points.svelte.ts';
import { held, passed } from '../../held.ts';
import { clientOf, muOf, openExplore, pixelOf, smallModel } from './small-model.ts';

const model = smallModel();
const axes = (dimension: number): Axes => ({ kind: 'dimensions', dimensions: [dimension, 1, 2] });

/** A projection that tells by its first variance which axes it is of. */
function projectionOf({ axes: of }: { axes: Axes }): LinearProjection {
  return {
    kind: 'linear',
    positions: tensor('f32', [4, 3], new Float32Array(12)),
    variance: [of.kind === 'dimensions' ? of.dimensions[0] / 10 : 1, 0, 0],
    basis: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
    inverse: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
    mean: tensor('f32', [3], new Float32Array(3)),
  };
}

/** Explore, opened, whose later answers of one operation wait. */
async function holding(
  operation: 'codes.project' | 'models.posterior' | 'models.sample' | 'datasets.column',
  answerTo: (input: never, asker: never) => unknown,
) {
  const later = held(answerTo);
  let isOpen = false;
  const first = operation === 'codes.project' ? projectionOf : model[operation];
  const opened = await openExplore({
    handlers: {
      [operation]: (input: never, asker: never) =>
        isOpen ? later.handler(input) : (first as (input: never, asker: never) => unknown)(input, asker),
    },
    columns: [
      { name: 'hair', type: 'categorical', categories: ['black', 'blond'], factor: false },
      { name: 'smiling', type: 'binary', factor: false },
    ],
  });
  await passed();
  isOpen = true;
  return { ...opened, later };
}

const messages = ({ app }: Awaited<ReturnType<typeof openExplore>>): string[] =>
  app.toasts.list.map(({ message }) => message);

describe('axes that are asked for one after the other', () => {
  it('end at those that were asked for last, although the answer before comes later', async () => {
    const opened = await holding('codes.project', projectionOf);
    const { explore, later } = opened;
    const both = Promise.all([explore.setAxes(axes(1)), explore.setAxes(axes(2))]);
    await passed();
    await later.answer(1);
    await later.answer(0);
    await both;
    expect(explore.axes).toEqual(axes(2));
    expect(explore.projection).toMatchObject({ kind: 'linear', variance: [0.2, 0, 0] });
  });

  it('say nothing of a failure that nobody waits for any more', async () => {
    const { explore, later } = await holding('codes.project', projectionOf);
    const both = Promise.all([explore.setAxes(axes(1)), explore.setAxes(axes(2))]);
    await passed();
    await later.answer(1);
    await later.refuse(0, new UnravelError('native', 'The engine is busy.'));
    await expect(both).resolves.toBeDefined();
    expect(explore.axes).toEqual(axes(2));
  });

  it('change nothing once another run is shown', async () => {
    const { explore, later } = await holding('codes.project', projectionOf);
    const asked = explore.setAxes(axes(1));
    await passed();
    explore.close();
    await later.answer(0);
    await asked;
    expect(explore.axes).toEqual({ kind: 'pca' });
  });
});

describe('a sample of the prior', () => {
  it('stays although the posterior of an image that was clicked before comes later', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    explore.pin(3);
    await passed();
    await explore.samplePrior();
    await later.answer(0);
    expect(explore.pinned).toBeUndefined();
    expect(explore.asked).toBeUndefined();
    expect([...explore.live.z]).toEqual([0.25, 0, 0]);
  });

  it('is the one that was asked for last, although the one before comes later', async () => {
    const sampled = ({ seed }: { seed: number }) => tensor('f32', [3], Float32Array.of(seed, 0, 0));
    const { explore, later } = await holding('models.sample', sampled);
    const both = Promise.all([explore.samplePrior(), explore.samplePrior()]);
    await passed();
    await later.answer(1);
    await later.answer(0);
    await both;
    expect([...explore.live.z]).toEqual([2, 0, 0]);
  });

  it('does not replace an image that was clicked after it was asked for', async () => {
    const { explore, later } = await holding('models.sample', model['models.sample']!);
    const sample = explore.samplePrior();
    explore.pin(2);
    await passed();
    await later.answer(0);
    await sample;
    expect(explore.pinned?.index).toBe(2);
    expect([...explore.live.z]).toEqual([...muOf(2)]);
  });
});

describe('the second image', () => {
  it('is the one that was clicked last, in whatever order the answers come', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    for (const index of [3, 2]) {
      explore.chooseSecond();
      explore.pin(index);
    }
    await passed();
    await later.answer(1);
    await later.answer(0);
    expect(explore.second?.index).toBe(2);
  });

  it('is the one that was clicked for it, although the choice was cancelled before its posterior came', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    explore.chooseSecond();
    explore.pin(3);
    explore.isChoosingSecond = false;
    await passed();
    await later.answer(0);
    expect(explore.pinned?.index).toBe(1);
    expect(explore.second?.index).toBe(3);
  });

  it('is not an image that was clicked before it was asked for', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    explore.pin(3);
    await passed();
    explore.chooseSecond();
    await later.answer(0);
    expect(explore.second).toBeUndefined();
    expect(explore.isChoosingSecond).toBe(true);
    expect(explore.pinned?.index).toBe(3);
  });
});

describe('a pinned image', () => {
  it('is the one that was clicked last, and those between are never asked for', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    for (const index of [3, 0, 2]) explore.pin(index);
    await passed();
    await later.answer(0);
    await later.answer(1);
    expect(later.asked).toMatchObject([{ index: 3 }, { index: 2 }]);
    expect(explore.pinned?.index).toBe(2);
    expect([...explore.live.z]).toEqual([...muOf(2)]);
  });

  it('says nothing of one that failed where another was clicked meanwhile', async () => {
    const opened = await holding('models.posterior', model['models.posterior']!);
    const { explore, later } = opened;
    explore.pin(3);
    explore.pin(2);
    await passed();
    await later.refuse(0, new UnravelError('not-found', 'There is no image 3.'));
    await later.answer(1);
    expect(messages(opened)).toEqual([]);
    expect([explore.asked, explore.pinned?.index]).toEqual([2, 2]);
  });

  it('is not replaced once another run is shown', async () => {
    const { explore, later } = await holding('models.posterior', model['models.posterior']!);
    explore.pin(3);
    await passed();
    explore.close();
    await later.answer(0);
    expect(explore.pinned?.index).toBe(1);
  });

  it('is the one that was before, where the next one cannot be shown', async () => {
    const opened = await holding('models.posterior', model['models.posterior']!);
    const { explore, later } = opened;
    explore.pin(3);
    await passed();
    expect(explore.asked).toBe(3);
    await later.refuse(0, new UnravelError('not-found', 'There is no image 3.'));
    expect(explore.asked).toBe(1);
    expect(messages(opened)).toEqual(['There is no image 3.']);
  });
});

describe('colours that are asked for one after the other', () => {
  const values = ({ column }: { column: string }) =>
    tensor('f32', [4], column === 'hair' ? Float32Array.of(0, 1, 0, 1) : Float32Array.of(1, 1, 0, 0));

  it('end at those that were chosen last, and say nothing of a failure before', async () => {
    const opened = await holding('datasets.column', values);
    const points = new PointsState(opened.explore);
    const both = Promise.all([
      points.colourBy({ kind: 'column', column: 'hair' }),
      points.colourBy({ kind: 'column', column: 'smiling' }),
    ]);
    await passed();
    await opened.later.answer(1);
    await opened.later.refuse(0, new UnravelError('native', 'The engine is busy.'));
    await both;
    expect(points.title).toBe('Smiling');
    expect(points.legend.map(({ label }) => label)).toEqual(['No', 'Yes']);
  });

  it('are again those that are shown, where others cannot be', async () => {
    const { explore, later } = await holding('datasets.column', values);
    const points = new PointsState(explore);
    await points.colourBy({ kind: 'split' });
    const asked = points.colourBy({ kind: 'column', column: 'hair' });
    await passed();
    await later.refuse(0, new UnravelError('native', 'The engine is busy.'));
    await expect(asked).rejects.toThrow('The engine is busy.');
    expect(points.chosen).toEqual({ kind: 'split' });
  });
});

describe('the live face', () => {
  const decode = model['models.decode'] as (input: never, asker: never) => unknown;

  it('of a new path is not replaced by a picture of the path before, whatever is moved meanwhile', async () => {
    const later = held(decode);
    const { client } = clientOf({ 'models.decode': later.handler as never });
    const live = new LiveCode(decodeBy(client, 'run-1'), () => undefined);
    live.begin(Float32Array.of(5, 0, 0));
    await passed();
    live.begin(Float32Array.of(0, 0, 0), { width: 1, height: 1, channels: 1, data: Uint8Array.of(42) });
    live.move(Float32Array.of(1, 0, 0));
    await later.answer(0);
    expect(live.image?.data[0]).toBe(42);
    await later.answer(1);
    expect(live.image?.data[0]).toBe(pixelOf(Float32Array.of(1, 0, 0)));
  });

  it('is of nothing once it is closed', async () => {
    const later = held(decode);
    const { client } = clientOf({ 'models.decode': later.handler as never });
    const live = new LiveCode(decodeBy(client, 'run-1'), () => undefined);
    live.begin(Float32Array.of(5, 0, 0));
    await passed();
    live.close();
    await later.answer(0);
    expect(live.image).toBeUndefined();
  });
});

describe('a run that is closed while it is opened', () => {
  it('asks for nothing more and does not fail', async () => {
    const ready = held(() => ({ ready: true }));
    let isHeld = false;
    const { explore, app, asked } = await openExplore({
      handlers: { 'codes.ready': () => (isHeld ? ready.handler(undefined) : { ready: true }) },
    });
    isHeld = true;
    const before = asked.length;
    const opened = explore.open(2);
    await passed();
    explore.close();
    await ready.answer(0);
    await opened;
    expect(asked.slice(before)).toEqual(['codes.ready']);
    expect(app.toasts.list).toEqual([]);
  });
});
