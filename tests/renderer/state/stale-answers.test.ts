// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/contract/dataset.ts';
import { UnravelError } from '../../../src/contract/errors.ts';
import { tensor } from '../../../src/contract/tensor.ts';
import { DecodedBatch } from '../../../src/renderer/state/decoded-batch.svelte.ts';
import { CompareState } from '../../../src/renderer/views/compare/state/compare.svelte.ts';
import { DatasetView } from '../../../src/renderer/views/data/state/dataset-view.svelte.ts';
import { DropState } from '../../../src/renderer/views/data/state/drop.svelte.ts';
import { Hovered } from '../../../src/renderer/views/explore/scatter/hovered.svelte.ts';
import { MeasureState } from '../../../src/renderer/views/measure/state/measure.svelte.ts';
import { FollowedRun } from '../../../src/renderer/views/train/state/followed-run.svelte.ts';
import { SnapshotColours } from '../../../src/renderer/views/train/state/snapshot-colours.svelte.ts';
import { openTwo, twoModels, VAE, AE } from '../views/compare/two-models.ts';
import { clientOf } from '../views/explore/small-model.ts';
import { held, passed } from '../held.ts';
import { aStoredEvaluation } from '../views/measure/an-evaluation.ts';
import { aDataset, aJob, aRun, makeApp } from '../small-app.ts';

const broken = new UnravelError('native', 'The engine is busy.');
const columns: Column[] = [
  { name: 'smile', type: 'binary', factor: false },
  { name: 'hair', type: 'categorical', categories: ['black', 'blond', 'red'], factor: false },
];
const labelled = aDataset({ images: 4, columns });
const valuesOf = ({ column }: { column: string }) =>
  tensor('f32', [4], column === 'smile' ? Float32Array.of(0, 1, 1, 0) : Float32Array.of(0, 1, 2, 2));

describe('the lists of data sets and runs', () => {
  it('are the newest, although an older list comes later', async () => {
    let number = 0;
    const lists = held(() => [aRun({ id: `run-${(number += 1)}` })]);
    let isHeld = false;
    const { app, emit } = await makeApp({
      'runs.list': () => (isHeld ? lists.handler(undefined) : []),
    });
    isHeld = true;
    emit('runs.changed', {});
    emit('runs.changed', {});
    await passed();
    await lists.answer(1);
    await lists.answer(0);
    expect(app.library.runs.map(({ id }) => id)).toEqual(['run-1']);
  });

  it('are there for whoever asked, although another ask has overtaken theirs', async () => {
    const lists = held(() => [labelled]);
    let isHeld = false;
    const { app, emit } = await makeApp({
      'datasets.list': () => (isHeld ? lists.handler(undefined) : []),
    });
    isHeld = true;
    const asked = app.library.loadDatasets().then(() => app.library.dataset(labelled.id));
    emit('datasets.changed', {});
    await passed();
    await lists.answer(0);
    await lists.answer(1);
    expect((await asked)?.id).toBe(labelled.id);
  });

  it('stay as they are where they cannot be read again, and say why', async () => {
    let isBroken = false;
    const { app, emit } = await makeApp({
      'datasets.list': () => {
        if (isBroken) throw broken;
        return [labelled];
      },
    });
    isBroken = true;
    emit('datasets.changed', {});
    await passed();
    expect(app.library.datasets.map(({ id }) => id)).toEqual([labelled.id]);
    expect(app.toasts.list).toMatchObject([{ kind: 'error', message: broken.message }]);
  });
});

describe('the filter of a data set', () => {
  function open() {
    const later = held(valuesOf);
    const failures: unknown[] = [];
    const { client } = clientOf({ 'datasets.column': later.handler });
    const view = new DatasetView(client, labelled, (error) => failures.push(error));
    return { view, later, failures };
  }

  it('is the one that was chosen last, although the values of the one before come later', async () => {
    const { view, later, failures } = open();
    const both = Promise.all([view.filterBy('smile'), view.filterBy('hair')]);
    await passed();
    // Its own labels, which it reads by itself, are the first that it asks for.
    await later.answer(2);
    await later.refuse(1, broken);
    await both;
    flushSync();
    expect(view.filter?.labels.column.name).toBe('hair');
    expect(failures).toEqual([]);
  });

  it('is none where all images were chosen meanwhile', async () => {
    const { view, later } = open();
    const asked = view.filterBy('smile');
    await passed();
    view.showAll();
    await later.answer(1);
    await asked;
    expect(view.filter).toBeUndefined();
  });
});

describe('what was measured', () => {
  it('is what was read last, and nothing is taken once it is closed', async () => {
    const stored = [null, aStoredEvaluation(), null];
    let reads = 0;
    const later = held(() => stored[reads++]!);
    const { app, emit } = await makeApp({ 'runs.evaluation': later.handler });
    const measure = new MeasureState(app, aRun(), labelled);
    const first = measure.load();
    const request = { kind: 'evaluate', run: 'run-1', dataset: labelled.id, seed: 0 } as const;
    emit('job', aJob({ request, state: 'done' }));
    await passed();
    reads = 1;
    await later.answer(1);
    reads = 0;
    await later.answer(0);
    await first;
    expect(measure.stored).toEqual(aStoredEvaluation());
    const last = measure.load();
    await passed();
    measure.close();
    reads = 2;
    await later.answer(2);
    await last;
    expect(measure.stored).toEqual(aStoredEvaluation());
  });
});

