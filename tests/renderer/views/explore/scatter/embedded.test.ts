// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import type { SomeHandlers } from '../../../../../src/contract/serve.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { axisLabels, projectionNote } from '../../../../../src/renderer/views/explore/scatter/axes-words.ts';
import { latentPathOf } from '../../../../../src/renderer/views/explore/scatter/latent-path-data.ts';
import { PointsState } from '../../../../../src/renderer/views/explore/scatter/points.svelte.ts';
import { held, passed } from '../../../held.ts';
import { muOf, openExplore, settled, smallModel } from '../small-model.ts';

/** Positions that no linear map of the codes `[i, −i, 0.5]` gives. */
const POSITIONS = [
  [0, 0, 0],
  [5, 1, 0],
  [1, 6, 0],
  [-4, 2, 3],
] as const;

const NEAREST = 2;

/** The engine's answer: the two images whose code is nearest. */
const nearest: NonNullable<SomeHandlers['codes.nearest']> = ({ z }) => {
  const [n = 0] = z.shape;
  const rows = Array.from({ length: n }, (_, i) => {
    const code = z.data.subarray(i * 3, i * 3 + 3);
    const far = (image: number): number =>
      muOf(image).reduce((sum, value, l) => sum + (value - code[l]!) ** 2, 0);
    return [0, 1, 2, 3].sort((a, b) => far(a) - far(b) || a - b).slice(0, NEAREST);
  });
  return tensor('i32', [n, NEAREST], Int32Array.from(rows.flat()));
};

const embedding: SomeHandlers = {
  'codes.project': () => ({
    kind: 'embedded',
    name: 'UMAP',
    positions: tensor('f32', [4, 3], Float32Array.from(POSITIONS.flat())),
  }),
  'codes.nearest': nearest,
};

async function openEmbedded(handlers: SomeHandlers = {}) {
  const opened = await openExplore({ handlers: { ...embedding, ...handlers } });
  const points = new PointsState(opened.explore);
  await points.open();
  const path = () => latentPathOf(opened.explore, points);
  // As the view does: what is read once is read again when its answer comes.
  const settledPath = async () => {
    path();
    await settled();
    return path();
  };
  return { ...opened, points, path, settledPath };
}

