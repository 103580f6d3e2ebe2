// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { Remembered } from '../../../src/contract/remembered.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import type { DatasetInfo } from '../../../src/contract/dataset.ts';
import { offerUndoAgain, removeItem } from '../../../src/renderer/state/item-actions.ts';
import { aDataset, aJob, aRun, makeApp, nothingRemembered, settled } from '../small-app.ts';
import { eventually } from '../../fixtures/eventually.ts';

const faces = aDataset();
const cells = aDataset({ id: 'cells-1', name: 'cells', channels: 1 });
const first = aRun();
const second = aRun({ id: 'run-2', name: 'second' });

/** A window over these data sets and runs, which it may remove and restore. */
async function open({
  remembered = nothingRemembered,
  datasets = [faces, cells],
  runs = [second, first],
}: {
  readonly remembered?: Remembered;
  readonly datasets?: readonly DatasetInfo[];
  readonly runs?: readonly RunInfo[];
} = {}) {
  const removed = new Set<string>();
  const kept: Remembered[] = [];
  const here = <T extends { readonly id: string }>(all: readonly T[]): T[] =>
    all.filter(({ id }) => !removed.has(id));
  const remove = (id: string): object => {
    removed.add(id);
    return {};
  };
  const restore = (id: string): object => {
    removed.delete(id);
    return {};
  };
  const { app } = await makeApp({
    'app.recall': () => remembered,
    'app.remember': (what: Remembered) => {
      kept.push(what);
      return {};
    },
    'datasets.list': () => here(datasets),
    'runs.list': () => here(runs),
    'datasets.remove': ({ dataset }: { dataset: string }) => remove(dataset),
    'datasets.restore': ({ dataset }: { dataset: string }) => restore(dataset),
    'runs.remove': ({ run }: { run: string }) => remove(run),
    'runs.restore': ({ run }: { run: string }) => restore(run),
  });
  return { app, kept };
}

describe('what an earlier window showed', () => {
  it('is shown again', async () => {
    const remembered: Remembered = {
      ...{ view: 'measure', dataset: 'faces-1', run: 'run-1' },
      ...{ pinned: { 'faces-1': 7 }, colouring: {}, opened: { 'run-1': 3 }, openedAxis: { 'run-1': 2 } },
      ...{ axes: { 'run-1': { kind: 'independent', axes: [2, 0, 1] } }, compared: {} },
    };
    const { app } = await open({ remembered });
    expect([app.view, app.dataset?.id, app.run?.id]).toEqual(['measure', 'faces-1', 'run-1']);
    expect(app.selection.pinnedIn('faces-1')).toBe(7);
    expect(app.selection.openedOf('run-1')).toBe(3);
    expect(app.selection.openedAxisOf('run-1')).toBe(2);
    expect(app.selection.axesOf('run-1')).toEqual({ kind: 'independent', axes: [2, 0, 1] });
    expect(app.remembered).toEqual(remembered);
  });

  it('may be gone: then what was made last is shown', async () => {
    const { app } = await open({
      remembered: { ...nothingRemembered, dataset: 'gone', run: 'gone' },
    });
    expect([app.dataset?.id, app.run?.id]).toEqual(['faces-1', 'run-2']);
  });

  it('may be a data set without a run', async () => {
    const { app } = await open({ remembered: { ...nothingRemembered, dataset: 'cells-1' } });
    expect([app.dataset?.id, app.run?.id]).toEqual(['cells-1', undefined]);
  });

  it('is kept as often as it changes, the newest at last', async () => {
    const { app, kept } = await open();
    for (let index = 0; index < 10; index++) {
      app.selection.pin('faces-1', index);
      app.keep(app.remembered);
    }
    await eventually(() => expect(kept.at(-1)?.pinned).toEqual({ 'faces-1': 9 }));
    expect(kept.length).toBeLessThan(10);
  });
});

describe('what is removed', () => {
  it('is replaced by something else that is there, and chosen again when it is restored', async () => {
    const { app } = await open();
    app.chooseRun('run-1');
    await removeItem(app, { kind: 'run', id: 'run-1', name: 'first' });
    expect(app.run?.id).toBe('run-2');
    const [toast] = app.toasts.list;
    expect(toast).toMatchObject({ message: 'Removed first.', action: { label: 'Undo' } });
    toast!.action!.run();
    await settled();
    expect(app.run?.id).toBe('run-1');
  });

  it('says what becomes of the runs of a data set', async () => {
    const { app } = await open();
    await removeItem(app, { kind: 'dataset', id: 'faces-1', name: 'faces' });
    expect(app.toasts.list[0]!.message).toBe(
      'Removed faces. 2 runs that were trained on it stay, but cannot be trained further.',
    );
    expect(app.dataset?.id).toBe('cells-1');
    expect(app.library.runs).toHaveLength(2);
  });

  it('can each be restored, also where names are the same', async () => {
    const { app } = await open({ runs: [second, { ...first, name: 'second' }] });
    await removeItem(app, { kind: 'run', id: 'run-1', name: 'second' });
    await removeItem(app, { kind: 'run', id: 'run-2', name: 'second' });
    expect(app.toasts.list).toHaveLength(2);
    for (const { action } of app.toasts.list) action!.run();
    await settled();
    expect(app.library.runs).toHaveLength(2);
  });
});

