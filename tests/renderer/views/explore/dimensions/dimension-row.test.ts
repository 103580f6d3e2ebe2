// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import DimensionList from '../../../../../src/renderer/views/explore/dimensions/DimensionList.svelte';
import DimensionRow from '../../../../../src/renderer/views/explore/dimensions/DimensionRow.svelte';
import { renderInWindow } from '../../../render-in-window.ts';
import { openExplore, settled } from '../small-model.ts';

/** Wide enough that a pixel is a hundredth. */
const LINE_PX = 800;

beforeEach(() => {
  // The page has no layout here: every line begins at 0.
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, LINE_PX, 2));
  Element.prototype.setPointerCapture = () => undefined;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

async function showRow(dimension = 0) {
  const opened = await openExplore();
  const { explore } = opened;
  render(DimensionRow, {
    explore,
    dimension: explore.dimensions[dimension]!,
    full: 2,
    wide: false,
  });
  const slider = screen.getByRole('slider');
  const field = screen.getByRole<HTMLInputElement>('textbox');
  return { ...opened, slider, field };
}

/** What the list's foot says. */
const summary = (): string => document.querySelector('footer')!.textContent.replaceAll(/\s+/g, ' ').trim();

const at = (value: number) => ({ button: 0, pointerId: 1, clientX: ((value + 4) / 8) * LINE_PX });

