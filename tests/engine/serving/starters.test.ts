import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetInfoSchema } from '../../../src/contract/dataset.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { splitImages } from '../../../src/engine/data/split.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { evaluateHeldOut } from '../../../src/engine/training/held-out.ts';
import { placeStarters, placeStartersOnce } from '../../../src/engine/serving/starters.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { GALLERY, STARTER_FOLDERS, STARTERS } from '../../fixtures/starters.ts';
import { startEngine } from './processes.ts';
import { clientOf, makeWorkspace } from './small-workspace.ts';

const INFO = v.parse(DatasetInfoSchema, JSON.parse(readFileSync(join(GALLERY, 'dataset.json'), 'utf8')));
const DATASET = INFO.id;
const RUNS = STARTERS.map(({ id }) => id);
/** The one that opens first. */
const RUN = RUNS.at(-1)!;
const LATENT_DIM = STARTERS.at(-1)!.config.latentDim;
const SIZE = INFO.imageSize;

let workspace: Workspace;
let remove: () => Promise<void>;
beforeEach(async () => ({ workspace, remove } = await makeWorkspace()));
afterEach(() => remove());

async function contents(): Promise<{ runs: string[]; datasets: string[] }> {
  const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
  return { runs: await names(workspace.runs), datasets: await names(workspace.datasets) };
}

describe('the starter', () => {
  it('is put into an empty workspace once, and fits together', async () => {
    expect(await placeStartersOnce(workspace)).toBe(true);
    expect(await placeStartersOnce(workspace)).toBe(false);
    expect(await contents()).toEqual({ runs: RUNS.toSorted(), datasets: [DATASET] });
    const client = clientOf(workspace);
    const listed = await client.request('runs.list', {});
    expect(listed.map(({ id }) => id)).toEqual(RUNS.toReversed());
    const [run] = listed;
    const [dataset] = await client.request('datasets.list', {});
    expect(run!.dataset).toMatchObject({ id: dataset!.id, name: dataset!.name, images: dataset!.images });
    for (const each of RUNS) {
      expect(await client.request('codes.ready', { run: each, dataset: DATASET })).toEqual({ ready: true });
    }
    // Its codes are its model's, of its data set's images.
    for (const index of [0, 77, 19_999]) {
      const { mu } = await client.request('models.posterior', { run: RUN, dataset: DATASET, index });
      for (let dimension = 0; dimension < LATENT_DIM; dimension++) {
        const codes = await client.request('codes.dimension', { run: RUN, dataset: DATASET, dimension });
        expect(codes.data[index]).toBeCloseTo(mu.data[dimension]!, 2);
      }
    }
    // Its axes are named by what the faces were drawn from, and were measured beside its dimensions.
    const axes = await client.request('codes.axes', { run: RUN, dataset: DATASET });
    const names = new Set(axes!.axes.flatMap(({ name }) => name ?? []));
    expect(names.size).toBeGreaterThanOrEqual(10);
    expect(names).toContain('background hue');
    const measured = await client.request('runs.evaluation', { run: RUN, dataset: DATASET });
    expect(measured!.axes!.metrics['mig']!.value).toBeGreaterThan(
      measured!.evaluation!.metrics['mig']!.value!,
    );
    // Train shows its curves and its snapshots.
    const { epochs } = await client.request('runs.metrics', { run: RUN });
    expect(epochs).toHaveLength(run!.epoch);
    expect((await client.request('runs.snapshots', { run: RUN })).length).toBeGreaterThan(2);
    client.close();
  });

  it('holds out the images that its training held out: its error there is the one it states', async () => {
    await placeStartersOnce(workspace);
    const model = await openModel(workspace, RUN);
    const dataset = await openDataset(workspace, DATASET);
    const { heldOut } = splitImages(dataset.info.images, model.info.config.heldOutFraction);
    const chosen = heldOut.filter((_, i) => i % 5 === 0);
    const measured = await evaluateHeldOut(model, dataset, chosen);
    expect(measured.reconstruction / model.info.heldOut!.reconstruction).toBeCloseTo(1, 1);
    expect(measured.kl).toBeCloseTo(model.info.heldOut!.kl, 0);
    await dataset.close();
    model.dispose();
  });

  it('is put beside a person’s own things when it is asked for, and again when it was removed', async () => {
    await createSampleFaces(workspace, { count: 4, seed: 1, name: 'mine' });
    const first = await placeStarters(workspace);
    expect(first.placed).toEqual(first.runs.map(({ id }) => id));
    expect((await placeStarters(workspace)).placed).toEqual([]);
    await rm(join(workspace.runs, RUN), { recursive: true });
    expect((await placeStarters(workspace)).placed).toEqual([RUN]);
    expect((await contents()).datasets).toHaveLength(2);
  });

  it('stays away when a person has removed it', async () => {
    await placeStartersOnce(workspace);
    const client = clientOf(workspace);
    for (const run of RUNS) await client.request('runs.remove', { run });
    await client.request('datasets.remove', { dataset: DATASET });
    for (const id of RUNS) await client.request('engine.delete-removed', { kind: 'run', id });
    await client.request('engine.delete-removed', { kind: 'dataset', id: DATASET });
    client.close();
    expect(await placeStartersOnce(workspace)).toBe(false);
    expect(await contents()).toEqual({ runs: [], datasets: [] });
  });

  it('leaves a workspace alone that has something of its own', async () => {
    await createSampleFaces(workspace, { count: 4, seed: 1, name: 'mine' });
    expect(await placeStartersOnce(workspace)).toBe(false);
    expect((await contents()).runs).toEqual([]);
  });

  it('is completed after a start that was cut short, and overwrites nothing', async () => {
    await placeStartersOnce(workspace);
    await rm(join(workspace.root, 'starter.json'));
    await rm(join(workspace.runs, RUN), { recursive: true });
    await mkdir(join(workspace.runs, `.${RUN}.1.00000000.part`), { recursive: true });
    const info = join(workspace.datasets, DATASET, 'dataset.json');
    await writeFile(info, (await readFile(info, 'utf8')).replace('Sample faces', 'Renamed faces'));
    expect(await placeStartersOnce(workspace)).toBe(true);
    expect((await contents()).runs).toContain(RUN);
    expect(await readFile(info, 'utf8')).toContain('Renamed faces');
  });

  it('leaves nothing half made where it is damaged', async () => {
    const damaged = join(workspace.root, 'damaged');
    await cp(GALLERY, damaged, { recursive: true });
    await rm(join(damaged, basename(STARTER_FOLDERS[0]!), 'codes.safetensors'));
    await expect(placeStartersOnce(workspace, damaged)).rejects.toThrow('ENOENT');
    expect((await contents()).runs).toEqual([]);
  });
});

