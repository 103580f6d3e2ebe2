// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../../../../src/contract/condition.ts';
import type { SomeHandlers } from '../../../../../src/contract/serve.ts';
import {
  fromDeviations,
  toDeviations,
  conditionDigits,
  conditionText,
} from '../../../../../src/renderer/views/explore/face/condition-words.ts';
import { TrackState } from '../../../../../src/renderer/views/explore/track/track.svelte.ts';
import ColumnsInWindow from '../ColumnsInWindow.svelte';
import { muOf, openExplore, pixelOf, settled, smallModel } from '../small-model.ts';

afterEach(cleanup);

const smiling: Condition = { column: 'Smiling', type: 'binary', usual: 0 };
const hair: Condition = {
  column: 'hair_colour',
  type: 'categorical',
  categories: ['black', 'brown', 'blond'],
  usual: 0,
};
const age: Condition = { column: 'age', type: 'continuous', mean: 40, deviation: 10, usual: 40 };

/** The images' own labels; image 3 has none. */
const OWN = [0, 1, 0];

/** Opens Explore on a conditional model, and notes what its decoder is conditions. */
async function openConditional(condition: Condition, own: readonly number[] = OWN) {
  const conditions: unknown[] = [];
  const working = smallModel();
  const handlers: SomeHandlers = {
    'models.posterior': async (input, asker) => {
      const posterior = await working['models.posterior']!(input, asker);
      const label = own[input.index];
      return label === undefined ? posterior : { ...posterior, condition: label };
    },
    'models.decode': (input, asker) => {
      conditions.push(input.condition);
      return working['models.decode']!(input, asker);
    },
  };
  const opened = await openExplore({ handlers, condition });
  const track = new TrackState(opened.explore);
  track.room = 5;
  return { ...opened, track, conditions, pixel: () => opened.explore.live.image?.data[0] };
}

describe('the condition of a conditional model', () => {
  it("begins at the pinned image's own label, and at the usual where that is not known", async () => {
    const { explore } = await openConditional({ ...smiling, usual: 1 }, [0, 0]);
    expect(explore.live.condition).toBe(0);
    explore.pin(3);
    await settled();
    expect(explore.live.condition).toBe(1);
    expect(explore.ownCondition).toBe(1);
  });

  it('is nothing for a model without a condition', async () => {
    const { explore } = await openExplore();
    expect(explore.live.condition).toBeUndefined();
    await explore.samplePrior();
    expect(explore.live.condition).toBeUndefined();
  });

  it('changes the live face and not the code; another image has its own again', async () => {
    const { explore, pixel, conditions } = await openConditional(smiling);
    // Its reconstruction came with the posterior.
    expect(conditions).toEqual([]);
    explore.live.setCondition(0);
    await settled();
    expect(conditions).toEqual([0]);
    expect(pixel()).toBe(pixelOf(muOf(1)));
    expect(explore.live.z).toEqual(muOf(1));
    expect(explore.live.canUndo).toBe(false);
    explore.setSlider(0, 3);
    await settled();
    expect(conditions).toEqual([0, 0]);
    explore.pin(1);
    await settled();
    expect(explore.live.condition).toBe(1);
  });

  it('is the newest of many, and the last picture is of it', async () => {
    const { explore, pixel, conditions } = await openConditional(age, [40, 40]);
    for (let years = 41; years <= 60; years++) explore.live.setCondition(years);
    await settled();
    expect(conditions).toEqual([41, 60]);
    expect(pixel()).toBe(pixelOf(muOf(1)) + 60);
  });

  it('holds for the frames of the track, which are decoded again when it changes', async () => {
    const { explore, track, conditions } = await openConditional(smiling);
    track.show();
    await settled();
    expect(conditions).toEqual([1]);
    const [before] = track.batch.images;
    explore.live.setCondition(0);
    track.show();
    track.show();
    await settled();
    expect(conditions.slice(1)).toEqual([0, 0]);
    expect(track.batch.images[0]!.data[0]).toBe(before!.data[0]! - 1);
  });

  it('is written into the recipe of either kind, and not into that of another model', async () => {
    const { explore, track } = await openConditional(smiling);
    explore.live.setCondition(0);
    expect(track.recipe()).toMatchObject({ kind: 'traversal', condition: 0 });
    explore.chooseSecond();
    explore.pin(2);
    await settled();
    expect(track.recipe()).toMatchObject({ kind: 'interpolation', condition: 0 });
    const { explore: untold } = await openExplore();
    expect(new TrackState(untold).recipe()).not.toHaveProperty('condition');
  });

  it('is the usual of a sample, and stays while samples are drawn', async () => {
    const { explore } = await openConditional({ ...smiling, usual: 0 });
    expect(explore.live.condition).toBe(1);
    await explore.samplePrior();
    expect(explore.live.condition).toBe(0);
    explore.live.setCondition(1);
    await explore.samplePrior();
    expect(explore.live.condition).toBe(1);
  });
});