describe('a dimension’s row', () => {
  it('says what it is, its value, and how far it is from the image', async () => {
    const { slider, field, explore } = await showRow();
    expect(slider.getAttribute('aria-label')).toBe('z0 Smile');
    expect(slider.getAttribute('aria-valuetext')).toBe('1.00, as the image');
    expect(field.value).toBe('1.00');
    expect(screen.getByText('Smile').closest('[title]')!.getAttribute('title')).toContain('0.75 bits');
    explore.setSlider(0, -1.5);
    await settled();
    expect(slider.getAttribute('aria-valuetext')).toBe('−1.50, 2.50 below the image');
    expect(field.value).toBe('−1.50');
  });

  it('follows the pointer and finishes one move when it lets go', async () => {
    const { slider, explore } = await showRow();
    await fireEvent.pointerDown(slider, at(-2));
    expect(explore.live.z[0]).toBe(-2);
    await fireEvent.pointerMove(slider, at(-1));
    await fireEvent.pointerMove(slider, at(0.5));
    expect(explore.live.z[0]).toBe(0.5);
    expect(explore.live.undoStack).toHaveLength(1);
    await fireEvent.pointerUp(slider, at(0.5));
    expect(explore.live.undoStack).toHaveLength(2);
    await fireEvent.pointerMove(slider, at(3));
    expect(explore.live.z[0]).toBe(0.5);
  });

  it('takes hold of the handle where it is pressed, without a jump', async () => {
    const { slider, explore } = await showRow();
    await fireEvent.pointerDown(slider, at(1.05));
    expect(explore.live.z[0]).toBe(1);
    await fireEvent.pointerMove(slider, at(2.05));
    expect(explore.live.z[0]).toBe(2);
  });

  it('stays where it is under the pointer until a move has ended, then opens', async () => {
    const { slider, explore } = await showRow();
    expect(explore.opened).toBe(1);
    await fireEvent.pointerDown(slider, at(1));
    await fireEvent.pointerUp(slider, at(1));
    expect(explore.opened).toBe(1);
    await fireEvent.pointerDown(slider, at(1));
    await fireEvent.pointerMove(slider, at(2));
    expect(explore.opened).toBe(1);
    await fireEvent.pointerUp(slider, at(2));
    expect(explore.opened).toBe(0);
  });

  it('goes back to the image’s value by a double click', async () => {
    const { slider, explore } = await showRow();
    explore.setSlider(0, 3);
    await fireEvent.dblClick(slider);
    expect(explore.live.z[0]).toBe(1);
  });

  it('moves by keys, a tenth or with shift a half, undone together', async () => {
    const { slider, explore } = await showRow();
    await fireEvent.keyDown(slider, { key: 'ArrowRight' });
    expect(explore.live.z[0]).toBeCloseTo(1.1);
    await fireEvent.keyDown(slider, { key: 'ArrowUp', shiftKey: true });
    expect(explore.live.z[0]).toBeCloseTo(1.6);
    await fireEvent.keyDown(slider, { key: 'ArrowLeft' });
    expect(explore.live.z[0]).toBeCloseTo(1.5);
    explore.live.undo();
    expect(explore.live.z[0]).toBe(1);
  });

  it('takes typed values as they are, beyond the scale too, and points there', async () => {
    const { field, slider, explore } = await showRow();
    await fireEvent.input(field, { target: { value: '−7.125' } });
    expect(explore.live.z[0]).toBe(-7.125);
    expect(slider.getAttribute('aria-valuenow')).toBe('-7.125');
    expect(slider.getAttribute('aria-valuemin')).toBe('-7.125');
    expect(slider.querySelector('.arrow.low')).not.toBeNull();
    expect(slider.querySelector('.handle')).toBeNull();
  });

  it('does not take what is no number', async () => {
    const { field, explore } = await showRow();
    await fireEvent.input(field, { target: { value: 'two' } });
    expect(explore.live.z[0]).toBe(1);
    expect(field.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('the open row', () => {
  it('shows what the dimension does to the live code, and takes it there by a click', async () => {
    const { explore } = await showRow(1);
    await settled();
    const faces = within(screen.getByRole('radiogroup')).getAllByRole('radio');
    expect(faces.map((face) => face.getAttribute('aria-label'))).toEqual(
      ['−3', '−2', '−1', '0', '1', '2', '3'].map((value) => `z1 = ${value}`),
    );
    expect(faces.map((face) => face.getAttribute('aria-checked'))).toEqual(
      [false, false, true, false, false, false, false].map(String),
    );
    await fireEvent.click(faces[5]!);
    expect(explore.live.z[1]).toBe(2);
    await settled();
    expect(faces[5]!.getAttribute('aria-checked')).toBe('true');
  });

  it('decodes its faces together', async () => {
    const { asked } = await showRow(1);
    await settled();
    expect(asked.filter((operation) => operation === 'models.decode')).toHaveLength(1);
  });
});

describe('the list of dimensions', () => {
  it('has the one that carries most first, says what is active, and keeps one open', async () => {
    const { explore } = await openExplore();
    renderInWindow(explore.app, DimensionList, { explore });
    const names = screen.getAllByRole('slider').map((slider) => slider.getAttribute('aria-label'));
    expect(names).toEqual(['z1', 'z0 Smile', 'z2, inactive']);
    expect(summary()).toBe('2 of 3 active, 2.1 nats in all');
    expect(screen.getAllByRole('radiogroup', { name: /^What z\d does$/ })).toHaveLength(1);
    explore.openBeside(1);
    await settled();
    expect(explore.opened).toBe(0);
    explore.openBeside(-5);
    expect(explore.opened).toBe(1);
    await settled();
    expect(screen.getAllByRole('radiogroup', { name: /^What z\d does$/ })).toHaveLength(1);
  });

  it('shows inactive dimensions last and without a name, whatever label they are said to tell of', async () => {
    const { explore } = await openExplore({
      handlers: {
        'codes.dimensions': () => [
          { dimension: 0, kl: 0.001, mean: 0, deviation: 0.5, name: 'smile', bits: 0.75 },
          { dimension: 1, kl: 10, mean: 0, deviation: 1, name: 'hair', bits: 1, share: 0.34, sameName: 2 },
          { dimension: 2, kl: 2.5, mean: 0, deviation: 1, name: 'hair', bits: 1, share: 0.21, sameName: 2 },
        ],
      },
    });
    renderInWindow(explore.app, DimensionList, { explore });
    expect(screen.getAllByRole('slider').map((slider) => slider.getAttribute('aria-label'))).toEqual([
      'z1 Hair, two dimensions, 34 %',
      'z2 Hair, two dimensions, 21 %',
      'z0, inactive',
    ]);
    expect(screen.queryByText('Smile')).toBeNull();
    // A bar is as wide as its nats, of 5, and no wider.
    const bars = [...document.querySelectorAll<HTMLElement>('.bar')].map(({ style }) => style.transform);
    expect(bars).toEqual(['scaleX(1)', 'scaleX(0.5)', 'scaleX(0.0002)']);
  });

  it('says that an AE has no KL, and orders its dimensions by how much codes differ', async () => {
    const { explore } = await openExplore({ isVariational: false });
    renderInWindow(explore.app, DimensionList, { explore });
    expect(screen.getByText('by σ(μ)')).toBeDefined();
    expect(summary()).toBe('2 of 3 active');
    expect(screen.getAllByRole('slider')[0]!.getAttribute('aria-label')).toBe('z1');
  });
});
