// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Job, JobRequest } from '../../../../../src/contract/job.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import DimensionList from '../../../../../src/renderer/views/explore/dimensions/DimensionList.svelte';
import { TrackState } from '../../../../../src/renderer/views/explore/track/track.svelte.ts';
import { renderInWindow } from '../../../render-in-window.ts';
import { openExplore, settled } from '../small-model.ts';

afterEach(cleanup);

const axes = {
  axes: [
    { axis: 0, variance: 0.75, name: 'smile', bits: 0.5, share: 0.6, sameName: 1 },
    { axis: 1, variance: 0.25 },
  ],
  mean: tensor('f32', [3], new Float32Array(3)),
  unmixing: tensor('f32', [2, 3], Float32Array.of(1, 1, 0, 0.5, -0.5, 0)),
  mixing: tensor('f32', [3, 2], Float32Array.of(0.5, 1, 0.5, -1, 0, 0)),
  hasConverged: true,
};

const names = (): (string | null)[] =>
  screen.getAllByRole('slider').map((slider) => slider.getAttribute('aria-label'));

/** Explore whose engine has axes once the job that finds them has ended. */
async function openList(end: Partial<Job>) {
  let isThere = false;
  const begun: JobRequest[] = [];
  const opened = await openExplore({
    handlers: {
      'codes.axes': () => (isThere ? axes : null),
      'jobs.start': (request) => {
        begun.push(request);
        return { id: 'job-00000001', order: 1, request, title: 'Finding independent axes', state: 'running' };
      },
    },
  });
  renderInWindow(opened.explore.app, DimensionList, { explore: opened.explore });
  const finish = async (): Promise<void> => {
    isThere = end.state === 'done';
    opened.emit('job', {
      ...{ id: 'job-00000001', order: 1, request: begun[0]!, title: 'Finding independent axes' },
      state: 'done',
      ...end,
    });
    await settled();
  };
  return { ...opened, begun, finish };
}

describe('the sliders along independent axes', () => {
  it('are found by a job where there are none, and named by what they carry', async () => {
    const { begun, finish, explore } = await openList({ state: 'done' });
    await fireEvent.click(screen.getByRole('radio', { name: 'Axes' }));
    await settled();
    expect(begun).toEqual([{ kind: 'axes', run: 'run-1', dataset: 'faces-1' }]);
    expect(screen.getByText('Finding independent axes')).toBeTruthy();
    await finish();
    expect(names()).toEqual(['a0 Smile, 60 %', 'a1']);
    await fireEvent.click(screen.getByRole('radio', { name: 'Dimensions' }));
    expect(names()).toContain('z0 Smile');
    await fireEvent.click(screen.getByRole('radio', { name: 'Axes' }));
    expect(names()).toHaveLength(2);
    expect(begun).toHaveLength(1);
    expect(explore.sliders.kind).toBe('axes');
  });

  it('say why there are none, and leave the way back to the dimensions', async () => {
    const { finish } = await openList({
      state: 'failed',
      error: { code: 'bad-input', message: '1 of 3 dimensions are active.', hint: 'Use two.' },
    });
    await fireEvent.click(screen.getByRole('radio', { name: 'Axes' }));
    await settled();
    await finish();
    expect(screen.getByRole('alert').textContent).toContain('1 of 3 dimensions are active.');
    await fireEvent.click(screen.getByRole('button', { name: 'Show dimensions' }));
    expect(names()).toContain('z0 Smile');
  });

  it('move the code, the track and its GIF along the axis', async () => {
    const { finish, explore } = await openList({ state: 'done' });
    const track = new TrackState(explore);
    await fireEvent.click(screen.getByRole('radio', { name: 'Axes' }));
    await settled();
    await finish();
    const [z0, z1, z2] = explore.live.z;
    explore.setSlider(1, explore.valueOf(1) + 2);
    expect([...explore.live.z]).toEqual([z0! + 2, z1! - 2, z2]);
    expect(explore.movedCount).toBe(1);
    expect(track.recipe([1])).toMatchObject({
      kind: 'axes',
      center: [z0, z1, z2],
      axes: [{ axis: 1, name: null, direction: [1, -1, 0] }],
    });
    expect(track.recipe([0])).toMatchObject({ axes: [{ name: 'smile, 0.50 bits' }] });
  });
});