describe('the engine’s process', () => {
  it('shows a newcomer points, faces and a decode, and ends when its owner goes', async () => {
    const engine = startEngine(workspace.root);
    const { client } = engine;
    const axes = { kind: 'pca' } as const;
    const projection = await client.request('codes.project', {
      run: RUN,
      dataset: DATASET,
      axes,
    });
    if (projection.kind !== 'linear') throw new Error('Principal components are a linear projection.');
    expect(projection.positions.shape).toEqual([20_000, 3]);
    expect(projection.variance[0]).toBeGreaterThan(0.1);
    const faces = await client.request('datasets.images', { dataset: DATASET, indices: [5, 6] });
    expect(faces.shape).toEqual([2, SIZE, SIZE, 3]);
    const posterior = await client.request('models.posterior', { run: RUN, dataset: DATASET, index: 5 });
    expect(posterior.original.data).toEqual(faces.data.slice(0, SIZE * SIZE * 3));
    await engine.close();
    expect(engine.child.exitCode).toBe(0);
  });

  it('has the same workspace again after it was killed', async () => {
    const first = startEngine(workspace.root);
    await first.client.request('runs.list', {});
    first.child.kill('SIGKILL');
    await expect(first.client.request('datasets.list', {})).rejects.toMatchObject({ code: 'disconnected' });
    const second = startEngine(workspace.root);
    expect((await second.client.request('runs.list', {})).map(({ id }) => id)).toEqual(RUNS.toReversed());
    await second.close();
  });
});
