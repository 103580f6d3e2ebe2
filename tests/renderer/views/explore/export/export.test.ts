// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import type { Job, JobRequest } from '../../../../../src/contract/job.ts';
import type { Recipe } from '../../../../../src/contract/recipe.ts';
import type { SomeHandlers } from '../../../../../src/contract/serve.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { writeFrame } from '../../../../../src/renderer/views/explore/export/gif-frame.ts';
import { ExportState } from '../../../../../src/renderer/views/explore/export/export.svelte.ts';
import { Player } from '../../../../../src/renderer/views/explore/export/player.svelte.ts';
import { TrackState } from '../../../../../src/renderer/views/explore/track/track.svelte.ts';
import { openExplore, settled } from '../small-model.ts';

const FILE = 'file-0123456789abcdef';

const preview = {
  width: 2,
  height: 1,
  palette: tensor('u8', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)),
  frames: tensor('u8', [3, 1, 2], Uint8Array.of(0, 0, 0, 1, 1, 1)),
  delaysMs: [80, 90, 80],
  bytes: 1234,
};

interface Ending {
  readonly state: 'done' | 'failed';
}

/** A host whose export jobs end as they are told to. */
async function openExport(door: 'electron' | 'browser', { state }: Ending = { state: 'done' }) {
  const started: JobRequest[] = [];
  const previewed: Recipe[] = [];
  const downloads: [Uint8Array, string][] = [];
  const dismissed: string[] = [];
  const revealed: string[] = [];
  let isCancelled = false;
  const handlers: SomeHandlers = {
    'models.preview': ({ recipe }) => {
      previewed.push(recipe);
      if (recipe.tileSizePx === 512) {
        throw new UnravelError('bad-input', 'The GIF would be too large.', { hint: 'Choose smaller tiles.' });
      }
      return preview;
    },
    'jobs.start': (request) => {
      started.push(request);
      const job: Job = { id: 'job-00000001', order: 1, request, title: 'Exporting', state: 'running' };
      const error = { code: 'disk-full', message: 'The disk is full.' } as const;
      const end: Job =
        state === 'done'
          ? { ...job, state, result: { file: FILE, fileName: 'mine.gif' } }
          : { ...job, state, error };
      setTimeout(() => opened.emit('job', end), 10);
      return job;
    },
    'jobs.dismiss': ({ job }) => {
      dismissed.push(job);
      return {};
    },
    'files.choose': () => (isCancelled ? null : { destination: 'file-fedcba9876543210', name: 'mine.gif' }),
    'files.read': () => Uint8Array.of(71, 73, 70),
    'files.reveal': ({ file }) => {
      revealed.push(file);
      return {};
    },
  };
  const opened = await openExplore({ handlers, door });
  const track = new TrackState(opened.explore);
  const gif = new ExportState(track, (bytes, name) => downloads.push([bytes, name]));
  gif.begin();
  return {
    ...opened,
    track,
    gif,
    started,
    previewed,
    downloads,
    dismissed,
    revealed,
    cancelDialog: () => (isCancelled = true),
  };
}

