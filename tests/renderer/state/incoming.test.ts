// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import type { JobRequest } from '../../../src/contract/job.ts';
import type { FoundCodes } from '../../../src/contract/operations/sources.ts';
import { held, passed } from '../held.ts';
import { aDataset, aJob, aRun, makeApp } from '../small-app.ts';
import { fakeEntry } from './fake-entries.ts';
import { eventually } from '../../fixtures/eventually.ts';

const SOURCE = { source: 'source-0123456789abcdef', name: 'faces' };
const CODES: FoundCodes = {
  ...{ rows: 60, latentDim: 6, hasVariance: false, key: 'mu', keys: ['mu'] },
  ...{ columns: ['file'], notes: ['The codes are its columns mu_0 to mu_5.'] },
};
const request = { kind: 'import', source: SOURCE.source, crop: 'square' } as const;

describe('Incoming', () => {
  it('uploads what was dropped, then opens its sheet', async () => {
    const { app } = await makeApp({ 'sources.upload': () => SOURCE, 'sources.add': () => ({}) });
    app.incoming.takeEntries([fakeEntry('faces', { 'a.jpg': 10, 'b.jpg': 10 })]);
    expect(app.incoming.upload).toEqual({ name: 'faces', done: 0, total: undefined });
    await eventually(() => expect(app.source).toEqual(SOURCE));
    await eventually(() => expect(app.incoming.upload).toBeUndefined());
  });

  it('opens a dropped model as a run, which is looked at', async () => {
    const run = aRun({ id: 'model-1', name: 'VAE_celeba', state: 'imported', dataset: null });
    const { app } = await makeApp({
      ...{ 'sources.upload': () => SOURCE, 'sources.add': () => ({}) },
      ...{ 'models.import': () => run, 'runs.list': () => [run] },
    });
    app.view = 'data';
    app.incoming.takeEntries([fakeEntry('VAE_celeba', { 'specs.json': 10, 'model.safetensors': 10 })]);
    await eventually(() => expect(app.view).toBe('explore'));
    expect(app.run?.id).toBe('model-1');
    expect(app.source).toBeUndefined();
    expect(app.toasts.list).toMatchObject([
      { kind: 'info', message: expect.stringContaining('VAE_celeba') as unknown },
    ]);
  });

  it('opens the sheet of codes for a file of codes, and makes no model or images of it', async () => {
    const asked = vi.fn(() => null);
    const discarded: string[] = [];
    const { app } = await makeApp({
      ...{ 'sources.codes': () => CODES, 'models.import': asked },
      'sources.discard': ({ source }) => {
        discarded.push(source);
        return {};
      },
    });
    await app.incoming.open(() => Promise.resolve(SOURCE));
    expect(app.codes).toEqual({ source: SOURCE, found: CODES });
    expect(app.source).toBeUndefined();
    expect(asked).not.toHaveBeenCalled();
    app.incoming.discard();
    expect(app.codes).toBeUndefined();
    await eventually(() => expect(discarded).toEqual([SOURCE.source]));
  });

  it('shows the run of codes that was made, with what was left out, once', async () => {
    const run = aRun({ id: 'codes-1', name: 'latents', state: 'imported', hasCodesOnly: true });
    const { app, emit } = await makeApp({ 'runs.list': () => [run], 'datasets.list': () => [aDataset()] });
    const made: JobRequest = { kind: 'import-codes', source: SOURCE.source };
    const notes = ['2 codes have no image and were left out: a.png, b.png.'];
    const job = aJob({ request: made, state: 'done', result: { run: 'codes-1', images: 60, notes } });
    app.view = 'data';
    emit('job', job);
    emit('job', job);
    await eventually(() => expect(app.view).toBe('explore'));
    await passed();
    expect(app.run?.id).toBe('codes-1');
    expect(app.toasts.list).toMatchObject([
      { message: 'latents is open: 60 codes of 32 dimensions, without a decoder.', hint: notes[0] },
    ]);
  });

  it('says so where a model is wanted and there is none', async () => {
    const { app } = await makeApp({ 'sources.choose': () => SOURCE }, { door: 'electron' });
    app.incoming.choose('folder', 'model');
    await eventually(() =>
      expect(app.toasts.list).toMatchObject([{ kind: 'error', message: 'There is no model in faces.' }]),
    );
    expect(app.source).toBeUndefined();
  });

  it('opens no sheet for an upload that was cancelled, and says nothing', async () => {
    const sent = held(() => ({}));
    const discarded = vi.fn(() => ({}));
    const { app } = await makeApp({
      'sources.upload': () => SOURCE,
      'sources.add': sent.handler,
      'sources.discard': discarded,
    });
    const tree = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${i}.jpg`, 5]));
    app.incoming.takeEntries([fakeEntry('faces', tree)]);
    await eventually(() => expect(sent.asked).toHaveLength(1));
    app.incoming.cancel();
    await sent.answer(0);
    // What was sent is discarded when the upload has ended.
    await eventually(() => expect(discarded).toHaveBeenCalledOnce());
    await passed();
    expect(app.incoming.upload).toBeUndefined();
    expect(app.source).toBeUndefined();
    expect(app.toasts.list).toEqual([]);
  });

  it('discards a source whose sheet is closed, or gives way to another', async () => {
    const discarded: string[] = [];
    const { app } = await makeApp({
      'sources.discard': ({ source }) => {
        discarded.push(source);
        return {};
      },
    });
    const other = { source: 'source-fedcba9876543210', name: 'others' };
    await app.incoming.open(() => Promise.resolve(SOURCE));
    await app.incoming.open(() => Promise.resolve(other));
    await eventually(() => expect(discarded).toEqual([SOURCE.source]));
    expect(app.source).toEqual(other);
    app.incoming.discard();
    await eventually(() => expect(discarded).toEqual([SOURCE.source, other.source]));
    expect(app.source).toBeUndefined();
  });

  it('says why an upload failed', async () => {
    const { app } = await makeApp();
    app.incoming.takeEntries([fakeEntry('notes', { 'a.md': 1 })]);
    await eventually(() =>
      expect(app.toasts.list).toMatchObject([
        { kind: 'error', message: 'There are no images, no model and no codes in notes.' },
      ]),
    );
  });

  it('chooses a data set that was made, and says so once', async () => {
    const datasets = [aDataset({ id: 'older' })];
    const { app, emit } = await makeApp({ 'datasets.list': () => datasets });
    datasets.unshift(aDataset({ name: 'celeba', images: 8000 }));
    const job = aJob({ request, state: 'done', result: { dataset: 'faces-1' } });
    emit('job', job);
    emit('job', job);
    await eventually(() => expect(app.toasts.list).not.toEqual([]));
    await passed();
    expect(app.dataset?.id).toBe('faces-1');
    expect(app.toasts.list).toMatchObject([{ kind: 'info', message: 'celeba is ready: 8,000 images' }]);
  });

  it('tells of files that could not be read, with the list behind it', async () => {
    const skipped = ['a', 'b', 'c'].map((file) => ({ file, reason: 'the JPEG ends early' }));
    const dataset = aDataset({ images: 11_001, skipped });
    const { app, emit } = await makeApp({ 'datasets.list': () => [dataset] });
    emit('job', aJob({ request, state: 'done', result: { dataset: 'faces-1' } }));
    await eventually(() => expect(app.toasts.list).toHaveLength(1));
    const [toast] = app.toasts.list;
    expect(toast).toMatchObject({
      kind: 'warning',
      message: 'faces is ready: 11,001 images. 3 files left out',
    });
    toast!.action!.run();
    expect(app.incoming.report).toEqual(dataset);
  });
});
