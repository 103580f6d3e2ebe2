// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { IMAGE_SIZES, imageBytes } from '../../../../src/contract/image-size.ts';
import type { SomeHandlers } from '../../../../src/contract/serve.ts';
import { tensor } from '../../../../src/contract/tensor.ts';
import { TrackState } from '../../../../src/renderer/views/explore/track/track.svelte.ts';
import ColumnsInWindow from './ColumnsInWindow.svelte';
import { openExplore, settled } from './small-model.ts';

afterEach(cleanup);

async function show(handlers: SomeHandlers = {}) {
  const opened = await openExplore({ handlers });
  const track = new TrackState(opened.explore);
  render(ColumnsInWindow, { explore: opened.explore, track });
  await settled();
  return { ...opened, track };
}

const faces = () => within(screen.getByRole('region', { name: 'Faces' }));

describe('the face column', () => {
  it('says which image is pinned, its split and its numbers', async () => {
    await show();
    expect(faces().getByRole('heading').textContent).toBe('1.jpg');
    expect(faces().getByText('held out')).toBeDefined();
    expect(faces().getByText('0 of 3 moved')).toBeDefined();
    expect(faces().getByText('12.5')).toBeDefined();
    expect(faces().getByText('2.1 nats')).toBeDefined();
  });

  it.each(IMAGE_SIZES)(
    'shows a live face of %i pixels pixel by pixel, in the same place',
    async (imageSize) => {
      const { explore } = await show({
        'models.decode': ({ z: { shape } }) => {
          const count = shape[0]!;
          const bytes = imageBytes({ imageSize, channels: 1 });
          return tensor('u8', [count, imageSize, imageSize, 1], new Uint8Array(count * bytes));
        },
      });
      explore.setSlider(0, 4);
      await settled();
      const live = faces().getByRole('img', { name: 'Decoded from the live code' });
      const canvas = live.querySelector('canvas')!;
      expect([canvas.width, canvas.height]).toEqual([imageSize, imageSize]);
      expect([live.style.width, live.style.height]).toEqual(['256px', '256px']);
    },
  );

  it('counts what was moved, and goes back', async () => {
    const { explore } = await show();
    const back = faces().getByRole<HTMLButtonElement>('button', { name: 'Back to image' });
    expect(back.disabled).toBe(true);
    explore.setSlider(0, 4);
    await settled();
    expect(faces().getByText('1 of 3 moved')).toBeDefined();
    expect(faces().getByText('3.00')).toBeDefined();
    await fireEvent.click(back);
    expect(explore.movedCount).toBe(0);
  });

  it('goes to an image by its number, counted from one, and refuses others', async () => {
    const { explore } = await show();
    const field = faces().getByRole<HTMLInputElement>('textbox', { name: 'Number of the image' });
    expect(field.value).toBe('2');
    await fireEvent.input(field, { target: { value: '4' } });
    await settled();
    expect(explore.pinned!.index).toBe(3);
    await fireEvent.input(field, { target: { value: '5' } });
    await settled();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(explore.pinned!.index).toBe(3);
  });

  it('walks round at the ends', async () => {
    const { explore } = await show();
    explore.pin(3);
    await settled();
    await fireEvent.click(faces().getByRole('button', { name: 'Next image' }));
    await settled();
    expect(explore.pinned!.index).toBe(0);
    await fireEvent.click(faces().getByRole('button', { name: 'Previous image' }));
    await settled();
    expect(explore.pinned!.index).toBe(3);
  });

  it('begins at a sample of the prior by S, which has no image', async () => {
    const { explore } = await show();
    await fireEvent.keyDown(document.body, { key: 's' });
    await settled();
    expect(faces().getByRole('heading').textContent).toBe('Sample of the prior');
    expect([...explore.live.z]).toEqual([0.25, 0, 0]);
    expect(faces().queryByText('held out')).toBeNull();
    expect(faces().getAllByText('No image')).toHaveLength(2);
  });

  it('shows the image among those of its data set', async () => {
    const { app } = await show();
    await fireEvent.click(faces().getByRole('button', { name: 'Show in Data' }));
    expect(app.view).toBe('data');
    expect(app.dataTarget).toEqual({ dataset: 'faces-1', index: 1 });
  });

  it('says that the engine restarts until it is back', async () => {
    const { emit } = await show();
    emit('engine', { state: 'restarting' });
    await settled();
    expect(faces().getByText('The engine restarted.')).toBeDefined();
    emit('engine', { state: 'ready' });
    await settled();
    expect(faces().queryByText('The engine restarted.')).toBeNull();
  });
});

describe('the track', () => {
  it('goes from frame to frame by arrow keys', async () => {
    const { explore, track } = await show();
    const frames = within(screen.getByRole('radiogroup', { name: 'Frames' })).getAllByRole('radio');
    expect(frames).toHaveLength(track.room);
    const at = track.selected!;
    frames[at]!.focus();
    await fireEvent.keyDown(frames[at]!, { key: 'ArrowRight' });
    await settled();
    expect(track.selected).toBe(at + 1);
    expect(explore.live.z[1]).toBeGreaterThan(-1);
    expect(document.activeElement).toBe(frames[at + 1]);
  });

  it('plays and pauses by space, and not while another view is looked at', async () => {
    const { track, app } = await show();
    await fireEvent.keyDown(document.body, { key: ' ' });
    expect(track.isPlaying).toBe(true);
    await fireEvent.keyDown(document.body, { key: ' ' });
    expect(track.isPlaying).toBe(false);
    track.play();
    app.view = 'data';
    await settled();
    expect(track.isPlaying).toBe(false);
    await fireEvent.keyDown(document.body, { key: ' ' });
    expect(track.isPlaying).toBe(false);
  });

  it('asks for the second image of an interpolation, and shows the way when it is chosen', async () => {
    const { explore } = await show();
    await fireEvent.click(faces().getByRole('button', { name: 'Interpolate…' }));
    expect(screen.queryByRole('radiogroup', { name: 'Frames' })).toBeNull();
    expect(screen.getByText(/the path from 1\.jpg to it is shown here/)).toBeDefined();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Play' }).disabled).toBe(true);
    explore.pin(2);
    await settled();
    const frames = within(screen.getByRole('radiogroup', { name: 'Frames' })).getAllByRole('radio');
    expect(frames[0]!.getAttribute('aria-label')).toBe('0 %');
    expect(frames.at(-1)!.getAttribute('aria-label')).toBe('100 %');
    await fireEvent.click(frames[1]!);
    await settled();
    expect(faces().getByRole('heading').textContent).toBe('Between images');
  });
});
