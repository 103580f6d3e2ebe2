// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../../src/contract/job.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { CompareState } from '../../../../../src/renderer/views/compare/state/compare.svelte.ts';
import { figuresWords } from '../../../../../src/renderer/views/compare/figures-words.ts';
import { FiguresState, orderOf } from '../../../../../src/renderer/views/compare/state/figures.svelte.ts';
import { aJob, settled } from '../../../small-app.ts';
import { AE, openTwo, twoModels, VAE } from '../two-models.ts';

async function compareTwo(...options: Parameters<typeof openTwo>) {
  const opened = await openTwo(...options);
  const compare = new CompareState(opened.app);
  await compare.show(opened.app.compared.runs, opened.dataset);
  return { ...opened, compare };
}

const labelRow = (compare: CompareState, column: string) =>
  compare.rows.find(({ key }) => key.kind === 'label' && key.column === column)!;

describe('models side by side', () => {
  it('see images that none of them was trained on', async () => {
    const { compare } = await compareTwo();
    expect(compare.models.map(({ run }) => run.id)).toEqual([AE.id, VAE.id]);
    expect(compare.images).toEqual([1, 3, 4]);
    expect(compare.areHeldOut).toBe(true);
    for (const model of compare.models) {
      expect(model.posteriors.map((posterior) => posterior?.original.data[0])).toEqual([1, 3, 4]);
    }
  });

  it('held out by all, where they held out differently', async () => {
    const wide = { ...AE, config: { ...AE.config, heldOutFraction: 0.5 } };
    const { compare } = await compareTwo(
      {
        'datasets.split': ({ heldOutFraction }) =>
          tensor(
            'u8',
            [6],
            heldOutFraction === 0.5 ? Uint8Array.of(1, 1, 1, 0, 0, 0) : Uint8Array.of(0, 1, 0, 1, 1, 0),
          ),
      },
      { runs: [VAE, wide] },
    );
    expect(compare.images).toEqual([1]);
  });

  it('say that the images are not held out where none is', async () => {
    const { compare } = await compareTwo({ 'datasets.split': () => tensor('u8', [6], new Uint8Array(6)) });
    expect(compare.areHeldOut).toBe(false);
    expect(compare.images).toEqual([0, 1, 2, 3]);
  });

  it('decode the same draws, and others of the next seed', async () => {
    const { compare } = await compareTwo();
    await settled();
    const first = () => compare.models.map(({ samples }) => samples[0]?.data[0]);
    expect(first()).toEqual([110, 110]);
    compare.sampleWith(2);
    await settled();
    expect(first()).toEqual([120, 120]);
  });

  it('are asked for more faces where there is more room, and keep those that they have', async () => {
    const asked: number[] = [];
    const split = Uint8Array.from({ length: 20 }, () => 1);
    const posterior = twoModels()['models.posterior']!;
    const { compare } = await compareTwo({
      'datasets.split': () => tensor('u8', [20], split),
      'models.posterior': (input, asker) => {
        if (input.run === VAE.id) asked.push(input.index);
        return posterior(input, asker);
      },
    });
    await compare.show([AE, VAE], { ...compare.dataset!, images: 20 });
    expect(asked).toEqual([0, 1, 2, 3]);
    compare.makeRoom(6);
    await settled();
    expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
    const [ae] = compare.models;
    expect(ae!.posteriors.map((one) => one?.original.data[0])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ae!.samples).toHaveLength(6);
    compare.makeRoom(5);
    await settled();
    expect(compare.images).toHaveLength(6);
  });

  it('show each label in the dimension that carries it best, turned so that it rises', async () => {
    const { compare } = await compareTwo();
    expect(compare.rows.map(({ key }) => key)).toEqual([
      { kind: 'label', column: 'hair_colour' },
      { kind: 'label', column: 'smile' },
    ]);
    const smile = labelRow(compare, 'smile');
    const [ae, vae] = compare.models.map((model) => compare.moved(model, smile));
    expect(ae).toMatchObject({ dimension: 1, unit: 0.5, isReversed: false, bits: 0.4 });
    expect(vae).toMatchObject({ dimension: 0, unit: 1, isReversed: true, bits: 0.6 });
    smile.choose(VAE.id, 1);
    expect(compare.moved(compare.models[1]!, smile)).toMatchObject({ dimension: 1, bits: 0.1 });
    smile.choose(VAE.id, undefined);
    expect(compare.moved(compare.models[1]!, smile)?.dimension).toBe(0);
  });

  it('go by a model’s own dimensions where there are no labels, the others by what goes with them', async () => {
    const { compare } = await compareTwo({}, { columns: [] });
    await settled();
    expect(compare.reference?.run.id).toBe(VAE.id);
    expect(compare.rows.map(({ key }) => key)).toEqual([
      { kind: 'dimension', run: VAE.id, dimension: 1 },
      { kind: 'dimension', run: VAE.id, dimension: 0 },
    ]);
    const [ae, vae] = compare.models;
    expect(compare.moved(vae!, compare.rows[0]!)).toMatchObject({ dimension: 1, unit: 1, isReversed: false });
    expect(compare.moved(ae!, compare.rows[0]!)).toMatchObject({
      ...{ dimension: 0, unit: 0.5, isReversed: false, correlation: 0.5 },
    });
    expect(compare.moved(ae!, compare.rows[1]!)).toMatchObject({
      ...{ dimension: 1, unit: 0.25, isReversed: true, correlation: -0.8 },
    });
  });

  it('keep rows that a person chose, and offer the others', async () => {
    const { compare, app, dataset } = await compareTwo();
    compare.removeRow(labelRow(compare, 'smile'));
    expect(compare.others).toContainEqual({ kind: 'label', column: 'smile' });
    const dimension = { kind: 'dimension' as const, run: VAE.id, dimension: 0 };
    compare.changeRow(compare.rows[0]!, dimension);
    await compare.show(app.compared.runs, dataset);
    expect(compare.rows.map(({ key }) => key)).toEqual([dimension]);
    expect(compare.others).not.toContainEqual(dimension);
  });

  it('stay as they are when another takes a place beside them', async () => {
    const { compare, dataset } = await compareTwo();
    const vae = compare.models[1];
    const third = { ...VAE, id: 'vae-2', name: 'another', created: '2026-01-03T00:00:00Z' };
    await compare.show([AE, VAE, third], dataset);
    expect(compare.models[1]).toBe(vae);
    expect(compare.models[2]?.posteriors).toHaveLength(3);
    // A run that has trained on is another model.
    await compare.show([AE, { ...VAE, step: 9999 }], dataset);
    expect(compare.models[1]).not.toBe(vae);
  });

  it('encode what is not encoded, one after the other, and try again where that was stopped', async () => {
    const encoded: string[] = [];
    const started: Job[] = [];
    const { app, dataset, emit } = await openTwo({
      'codes.ready': ({ run }) => ({ ready: encoded.includes(run) }),
      'jobs.start': (request) => {
        const job = aJob({ request });
        started.push(job);
        return job;
      },
    });
    const compare = new CompareState(app);
    const end = (state: 'done' | 'cancelled'): void => {
      const job = started.at(-1)!;
      if (state === 'done' && job.request.kind === 'encode') encoded.push(job.request.run);
      emit('job', { ...job, state });
    };
    const shown = compare.show(app.compared.runs, dataset);
    await settled();
    expect(started).toHaveLength(1);
    expect(compare.models[0]!.job).toMatchObject({ request: { kind: 'encode', run: AE.id } });
    expect(compare.isDescribed).toBe(false);
    end('done');
    await settled();
    expect(started.at(-1)).toMatchObject({ request: { kind: 'encode', run: VAE.id } });
    end('cancelled');
    await shown;
    expect(compare.models[1]!.problem?.code).toBe('cancelled');
    expect(compare.rows).toHaveLength(2);
    expect(compare.moved(compare.models[1]!, compare.rows[0]!)).toBeUndefined();
    const again = compare.describeAgain();
    await settled();
    end('done');
    await again;
    expect(compare.models[1]!.problem).toBeUndefined();
    expect(compare.moved(compare.models[1]!, compare.rows[0]!)).toBeDefined();
  });
});