describe('what was removed before a reload', () => {
  it('can still be restored, and is offered no more once it was', async () => {
    sessionStorage.clear();
    const { app } = await open();
    await removeItem(app, { kind: 'run', id: 'run-1', name: 'first' });
    const reloaded = await open();
    offerUndoAgain(reloaded.app);
    expect(reloaded.app.toasts.list).toMatchObject([{ message: 'Removed first.' }]);
    reloaded.app.toasts.list[0]!.action!.run();
    await settled();
    expect(reloaded.app.library.runs).toHaveLength(2);
    const again = await open();
    offerUndoAgain(again.app);
    expect(again.app.toasts.list).toEqual([]);
  });
});

describe('a training that a person has started', () => {
  /** A window whose only run is made by the training, and has a model from the second list of runs on. */
  async function train(dataset: DatasetInfo) {
    const own = { id: dataset.id, name: dataset.name, images: dataset.images };
    let runs = [second];
    const { app, emit } = await makeApp({
      'datasets.list': () => [faces, dataset],
      'runs.list': () => runs,
      'jobs.start': () => aJob({ run: 'made' }),
    });
    app.chooseDataset(dataset.id);
    const job = await app.jobs.start({ kind: 'train', dataset: dataset.id, config: second.config });
    app.expectRunOf(job.id);
    const list = async (epoch: number): Promise<void> => {
      runs = [{ ...aRun({ id: 'made', name: 'made', epoch, step: epoch, dataset: own }) }, second];
      emit('runs.changed', {});
      await settled();
    };
    return { app, list };
  }

  it('gives the current run as soon as it has a model', async () => {
    const { app, list } = await train(aDataset({ id: 'own-1', name: 'own' }));
    await list(0);
    expect(app.run?.id).toBe('run-2');
    await list(1);
    expect([app.dataset?.id, app.run?.id]).toEqual(['own-1', 'made']);
    app.chooseRun('run-2');
    await list(2);
    expect(app.run?.id).toBe('run-2');
  });

  it('does not, once they have chosen something else', async () => {
    const { app, list } = await train(aDataset({ id: 'own-1', name: 'own' }));
    app.chooseRun('run-2');
    await list(1);
    expect(app.run?.id).toBe('run-2');
  });
});

describe('a data set without a run', () => {
  it('gets the first one that is trained on it, whoever trained it', async () => {
    const own = { id: 'cells-1', name: 'cells', images: 10 };
    let runs = [second];
    const { app, emit } = await makeApp({
      'datasets.list': () => [faces, cells],
      'runs.list': () => runs,
    });
    app.chooseDataset('cells-1');
    expect(app.run).toBeUndefined();
    runs = [aRun({ id: 'made', channels: 1, dataset: own }), second];
    emit('runs.changed', {});
    await settled();
    expect(app.run?.id).toBe('made');
  });
});

describe('a model that is not of the chosen images', () => {
  it('is looked at with images that it can see', async () => {
    const grey = aRun({ id: 'grey', name: 'grey', state: 'imported', dataset: null, channels: 1 });
    const { app } = await open({ runs: [second, grey] });
    app.chooseRun('run-2');
    app.chooseRun('grey');
    expect(app.dataset?.id).toBe('cells-1');
  });
});

describe('runs', () => {
  it('go by the name that their data set has now', async () => {
    const { app } = await open({ datasets: [{ ...faces, name: 'people' }] });
    expect(app.library.runs.map(({ dataset }) => dataset?.name)).toEqual(['people', 'people']);
  });
});

describe('the form of Train', () => {
  it('is opened on the chosen data set, or with a run and on its data set', async () => {
    const { app } = await open();
    app.chooseDataset('cells-1');
    app.openForm();
    expect(app.view).toBe('train');
    expect(app.formRequest).toEqual({});
    app.openForm(first);
    expect(app.formRequest).toEqual({ config: first.config });
    expect(app.dataset?.id).toBe('faces-1');
  });
});