describe('an embedded projection', () => {
  it('places the pinned image where the embedding has it, with no ellipse, which needs a linear map', async () => {
    const { explore, path } = await openEmbedded();
    expect([...path().places]).toEqual([...POSITIONS[1]]);
    expect(path()).toMatchObject({ isMoved: false, covariance: undefined });
    expect(explore.placeOf(explore.pinned!.posterior.mu.data)).toEqual([...POSITIONS[1]]);
  });

  it('ends the path at the mean of the places of the images nearest to the live code', async () => {
    const { explore, path, settledPath } = await openEmbedded();
    // [2.2, −1, 0.5] is nearest to image 2, then to image 1.
    explore.moveSlider(0, 2.2);
    expect([...path().places]).toEqual([...POSITIONS[1], ...POSITIONS[1]]);
    const { places, isMoved } = await settledPath();
    expect(isMoved).toBe(true);
    expect([...places]).toEqual([...POSITIONS[1], 3, 3.5, 0]);
  });

  it('shows the last known place until the place of the live code comes', async () => {
    const later = held(nearest as (input: never, asker: never) => unknown);
    const { explore, path } = await openEmbedded({ 'codes.nearest': later.handler as never });
    explore.setSlider(0, 2.2);
    path();
    await passed();
    await later.answer(0);
    explore.setSlider(0, -9);
    expect([...path().places].slice(-3)).toEqual([3, 3.5, 0]);
    await passed();
    await later.answer(1);
    // [−9, −1, 0.5] is nearest to images 0 and 1.
    expect([...path().places]).toEqual([...POSITIONS[1], 3, 3.5, 0, 2.5, 0.5, 0]);
  });

  it('moves the live code to the code of the nearest image where a person clicks beside all points', async () => {
    const { explore, settledPath } = await openEmbedded();
    explore.goTo([-3, 2, 2]);
    await settled();
    expect(explore.pinned?.index).toBe(1);
    expect([...explore.live.z]).toEqual([...muOf(3)]);
    expect([...(await settledPath()).places]).toEqual([...POSITIONS[1], ...POSITIONS[3]]);
    explore.undoGoTo();
    expect([...explore.live.z]).toEqual([...muOf(1)]);
  });

  it('undoes a click whose code has not come yet, and nothing before it', async () => {
    const later = held(smallModel()['models.posterior'] as (input: never, asker: never) => unknown);
    let isHeld = false;
    const { explore } = await openEmbedded({
      'models.posterior': ((input: never, asker: never) =>
        isHeld
          ? later.handler(input)
          : (smallModel()['models.posterior'] as (input: never, asker: never) => unknown)(
              input,
              asker,
            )) as never,
    });
    explore.setSlider(0, 2);
    isHeld = true;
    explore.goTo([0, 0, 0]);
    await passed();
    explore.undoGoTo();
    await later.answer(0);
    expect([...explore.live.z]).toEqual([2, -1, 0.5]);
  });

  it('undoes the move before, where the code of a click could not be read', async () => {
    let isBroken = false;
    const posterior = smallModel()['models.posterior'] as (input: never, asker: never) => unknown;
    const { app, explore } = await openEmbedded({
      'models.posterior': ((input: never, asker: never) => {
        if (isBroken) throw new UnravelError('not-ready', 'The model is gone.');
        return posterior(input, asker);
      }) as never,
    });
    explore.setSlider(0, 2);
    isBroken = true;
    explore.goTo([0, 0, 0]);
    await settled();
    expect(app.toasts.list.map(({ message }) => message)).toContain('The model is gone.');
    explore.undoGoTo();
    expect([...explore.live.z]).toEqual([...muOf(1)]);
  });

  it('does not move the live code to a click whose code comes after another image was pinned', async () => {
    const posterior = smallModel()['models.posterior'] as (input: never, asker: never) => unknown;
    const later = held(posterior);
    let isHeld = false;
    const { explore } = await openEmbedded({
      'models.posterior': ((input: never, asker: never) =>
        isHeld ? later.handler(input) : posterior(input, asker)) as never,
    });
    isHeld = true;
    explore.goTo([0, 0, 0]);
    await passed();
    explore.pin(3);
    await passed();
    await later.answer(1);
    await later.answer(0);
    expect(explore.pinned?.index).toBe(3);
    expect([...explore.live.z]).toEqual([...muOf(3)]);
  });

  it('begins the path of a sample of the prior among the images nearest to it', async () => {
    const { explore, settledPath } = await openEmbedded();
    await explore.samplePrior();
    // [0.25, 0, 0] is nearest to images 0 and 1.
    expect([...(await settledPath()).places]).toEqual([2.5, 0.5, 0]);
  });

  it('places the other end of an interpolation at its image', async () => {
    const { explore, settledPath } = await openEmbedded();
    explore.chooseSecond();
    explore.pin(3);
    await settled();
    expect((await settledPath()).second?.place).toEqual([...POSITIONS[3]]);
  });

  it('may have two axes: then the picture is flat, and places are on its plane', async () => {
    const flat = POSITIONS.flatMap(([x, y]) => [x, y]);
    const { explore, points, path } = await openEmbedded({
      'codes.project': () => ({
        kind: 'embedded',
        name: 'UMAP',
        positions: tensor('f32', [4, 2], Float32Array.from(flat)),
      }),
    });
    expect([explore.hasThirdAxis, explore.isFlat]).toEqual([false, true]);
    expect([...explore.positions!]).toEqual(POSITIONS.flatMap(([x, y]) => [x, y, 0]));
    expect([...path().places]).toEqual([5, 1, 0]);
    explore.goTo([1, 5, 0], 2);
    await settled();
    latentPathOf(explore, points);
    expect([...explore.live.z]).toEqual([...muOf(2)]);
  });

  it('goes by the two axes that a flat picture shows, whatever the third one', async () => {
    const { explore } = await openEmbedded();
    explore.goTo([-4, 2, -60], 2);
    await settled();
    expect([...explore.live.z]).toEqual([...muOf(3)]);
  });

  it('is refused where it has another number of axes', async () => {
    const { explore } = await openExplore({
      handlers: {
        'codes.project': () => ({
          kind: 'embedded',
          name: 'UMAP',
          positions: tensor('f32', [4, 1], new Float32Array(4)),
        }),
      },
    });
    expect(explore.phase.kind).toBe('failed');
  });

  it('names its axes after the embedding and says what distances mean', async () => {
    const { explore } = await openEmbedded();
    expect(axisLabels(explore.axes, explore.projection!, String)).toEqual(['UMAP 1', 'UMAP 2', 'UMAP 3']);
    expect(projectionNote(explore.axes, explore.projection!, 3)).toBe(
      'UMAP keeps neighbours together; distances between far points say little',
    );
  });

  it('says why a place cannot be found', async () => {
    const { app, explore, settledPath } = await openEmbedded({
      'codes.nearest': () => {
        throw new UnravelError('not-ready', 'The codes are gone.');
      },
    });
    explore.setSlider(0, 2);
    await settledPath();
    expect(app.toasts.list.map(({ message }) => message)).toContain('The codes are gone.');
  });
});