describe('the figures of a comparison', () => {
  const DIMENSIONS = { along: 'dimensions', sheets: false } as const;

  it('show what is shown', async () => {
    const { compare } = await compareTwo();
    compare.sampleWith(7);
    labelRow(compare, 'smile').choose(VAE.id, 1);
    expect(orderOf(compare, DIMENSIONS)).toEqual({
      runs: [AE.id, VAE.id],
      dataset: 'faces-1',
      format: 'pdf',
      only: ['samples', 'traversals', 'reconstructions'],
      seed: 7,
      range: 3,
      features: [
        { name: 'hair_colour', dimensions: [] },
        { name: 'smile', dimensions: [{ run: VAE.id, dimension: 1, isReversed: false }] },
      ],
    });
  });

  it('name every dimension of rows without a label, and other faces', async () => {
    const split = Uint8Array.from({ length: 20 }, () => 1);
    const { compare } = await compareTwo(
      { 'datasets.split': () => tensor('u8', [20], split) },
      { columns: [] },
    );
    await compare.show([AE, VAE], { ...compare.dataset!, images: 20 });
    compare.otherFaces();
    await settled();
    const order = orderOf(compare, DIMENSIONS)!;
    expect(order.images).toEqual([4, 5, 6, 7]);
    expect(order.features?.[0]).toEqual({
      name: 'z1',
      dimensions: [
        { run: AE.id, dimension: 0, isReversed: false },
        { run: VAE.id, dimension: 1, isReversed: false },
      ],
    });
  });

  it('go along the axes that carry the labels, with a sheet of each model’s axes where it is wanted', async () => {
    const { compare } = await compareTwo();
    labelRow(compare, 'smile').choose(VAE.id, 1);
    compare.addRow({ kind: 'dimension', run: VAE.id, dimension: 0 });
    expect(orderOf(compare, { along: 'axes', sheets: true })).toMatchObject({
      only: ['samples', 'traversals', 'reconstructions', 'explore'],
      features: [
        { name: 'hair_colour', dimensions: [] },
        { name: 'smile', dimensions: [] },
      ],
      axes: true,
    });
  });

  it('say of which runs axes have to be found first, and which rows no axis stands for', async () => {
    const { compare, app } = await compareTwo({
      'codes.axes': ({ run }) =>
        run === VAE.id
          ? null
          : {
              axes: [],
              mean: tensor('f32', [2], new Float32Array(2)),
              unmixing: tensor('f32', [0, 2], new Float32Array()),
              mixing: tensor('f32', [2, 0], new Float32Array()),
              hasConverged: true,
            },
    });
    const figures = new FiguresState(app);
    await figures.look(compare);
    expect(figures.withoutAxes).toEqual([VAE.name]);
    const words = (): string =>
      figuresWords(compare, { along: 'axes', sheets: false }, figures.withoutAxes).join(' ');
    expect(words()).toMatch(
      /carries it best is shown\. VAE on faces has no axes of these images yet\. They are found/,
    );
    compare.addRow({ kind: 'dimension', run: VAE.id, dimension: 0 });
    expect(words()).toContain('Rows of a dimension are left out');
    for (const row of compare.rows) if (row.key.kind === 'label') compare.removeRow(row);
    expect(words()).toContain('the traversals are left out');
    expect(orderOf(compare, { along: 'axes', sheets: false })).not.toHaveProperty('axes');
  });
});