describe('models side by side', () => {
  it('show images of the runs that were chosen last, and ask no model that has gone', async () => {
    const splits = held(({ heldOutFraction }: { heldOutFraction: number }) =>
      tensor(
        'u8',
        [6],
        heldOutFraction === 0.5 ? Uint8Array.of(1, 0, 0, 0, 0, 0) : Uint8Array.of(0, 0, 0, 0, 0, 1),
      ),
    );
    const asked: string[] = [];
    const posterior = twoModels()['models.posterior']!;
    const { app, dataset } = await openTwo({
      'datasets.split': splits.handler,
      'models.posterior': (input, asker) => {
        asked.push(`${input.run} ${input.index}`);
        return posterior(input, asker);
      },
    });
    const wide = { ...AE, id: 'wide', config: { ...AE.config, heldOutFraction: 0.5 } };
    const compare = new CompareState(app);
    const first = compare.show([wide], dataset);
    const second = compare.show([VAE, AE], dataset);
    await passed();
    await splits.answer(1);
    await splits.answer(0);
    await Promise.all([first, second]);
    expect(compare.images).toEqual([5]);
    expect(asked.sort()).toEqual(['ae-1 5', 'vae-1 5']);
    expect(app.toasts.list).toEqual([]);
  });

  it('say nothing of a failure once they are closed', async () => {
    const curves = held(() => ({ steps: [], epochs: [] }));
    const { app, dataset } = await openTwo({ 'runs.metrics': curves.handler });
    const compare = new CompareState(app);
    app.attempt(() => compare.show([VAE, AE], dataset));
    await passed();
    compare.close();
    await curves.refuse(0, broken);
    await curves.refuse(1, broken);
    expect(app.toasts.list).toEqual([]);
  });
});

describe('a followed run', () => {
  it('says nothing of a failure once another one is looked at', async () => {
    const metrics = held(() => ({ steps: [], epochs: [] }));
    const { app } = await makeApp({ 'runs.metrics': metrics.handler, 'runs.snapshots': () => [1] });
    const followed = new FollowedRun(app, 'run-1');
    await passed();
    followed.close();
    await metrics.refuse(0, broken);
    expect(app.toasts.list).toEqual([]);
    expect(followed.isLoaded).toBe(false);
  });

  it('colours its points by what was chosen last, and says nothing of a failure before', async () => {
    const later = held(valuesOf);
    const { app } = await makeApp({
      'datasets.list': () => [labelled],
      'datasets.column': later.handler,
    });
    const colours = new SnapshotColours(app, labelled.id);
    colours.follow(Int32Array.of(0, 1, 2, 3));
    colours.colourBy('smile');
    await passed();
    await later.answer(1);
    await later.refuse(0, broken);
    expect(colours.groups.map(({ label }) => label)).toEqual(['No', 'Yes']);
    expect(app.toasts.list).toEqual([]);
  });
});

describe('decoded faces and hovered images', () => {
  it('are dropped where nothing is to be shown any more', async () => {
    const decodes = held(() => tensor('u8', [1, 1, 1, 1], Uint8Array.of(7)));
    const { client } = clientOf({ 'models.decode': decodes.handler });
    const failures: unknown[] = [];
    const batch = new DecodedBatch(client, 'run-1', (error) => failures.push(error));
    batch.show([Float32Array.of(1)]);
    await passed();
    batch.show([]);
    await decodes.answer(0);
    expect(batch.images).toEqual([]);
    batch.show([Float32Array.of(1)]);
    await passed();
    batch.close();
    await decodes.refuse(1, broken);
    expect(failures).toEqual([]);
  });

  it('say nothing of a failure where the pointer is elsewhere already', async () => {
    const images = held(() => tensor('u8', [1, 1, 1, 1], Uint8Array.of(7)));
    const { client } = clientOf({
      'datasets.images': images.handler,
      'datasets.names': ({ indices }) => indices.map(String),
    });
    const failures: unknown[] = [];
    const hovered = new Hovered(client, aDataset(), (error) => failures.push(error));
    hovered.point(1);
    await passed();
    hovered.point(undefined);
    await images.refuse(0, broken);
    hovered.point(2);
    await passed();
    await images.answer(1);
    expect(failures).toEqual([]);
    expect(hovered.seen?.name).toBe('2');
  });
});

describe('a source that is looked at', () => {
  const SOURCE = { source: 'source-0123456789abcdef', name: 'faces' };

  it('says nothing, and asks for no other crop, once its sheet is closed', async () => {
    const inspections = held((): never => {
      throw new Error('never answered');
    });
    const { client } = clientOf({ 'sources.inspect': inspections.handler });
    const drop = new DropState(client, SOURCE);
    await passed();
    drop.close();
    await inspections.refuse(0, broken);
    expect(drop.error).toBeUndefined();
    expect(inspections.asked).toHaveLength(1);
  });

  it('is the one that was opened last, although the answer before comes later', async () => {
    const { app } = await makeApp();
    const sources = held((name: string) => ({ ...SOURCE, name }));
    const both = Promise.all(['one', 'two'].map((name) => app.incoming.open(() => sources.handler(name))));
    await passed();
    await sources.answer(1);
    await sources.answer(0);
    await both;
    expect(app.source?.name).toBe('two');
  });
});
