import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../src/contract/client.ts';
import { mostImages } from '../../../src/contract/operations/datasets.ts';
import { tensor } from '../../../src/contract/tensor.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import { codesFile, readStoredCodes } from '../../../src/engine/codes/codes-file.ts';
import { encodeDataset } from '../../../src/engine/codes/encode-dataset.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { splitImages } from '../../../src/engine/data/split.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { readCheckpoint, writeCheckpoint } from '../../../src/engine/runs/checkpoint.ts';
import { storeRecipe } from '../../../src/engine/runs/recipes.ts';
import { specOfRun } from '../../../src/engine/runs/spec.ts';
import { METRICS_FILE, RUN_FILE, runFolder } from '../../../src/engine/runs/store.ts';
import { drawFace, faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { readMetrics } from '../../../src/engine/training/metrics-log.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { lockFolder } from '../../../src/system/lock.ts';
import { clientOf, FACES, LATENT, makeTrainedWorkspace, smallConfig } from './small-workspace.ts';

let workspace: Workspace;
let dataset: string;
let run: RunInfo;
let client: Client;
let remove: () => Promise<void>;
let folder: string;

beforeAll(async () => {
  ({ workspace, dataset, run, remove } = await makeTrainedWorkspace());
  folder = runFolder(workspace, run.id);
  client = clientOf(workspace);
});
afterAll(async () => {
  client.close();
  await remove();
});

/** Computes the codes, as an `encode` job does. */
async function encode(): Promise<void> {
  const model = await openModel(workspace, run.id);
  const images = await openDataset(workspace, dataset);
  await encodeDataset(workspace, model, images);
  await images.close();
  model.dispose();
}

const codesOf = (count: number, value: (i: number) => number) =>
  tensor(
    'f32',
    [count, LATENT],
    Float32Array.from({ length: count * LATENT }, (_, i) => value(i)),
  );

describe('data sets', () => {
  it('are listed, and give their images, names and columns', async () => {
    const [info] = await client.request('datasets.list', {});
    expect(info).toMatchObject({ id: dataset, images: FACES, kind: 'faces' });
    const images = await client.request('datasets.images', { dataset, indices: [7, 3] });
    expect(images.shape).toEqual([2, 64, 64, 3]);
    expect(images.data.subarray(0, 64 * 64 * 3)).toEqual(drawFace(faceFactors(4, 7), 64));
    expect(await client.request('datasets.names', { dataset, indices: [149, 0] })).toEqual([
      'face-00149',
      'face-00000',
    ]);
    const smile = await client.request('datasets.column', { dataset, column: 'smile' });
    expect(smile.data[9]).toBe(faceFactors(4, 9)[6]);
  });

  it('give their images as large as they are, as many as one answer carries', async () => {
    const { id } = await createSampleFaces(workspace, { count: 300, imageSize: 128, seed: 2, name: 'large' });
    try {
      const info = (await client.request('datasets.list', {})).find((one) => one.id === id)!;
      expect(info.imageSize).toBe(128);
      const indices = Array.from({ length: mostImages(info) }, (_, i) => i);
      const images = await client.request('datasets.images', { dataset: id, indices });
      expect(images.shape).toEqual([256, 128, 128, 3]);
      expect(images.data.subarray(0, 128 * 128 * 3)).toEqual(drawFace(faceFactors(2, 0), 128));
      await expect(
        client.request('datasets.images', { dataset: id, indices: [...indices, 0] }),
      ).rejects.toMatchObject({ code: 'bad-input', hint: 'Ask for 256 of 128×128 at most.' });
      // A model sees them as large as those that it was trained on.
      const { original, reconstruction } = await client.request('models.posterior', {
        ...{ run: run.id, dataset: id, index: 5 },
      });
      expect(original.shape).toEqual([64, 64, 3]);
      expect(reconstruction!.shape).toEqual([64, 64, 3]);
    } finally {
      await client.request('datasets.remove', { dataset: id });
    }
  });

  it('are searched by name, whatever the case, up to a limit', async () => {
    const search = (text: string, limit = 100) => client.request('datasets.search', { dataset, text, limit });
    expect(await search('FACE-0014')).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ index: 140 + i, name: `face-0014${i}` })),
    );
    expect(await search('e', 3)).toHaveLength(3);
    expect(await search('photo')).toEqual([]);
  });

  it('are split as a training splits them', async () => {
    const split = await client.request('datasets.split', { dataset, heldOutFraction: 0.2 });
    const { heldOut } = splitImages(FACES, 0.2);
    expect([...split.data.keys()].filter((i) => split.data[i] === 1)).toEqual([...heldOut]);
  });

  it('refuse what they do not have, in words', async () => {
    await expect(client.request('datasets.images', { dataset, indices: [FACES] })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('no image 150') as unknown,
    });
    await expect(client.request('datasets.names', { dataset, indices: [FACES] })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(client.request('datasets.column', { dataset, column: 'hat' })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('smile') as unknown,
    });
    await expect(client.request('datasets.images', { dataset: 'gone', indices: [] })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('models', () => {
  it('decode to the bytes that the model gives, one code or many', async () => {
    const z = codesOf(20, (i) => Math.sin(i));
    const images = await client.request('models.decode', { run: run.id, z });
    expect(images.shape).toEqual([20, 64, 64, 3]);
    const model = await openModel(workspace, run.id);
    const expected = model.decode(z.data, 20);
    model.dispose();
    for (let i = 0; i < expected.length; i += 97) {
      expect(Math.abs(images.data[i]! - expected[i]! * 255)).toBeLessThanOrEqual(0.51);
    }
    const empty = await client.request('models.decode', { run: run.id, z: codesOf(0, () => 0) });
    expect(empty.shape).toEqual([0, 64, 64, 3]);
  });

  it('refuse codes of another model, and what is no number', async () => {
    const other = tensor('f32', [1, LATENT + 1], new Float32Array(LATENT + 1));
    await expect(client.request('models.decode', { run: run.id, z: other })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('5 dimensions') as unknown,
    });
    const broken = codesOf(1, () => Number.NaN);
    await expect(client.request('models.decode', { run: run.id, z: broken })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(
      client.request('models.decode', { run: 'gone-0000', z: codesOf(1, () => 0) }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('give an image’s posterior, its reconstruction and the error between them', async () => {
    const posterior = await client.request('models.posterior', { run: run.id, dataset, index: 12 });
    expect(posterior.original.data).toEqual(drawFace(faceFactors(4, 12), 64));
    const z = tensor('f32', [1, LATENT], posterior.mu.data);
    const decoded = await client.request('models.decode', { run: run.id, z });
    expect(posterior.reconstruction!.data).toEqual(decoded.data);
    let error = 0;
    for (let i = 0; i < decoded.data.length; i++) {
      error += ((decoded.data[i]! - posterior.original.data[i]!) / 255) ** 2;
    }
    expect(posterior.squaredError! / error).toBeCloseTo(1, 1);
    const kl = posterior.klPerDimension.map(
      (_, l) =>
        0.5 *
        (posterior.mu.data[l]! ** 2 + Math.exp(posterior.logVar!.data[l]!) - 1 - posterior.logVar!.data[l]!),
    );
    posterior.klPerDimension.forEach((value, l) => expect(value).toBeCloseTo(kl[l]!, 4));
  });

  it('sample the prior by a seed', async () => {
    const sample = (seed: number) => client.request('models.sample', { run: run.id, seed });
    const first = await sample(1);
    expect(first.shape).toEqual([LATENT]);
    expect(await sample(1)).toEqual(first);
    expect(await sample(2)).not.toEqual(first);
    const three = await client.request('models.samples', { run: run.id, seed: 1, count: 3 });
    expect(three.shape).toEqual([3, LATENT]);
    expect(three.data.slice(0, LATENT)).toEqual(first.data);
  });

  it('answer others while a flood of decodes is under way', async () => {
    const flood = Array.from({ length: 100 }, () =>
      client.request('models.decode', { run: run.id, z: codesOf(8, () => 0.5) }),
    );
    let ended = 0;
    for (const decode of flood) void decode.then(() => (ended += 1));
    await client.request('models.posterior', { run: run.id, dataset, index: 1 });
    expect(ended).toBeLessThan(20);
    await Promise.all(flood);
  });

  it('are those of the checkpoint as it is now', async () => {
    const z = codesOf(1, () => 1);
    const before = await client.request('models.decode', { run: run.id, z });
    const path = join(folder, 'checkpoint.safetensors');
    const kept = await readFile(path);
    const checkpoint = await readCheckpoint(folder, specOfRun(run));
    const weights = new Map(
      [...checkpoint.weights].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((value) => value * 0.5) },
      ]),
    );
    await writeCheckpoint(folder, { ...checkpoint, weights });
    const after = await client.request('models.decode', { run: run.id, z });
    expect(after.data).not.toEqual(before.data);
    await writeFile(`${path}.back`, kept);
    await rename(`${path}.back`, path);
    expect(await client.request('models.decode', { run: run.id, z })).toEqual(before);
  });
});

describe('codes', () => {
  it('must be computed first', async () => {
    await rm(join(folder, 'codes'), { recursive: true, force: true });
    expect(await client.request('codes.ready', { run: run.id, dataset })).toEqual({ ready: false });
    const axes = { kind: 'pca' } as const;
    await expect(client.request('codes.project', { run: run.id, dataset, axes })).rejects.toMatchObject({
      code: 'not-ready',
    });
    await encode();
    expect(await client.request('codes.ready', { run: run.id, dataset })).toEqual({ ready: true });
  });

  it('are those of the images’ posteriors', async () => {
    await encode();
    const { mu, logVar, klPerDimension } = await readStoredCodes(codesFile(folder, dataset), FACES, {
      logVar: true,
    });
    const posterior = await client.request('models.posterior', { run: run.id, dataset, index: 140 });
    posterior.mu.data.forEach((value, l) => expect(mu[140 * LATENT + l]).toBeCloseTo(value, 4));
    posterior.logVar!.data.forEach((value, l) => expect(logVar![140 * LATENT + l]).toBeCloseTo(value, 4));
    const dimension = await client.request('codes.dimension', { run: run.id, dataset, dimension: 2 });
    expect(dimension.data).toEqual(Float32Array.from({ length: FACES }, (_, i) => mu[i * LATENT + 2]!));
    const described = await client.request('codes.dimensions', { run: run.id, dataset });
    described.forEach(({ kl, mean, deviation }, l) => {
      expect(kl).toBe(klPerDimension[l]);
      const values = Array.from({ length: FACES }, (_, i) => mu[i * LATENT + l]!);
      const expected = values.reduce((sum, value) => sum + value / FACES, 0);
      expect(mean).toBeCloseTo(expected, 6);
      const variance = values.reduce((sum, value) => sum + (value - expected) ** 2 / FACES, 0);
      expect(deviation).toBeCloseTo(Math.sqrt(variance), 6);
    });
  });

  it('are projected for all images, and refuse axes that there are not', async () => {
    await encode();
    const projection = await client.request('codes.project', { run: run.id, dataset, axes: { kind: 'pca' } });
    if (projection.kind !== 'linear') throw new Error('Principal components are a linear projection.');
    expect(projection.positions.shape).toEqual([FACES, 3]);
    expect(projection.basis.shape).toEqual([3, LATENT]);
    const { mu } = await client.request('models.posterior', { run: run.id, dataset, index: 7 });
    const z = tensor('f32', [1, LATENT], mu.data);
    const nearest = await client.request('codes.nearest', { run: run.id, dataset, z, count: 3 });
    expect(nearest.shape).toEqual([1, 3]);
    expect(nearest.data[0]).toBe(7);
    const axes = { kind: 'dimensions', dimensions: [0, 1, 5] } as const;
    await expect(
      client.request('codes.project', { run: run.id, dataset, axes: { ...axes, dimensions: [0, 1, 5] } }),
    ).rejects.toMatchObject({ code: 'bad-input' });
    await expect(
      client.request('codes.dimension', { run: run.id, dataset, dimension: LATENT }),
    ).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('are no longer ready when the checkpoint has moved on, nor when their file is damaged', async () => {
    await encode();
    const checkpoint = await readCheckpoint(folder, specOfRun(run));
    await writeCheckpoint(folder, { ...checkpoint, step: checkpoint.step + 1 });
    expect(await client.request('codes.ready', { run: run.id, dataset })).toEqual({ ready: false });
    await writeCheckpoint(folder, checkpoint);
    expect(await client.request('codes.ready', { run: run.id, dataset })).toEqual({ ready: true });
    await writeFile(codesFile(folder, dataset), 'half a file');
    expect(await client.request('codes.ready', { run: run.id, dataset })).toEqual({ ready: false });
  });
});

describe('runs', () => {
  it('give their curves, and only what was added is read again', async () => {
    const { steps, epochs } = await client.request('runs.metrics', { run: run.id });
    const { events } = await readMetrics(folder);
    expect(steps).toHaveLength(events.filter(({ event }) => event === 'step').length);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs.at(-1)!.heldOut).toEqual(run.heldOut);
    // A line that is being written, then its rest.
    const line = JSON.stringify({ ...events.find(({ event }) => event === 'step'), step: 900 });
    const path = join(folder, METRICS_FILE);
    const kept = await readFile(path);
    await appendFile(path, line.slice(0, 20));
    expect((await client.request('runs.metrics', { run: run.id })).steps).toHaveLength(steps.length);
    await appendFile(path, `${line.slice(20)}\n`);
    const more = await client.request('runs.metrics', { run: run.id });
    expect(more.steps.at(-1)).toMatchObject({ step: 900, loss: steps[0]!.loss });
    // A resumed run writes a new file.
    await writeFile(`${path}.new`, kept);
    await rename(`${path}.new`, path);
    expect((await client.request('runs.metrics', { run: run.id })).steps).toEqual(steps);
  });

  it('thin long curves to a thousand steps, the first and the last among them', async () => {
    const path = join(folder, METRICS_FILE);
    const kept = await readFile(path, 'utf8');
    const step = JSON.parse(kept.split('\n')[0]!) as object;
    const lines = Array.from({ length: 4321 }, (_, i) => JSON.stringify({ ...step, step: i + 1 }));
    await writeFile(`${path}.new`, `${lines.join('\n')}\n`);
    await rename(`${path}.new`, path);
    const { steps } = await client.request('runs.metrics', { run: run.id });
    expect(steps).toHaveLength(1000);
    expect([steps[0]!.step, steps.at(-1)!.step]).toEqual([1, 4321]);
    const gaps = steps.slice(1).map((each, i) => each.step - steps[i]!.step);
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([4, 5]);
    await writeFile(`${path}.new`, kept);
    await rename(`${path}.new`, path);
  });

  it('give what each epoch left: positions that move and do not flip, and pictures', async () => {
    expect(await client.request('runs.snapshots', { run: run.id })).toEqual([1, 2, 3]);
    const snapshots = await Promise.all(
      [3, 1, 2].map((epoch) => client.request('runs.snapshot', { run: run.id, epoch })),
    );
    const [third, first, second] = snapshots as [
      (typeof snapshots)[0],
      (typeof snapshots)[0],
      (typeof snapshots)[0],
    ];
    expect(first.indices.data).toEqual(third.indices.data);
    expect(third.originals.shape).toEqual([12, 64, 64, 3]);
    expect(third.reconstructions.shape).toEqual([12, 64, 64, 3]);
    expect(third.samples.shape).toEqual([12, 64, 64, 3]);
    expect(third.originals).toEqual(first.originals);
    const { heldOut } = splitImages(FACES, smallConfig.heldOutFraction);
    expect(third.originals.data.subarray(0, 64 * 64 * 3)).toEqual(drawFace(faceFactors(4, heldOut[0]!), 64));
    // Any turn of the third epoch's positions would lie further from the second's.
    const apart = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const own = apart(third.positions.data, second.positions.data);
    for (const axis of [0, 1, 2]) {
      const flipped = third.positions.data.map((value, i) => (i % 3 === axis ? -value : value));
      expect(apart(flipped, second.positions.data)).toBeGreaterThan(own);
    }
    expect(third.variance.every((part) => part >= 0 && part <= 1)).toBe(true);
    for (const { variance } of snapshots) {
      expect(variance).toEqual(variance.toSorted((a, b) => b - a));
    }
    await expect(client.request('runs.snapshot', { run: run.id, epoch: 9 })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('are renamed, and the new name lasts', async () => {
    const renamed = await client.request('runs.rename', { run: run.id, name: '  faces, first try ' });
    expect(renamed.name).toBe('faces, first try');
    expect((await client.request('runs.list', {}))[0]).toMatchObject({
      id: run.id,
      name: 'faces, first try',
    });
  });

  it('keep the recipes of their GIFs, the last first and none twice', async () => {
    const recipe = {
      ...({ kind: 'interpolation', version: 1, run: run.id, frames: 4, fps: 10, pingPong: true } as const),
      ...({ tileSizePx: 64, labels: false, layout: 'grid', theme: 'dark' } as const),
      ...{ start: new Array<number>(LATENT).fill(0), end: new Array<number>(LATENT).fill(1) },
    };
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-02-01T00:00:00Z') });
    try {
      for (const each of [recipe, { ...recipe, fps: 20 }, recipe]) {
        await storeRecipe(folder, each);
        vi.advanceTimersByTime(1);
      }
    } finally {
      vi.useRealTimers();
    }
    await writeFile(join(folder, 'recipes', '2026-01-01T00-00-00-000Z-0123456789ab.json'), '{}');
    const recipes = await client.request('runs.recipes', { run: run.id });
    expect(recipes.map(({ fps }) => fps)).toEqual([10, 20]);
  });

  it('tell how fast earlier trainings of a kind went', async () => {
    const rate = (batchSize: number, objective = smallConfig.objective) =>
      client.request('runs.rate', {
        ...{ config: { ...smallConfig, batchSize, objective }, imageSize: 64, channels: 3 },
      });
    const steps = (await readMetrics(folder)).events.flatMap((event) =>
      event.event === 'step' ? [event.imagesPerSecond] : [],
    );
    const known = await rate(smallConfig.batchSize);
    expect(steps.filter((each) => each <= known!).length).toBeGreaterThanOrEqual(steps.length / 2);
    expect(steps.filter((each) => each >= known!).length).toBeGreaterThanOrEqual(steps.length / 2);
    expect(await rate(48)).toBeNull();
    // Its discriminator is trained beside it, which takes longer.
    expect(await rate(smallConfig.batchSize, { model: 'vae-gan' })).toBeNull();
  });

  it('are not renamed or removed, nor their data set, while they are trained', async () => {
    const path = join(folder, RUN_FILE);
    const kept = await readFile(path);
    const info = JSON.parse(kept.toString()) as RunInfo;
    await writeFile(path, JSON.stringify({ ...info, state: 'running', pid: process.pid }));
    const listed = async () => (await client.request('runs.list', {})).find(({ id }) => id === run.id);
    // The number of a process that runs says nothing: the lock says whether it is trained.
    expect((await listed())!.state).toBe('interrupted');
    const lock = await lockFolder(folder);
    expect((await listed())!.state).toBe('running');
    const conflict = { code: 'conflict' };
    await expect(client.request('runs.rename', { run: run.id, name: 'x' })).rejects.toMatchObject(conflict);
    await expect(client.request('runs.remove', { run: run.id })).rejects.toMatchObject(conflict);
    await expect(client.request('datasets.remove', { dataset })).rejects.toMatchObject(conflict);
    lock!.release();
    await writeFile(path, kept);
  });
});

describe('what the host asks', () => {
  it('says what models compute on', async () => {
    const { device, workspace: root } = await client.request('engine.describe', {});
    expect(root).toBe(workspace.root);
    expect(device.kind).not.toBe('none');
    expect(device.whyNotGpu === null).toBe(device.kind === 'gpu');
  });
});

describe('what is damaged', () => {
  it('is listed apart, refused by its id, and removed by it, while its neighbours stay', async () => {
    const places = [
      join(workspace.datasets, dataset.slice(0, -1), 'dataset.json'),
      join(workspace.runs, run.id.slice(0, -1), RUN_FILE),
    ];
    for (const path of places) {
      await mkdir(dirname(path));
      await writeFile(path, '{"version": 1, "id": "');
    }
    const [damagedSet, damagedRun] = [dataset.slice(0, -1), run.id.slice(0, -1)];
    expect(await client.request('datasets.damaged', {})).toMatchObject([{ id: damagedSet }]);
    expect(await client.request('runs.damaged', {})).toMatchObject([{ id: damagedRun }]);
    const badInput = { code: 'bad-input' };
    const indices = { dataset: damagedSet, indices: [0] };
    await expect(client.request('datasets.images', indices)).rejects.toMatchObject(badInput);
    await expect(client.request('runs.metrics', { run: damagedRun })).rejects.toMatchObject(badInput);
    await client.request('datasets.remove', { dataset: damagedSet });
    await client.request('runs.remove', { run: damagedRun });
    expect(await client.request('datasets.damaged', {})).toEqual([]);
    expect(await client.request('runs.damaged', {})).toEqual([]);
    expect((await client.request('datasets.list', {})).map(({ id }) => id)).toEqual([dataset]);
    expect((await client.request('runs.list', {})).map(({ id }) => id)).toEqual([run.id]);
  });
});

describe('removing', () => {
  it('takes away a run and a data set that were open, and what is asked of them afterwards is not found', async () => {
    await client.request('models.posterior', { run: run.id, dataset, index: 0 });
    await client.request('runs.remove', { run: run.id });
    await client.request('datasets.remove', { dataset });
    expect(await client.request('runs.list', {})).toEqual([]);
    expect(await client.request('datasets.list', {})).toEqual([]);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
    await expect(client.request('runs.metrics', { run: run.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      client.request('models.decode', { run: run.id, z: codesOf(1, () => 0) }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});