describe('the control at the live face', () => {
  const show = async (condition: Condition, own?: readonly number[]) => {
    const opened = await openConditional(condition, own);
    const { explore, track } = opened;
    render(ColumnsInWindow, { explore, track });
    await settled();
    return opened;
  };
  const control = () => within(screen.getByRole('group', { name: "The decoder's condition" }));

  it('is not there for a model that is not conditional', async () => {
    const { explore } = await openExplore();
    render(ColumnsInWindow, { explore, track: new TrackState(explore) });
    await settled();
    expect(screen.queryByText('Condition:')).toBeNull();
  });

  it('of yes and no tells the other, and goes back to the image’s own', async () => {
    const { explore } = await show(smiling);
    const choice = (name: string) => control().getByRole('radio', { name });
    expect(choice('Yes').getAttribute('aria-checked')).toBe('true');
    expect(control().queryByRole('button', { name: /Back to/ })).toBeNull();
    await fireEvent.click(choice('No'));
    expect(explore.live.condition).toBe(0);
    await fireEvent.click(control().getByRole('button', { name: 'Back to the image’s own, Yes' }));
    expect(explore.live.condition).toBe(1);
    await settled();
    expect(control().queryByRole('button', { name: /Back to/ })).toBeNull();
  });

  it('of categories names the one that is conditions', async () => {
    const { explore } = await show(hair, [0, 2]);
    expect(control().getByText('Hair colour')).toBeDefined();
    expect(control().getByText('blond')).toBeDefined();
    explore.live.setCondition(1);
    await settled();
    expect(control().getByText('brown')).toBeDefined();
    expect(control().getByRole('button', { name: 'Back to the image’s own, blond' })).toBeDefined();
  });

  it('of a number takes it in the column’s own measure, typed or by the slider', async () => {
    const { explore } = await show(age, [40, 27.5]);
    const field = control().getByRole<HTMLInputElement>('textbox', { name: 'Condition: Age' });
    expect(field.value).toBe('27.5');
    await fireEvent.input(field, { target: { value: '63' } });
    expect(explore.live.condition).toBe(63);
    const slider = control().getByRole('slider');
    expect(slider.getAttribute('aria-valuetext')).toBe('63.0; the image’s own is 27.5');
    await fireEvent.keyDown(slider, { key: 'ArrowLeft' });
    expect(explore.live.condition).toBe(62);
    await fireEvent.dblClick(slider);
    expect(explore.live.condition).toBe(27.5);
  });

  it('says that it is the usual where the image’s own is not known', async () => {
    const { explore } = await show(smiling);
    explore.pin(3);
    await settled();
    explore.live.setCondition(1);
    await settled();
    expect(control().getByRole('button', { name: 'Back to the usual, No' })).toBeDefined();
  });
});

describe('the words for what is conditions', () => {
  it('are yes or no, a category, or a number with the digits that its column needs', () => {
    expect(conditionText(smiling, 1)).toBe('Yes');
    expect(conditionText(smiling, 0)).toBe('No');
    expect(conditionText(hair, 2)).toBe('blond');
    expect(conditionText(age, 27.52)).toBe('27.5');
    expect([0.03, 0.3, 1, 4, 10, 300].map((deviation) => conditionDigits({ ...age, deviation }))).toEqual([
      3, 2, 2, 1, 1, 0,
    ]);
  });

  it('go from numbers to deviations and back', () => {
    expect(toDeviations(age, 55)).toBe(1.5);
    expect(fromDeviations(age, 1.5)).toBe(55);
    expect(fromDeviations(age, -0.123)).toBe(38.8);
  });
});