async function save(gif: ExportState): Promise<boolean> {
  const saved = gif.save();
  await settled();
  await vi.advanceTimersByTimeAsync(20);
  await settled();
  return saved;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('saving a GIF', () => {
  it('asks for a place in Electron, writes there, and offers to show it', async () => {
    const { gif, started, downloads, dismissed, revealed, app } = await openExport('electron');
    expect(await save(gif)).toBe(true);
    expect(started).toMatchObject([
      {
        kind: 'export',
        destination: 'file-fedcba9876543210',
        recipe: { kind: 'traversal', dimensions: [1] },
      },
    ]);
    expect(downloads).toEqual([]);
    expect(dismissed).toEqual(['job-00000001']);
    const [toast] = app.toasts.list;
    expect(toast).toMatchObject({ message: 'Saved mine.gif.', action: { label: 'Show in folder' } });
    toast!.action!.run();
    await settled();
    expect(revealed).toEqual([FILE]);
  });

  it('writes nothing when the dialog is cancelled', async () => {
    const { gif, started, app, cancelDialog } = await openExport('electron');
    cancelDialog();
    expect(await save(gif)).toBe(false);
    expect(started).toEqual([]);
    expect(app.toasts.list).toEqual([]);
  });

  it('is a download in a browser', async () => {
    const { gif, started, downloads, asked } = await openExport('browser');
    expect(await save(gif)).toBe(true);
    expect(asked).not.toContain('files.choose');
    expect(started).toMatchObject([{ kind: 'export' }]);
    expect(started[0]).not.toHaveProperty('destination');
    expect(downloads).toEqual([[Uint8Array.of(71, 73, 70), 'first run z1.gif']]);
  });

  it('shows the job while it runs, and one file at a time', async () => {
    const { gif, started } = await openExport('browser');
    const first = gif.save();
    await settled();
    expect(gif.job).toMatchObject({ state: 'running' });
    expect(await gif.save()).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    await first;
    expect(gif.job).toBeUndefined();
    expect(started).toHaveLength(1);
  });

  it('says in one sentence why there is no file', async () => {
    const { gif, app, downloads } = await openExport('browser', { state: 'failed' });
    expect(await save(gif)).toBe(false);
    expect(app.toasts.list).toMatchObject([{ kind: 'error', message: 'The disk is full.' }]);
    expect(downloads).toEqual([]);
    expect(gif.job).toBeUndefined();
  });
});

describe('the preview', () => {
  it('waits until the recipe stands still, then shows the newest', async () => {
    const { gif, track, previewed } = await openExport('browser');
    for (const frames of [10, 11, 12]) {
      track.change({ frames });
      gif.show();
    }
    await vi.advanceTimersByTimeAsync(200);
    await settled();
    expect(previewed.map(({ frames }) => frames)).toEqual([12]);
    expect(gif.preview).toMatchObject({ bytes: 1234 });
  });

  it('says why there is none, until there is one again', async () => {
    const { gif, track } = await openExport('browser');
    const showAt = async (tileSizePx: 64 | 512): Promise<void> => {
      track.change({ tileSizePx });
      gif.show();
      await vi.advanceTimersByTimeAsync(200);
      await settled();
    };
    await showAt(512);
    expect(gif.problem).toMatchObject({
      message: 'The GIF would be too large.',
      hint: 'Choose smaller tiles.',
    });
    await showAt(64);
    expect(gif.problem).toBeUndefined();
  });

  it('asks for nothing once it is closed', async () => {
    const { gif, previewed } = await openExport('browser');
    gif.show();
    gif.stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(previewed).toEqual([]);
  });

  it('keeps the dimensions that were chosen while the track’s is among them', async () => {
    const { gif, track } = await openExport('browser');
    gif.dimensions = [1, 0];
    gif.begin();
    expect(gif.dimensions).toEqual([1, 0]);
    track.slider = 2;
    gif.begin();
    expect(gif.dimensions).toEqual([2]);
  });

  it('paints bytes of the palette', () => {
    const pixels = new Uint8ClampedArray(8);
    writeFrame(preview, 1, pixels);
    expect([...pixels]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  });
});

describe('the preview’s player', () => {
  it('shows each frame for as long as the file says, round and round', () => {
    const player = new Player();
    player.load(preview);
    player.play();
    vi.advanceTimersByTime(79);
    expect(player.frame).toBe(0);
    vi.advanceTimersByTime(1);
    expect(player.frame).toBe(1);
    vi.advanceTimersByTime(80);
    expect(player.frame).toBe(1);
    vi.advanceTimersByTime(10);
    expect(player.frame).toBe(2);
    vi.advanceTimersByTime(80);
    expect(player.frame).toBe(0);
    player.pause();
    vi.advanceTimersByTime(1000);
    expect(player.frame).toBe(0);
  });

  it('steps by hand, round at the ends, and stands still there', () => {
    const player = new Player();
    player.load(preview);
    player.play();
    player.step(-1);
    expect(player.frame).toBe(2);
    expect(player.isPlaying).toBe(false);
    player.step(1);
    expect(player.frame).toBe(0);
  });

  it('stays within a shorter file', () => {
    const player = new Player();
    player.load(preview);
    player.step(2);
    player.load({ ...preview, delaysMs: [80, 80], frames: tensor('u8', [2, 1, 2], new Uint8Array(4)) });
    expect(player.frame).toBe(1);
  });
});
