import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { JobReportSchema, type JobReport } from '../../../src/contract/job-channel.ts';
import type { JobOrder } from '../../../src/contract/job.ts';
import type { Recipe } from '../../../src/contract/recipe.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { listDatasets } from '../../../src/engine/data/store.ts';
import { encodePng } from '../../../src/engine/pictures/png.ts';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';
import { CHECKPOINT_FILE, listRuns, runFolder } from '../../../src/engine/runs/store.ts';
import { drawFace, faceFactors } from '../../../src/engine/synthetic/faces.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { decodeGif } from '../../fixtures/decode-gif.ts';
import { runHere } from '../../cli/run-cli.ts';
import { endOf, startJob, type RunningJob } from './processes.ts';
import { clientOf, makeWorkspace, smallConfig } from './small-workspace.ts';

let workspace: Workspace;
let remove: () => Promise<void>;
let dataset: string;
beforeAll(async () => {
  ({ workspace, remove } = await makeWorkspace());
  dataset = (await createSampleFaces(workspace, { count: 160, seed: 9, name: 'faces' })).id;
});
afterAll(() => remove());

/** Has a job's process carry out an order; every report must be one that the host understands. */
async function perform(
  order: JobOrder,
  onReport?: (report: JobReport, job: RunningJob) => void,
): Promise<RunningJob & { readonly end: JobReport | undefined; readonly code: number | null }> {
  const job = startJob(workspace.root, order, onReport);
  const code = await job.exited;
  for (const report of job.reports) v.parse(JobReportSchema, report);
  return { ...job, end: endOf(job), code };
}

/** Stops a job at its first report of a kind. */
function stopAt(type: JobReport['type'], after = 1) {
  let seen = 0;
  return (report: JobReport, job: RunningJob): void => {
    if (report.type === type && (seen += 1) === after) job.stop();
  };
}

async function weightsOf(run: string): Promise<ReadonlyMap<string, unknown>> {
  const { tensors } = await readSafetensors(join(runFolder(workspace, run), CHECKPOINT_FILE));
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}

/** The run that a job says it has made. */
function runOf(end: JobReport | undefined): string {
  if (!end || !('result' in end) || end.result.run === undefined) throw new Error(JSON.stringify(end));
  return end.result.run;
}

const trainOrder = { kind: 'train', dataset: '', config: smallConfig } as const satisfies JobOrder;

describe('an import', () => {
  let photos: string;
  beforeAll(async () => {
    photos = join(workspace.root, 'photos');
    await mkdir(photos);
    for (let i = 0; i < 30; i++) {
      const data = drawFace(faceFactors(1, i), 64);
      await writeFile(
        join(photos, `${i}.png`),
        await encodePng({ width: 64, height: 64, channels: 3, data }),
      );
    }
    await writeFile(join(photos, 'broken.jpg'), 'not a picture');
  });

  it('makes a data set and says what was left out', async () => {
    const { end, code, reports } = await perform({
      kind: 'import',
      paths: [photos],
      name: 'mine',
      crop: 'auto',
    });
    expect(code).toBe(0);
    expect(end).toMatchObject({ type: 'done', result: { images: 30, skipped: 1 } });
    const progress = reports.flatMap((report) => (report.type === 'progress' ? [report.progress] : []));
    expect(progress.at(-1)).toMatchObject({ done: 31, total: 31, unit: 'files' });
    expect((await listDatasets(workspace)).map(({ name }) => name)).toContain('mine');
  });

  it('makes images of the size that is asked for, on which a model is trained', async () => {
    const { end } = await perform({
      ...{ kind: 'import', paths: [photos], name: 'large', crop: 'auto', imageSize: 128 },
    });
    const large = (await listDatasets(workspace)).find(({ name }) => name === 'large')!;
    expect(end).toMatchObject({ type: 'done', result: { dataset: large.id, images: 30 } });
    expect(large.imageSize).toBe(128);
    const { size } = await stat(join(workspace.datasets, large.id, 'images.u8'));
    expect(size).toBe(30 * 128 * 128 * 3);

    const training = await perform({ ...trainOrder, dataset: large.id });
    expect(training.end).toMatchObject({ type: 'done' });
  });

  it('is stopped before it has begun, and leaves nothing', async () => {
    const before = await readdir(workspace.datasets);
    const job = startJob(workspace.root, { kind: 'import', paths: [photos], crop: 'auto' });
    job.stop();
    await job.exited;
    expect(endOf(job)).toEqual({ type: 'stopped', result: {} });
    expect(await readdir(workspace.datasets)).toEqual(before);
  });

  it('fails in words', async () => {
    const { end, code } = await perform({ kind: 'import', paths: [join(photos, 'none')], crop: 'auto' });
    expect(end).toMatchObject({ type: 'failed', error: { code: 'not-found' } });
    expect(code).toBe(0);
  });
});

describe('sample data', () => {
  it('is drawn with progress, and stopped without a trace', async () => {
    const order: JobOrder = { kind: 'sample-data', what: 'faces', count: 20_000, seed: 2, name: 'many' };
    const { end } = await perform(order, stopAt('progress'));
    expect(end).toEqual({ type: 'stopped', result: {} });
    expect((await listDatasets(workspace)).map(({ name }) => name)).not.toContain('many');
    const sprites = await perform({ kind: 'sample-data', what: 'sprites', count: 50, seed: 2 });
    expect(sprites.end).toMatchObject({ type: 'done', result: { images: 50 } });
  });
});

describe('a training', () => {
  it('reports its run, steps and epochs, and ends done', async () => {
    const { end, reports } = await perform({ ...trainOrder, dataset, name: 'whole' });
    const run = runOf(end);
    expect(end).toEqual({ type: 'done', result: { run } });
    expect(reports[0]).toEqual({ type: 'run', run });
    expect(reports.flatMap((each) => (each.type === 'epoch' ? [each.metric.epoch] : []))).toEqual([1, 2, 3]);
    const steps = reports.flatMap((each) => (each.type === 'step' ? [each] : []));
    expect(steps.at(-1)!.metric.step).toBe(12);
    expect(steps.at(-1)!.klPerDimension).toHaveLength(smallConfig.latentDim);
    const progress = reports.flatMap((each) => (each.type === 'progress' ? [each.progress] : []));
    expect(progress.at(-1)).toMatchObject({ done: 12, total: 12, unit: 'steps' });
  });

  it('stopped twice and killed once, ends, resumed, with the weights of one never stopped', async () => {
    const whole = (await listRuns(workspace)).find(({ name }) => name === 'whole')!.id;
    const config = { ...smallConfig, checkpointEverySteps: 2 };
    const stopped = await perform({ ...trainOrder, config, dataset, name: 'broken' }, stopAt('step', 2));
    const run = runOf(stopped.end);
    expect(stopped.end).toEqual({ type: 'stopped', result: { run } });
    const state = async (): Promise<string> =>
      (await listRuns(workspace)).find(({ id }) => id === run)!.state;
    expect(await state()).toBe('interrupted');
    const killed = await perform({ kind: 'resume', run }, (report, { child }) => {
      if (report.type === 'epoch') child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    expect(killed.end).toBeUndefined();
    expect(await state()).toBe('interrupted');
    expect((await perform({ kind: 'resume', run }, stopAt('step'))).end).toMatchObject({ type: 'stopped' });
    expect((await perform({ kind: 'resume', run })).end).toEqual({ type: 'done', result: { run } });
    expect(await weightsOf(run)).toEqual(await weightsOf(whole));
  });

  it('writes a checkpoint and ends when its owner has gone', async () => {
    const job = startJob(workspace.root, { ...trainOrder, dataset, name: 'orphan' }, (report, { child }) => {
      if (report.type === 'step' && child.connected) child.disconnect();
    });
    await job.exited;
    const orphan = (await listRuns(workspace)).find(({ name }) => name === 'orphan')!;
    expect(orphan.state).toBe('interrupted');
    expect(orphan.step).toBeGreaterThan(0);
  });

  it('is measured without leaving a run behind', async () => {
    const before = (await listRuns(workspace)).length;
    const { end, reports } = await perform({ kind: 'measure', dataset, config: smallConfig });
    expect(end).toMatchObject({ type: 'done', result: { imagesPerSecond: expect.any(Number) as unknown } });
    expect(reports.filter(({ type }) => type === 'progress')).toHaveLength(6);
    expect(await listRuns(workspace)).toHaveLength(before);
  });

  it('fails in words when it diverges, and the run says why', async () => {
    const config = { ...smallConfig, learningRate: 1 };
    const { end } = await perform({ ...trainOrder, config, dataset, name: 'diverged' });
    expect(end).toMatchObject({ type: 'failed', error: { code: 'diverged' } });
    const run = (await listRuns(workspace)).find(({ name }) => name === 'diverged')!;
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'diverged' } });
  });
});

describe('an encoding', () => {
  it('makes codes ready; stopped, it leaves none', async () => {
    const run = (await listRuns(workspace)).find(({ name }) => name === 'whole')!.id;
    const client = clientOf(workspace);
    const stopped = startJob(workspace.root, { kind: 'encode', run, dataset });
    stopped.stop();
    await stopped.exited;
    expect(endOf(stopped)?.type).toBe('stopped');
    expect(await client.request('codes.ready', { run, dataset })).toEqual({ ready: false });
    const { end } = await perform({ kind: 'encode', run, dataset });
    expect(end).toEqual({ type: 'done', result: { run, dataset, images: 160 } });
    expect(await client.request('codes.ready', { run, dataset })).toEqual({ ready: true });
    client.close();
  });
});

describe('an export', () => {
  it('writes the frames that the preview shows, and the command line makes the same file', async () => {
    const run = (await listRuns(workspace)).find(({ name }) => name === 'whole')!.id;
    const recipe: Recipe = {
      ...{ kind: 'traversal', version: 1, run, frames: 6, fps: 30, pingPong: true, tileSizePx: 64 },
      ...{ labels: true, layout: 'grid', theme: 'light', center: [0.1, -0.4, 0, 1, 0.5] },
      ...{ dimensions: [4, 0, 2], from: -1.5, to: 3 },
    };
    const path = join(workspace.root, 'out.gif');
    const { end, reports } = await perform({ kind: 'export', recipe, path });
    expect(end).toEqual({ type: 'done', result: { run } });
    const progress = reports.flatMap((each) => (each.type === 'progress' ? [each.progress] : []));
    expect(progress.at(-1)).toMatchObject({ done: 6, total: 6, unit: 'frames' });

    const file = await readFile(path);
    const client = clientOf(workspace);
    const preview = await client.request('models.preview', { recipe });
    client.close();
    const gif = decodeGif(file);
    expect(preview).toMatchObject({ width: gif.width, height: gif.height, bytes: file.length });
    expect(gif.frames).toHaveLength(10);
    const size = gif.width * gif.height;
    gif.frames.forEach(({ indices, delayCs }, i) => {
      expect(preview.frames.data.subarray(i * size, (i + 1) * size)).toEqual(indices);
      expect(preview.delaysMs[i]).toBe(delayCs * 10);
    });

    const again = join(workspace.root, 'again.gif');
    const shared = ['--workspace', workspace.root, '--json'];
    const outcome = await runHere('traverse', run, '--recipe', 'last', '--out', again, ...shared);
    expect(outcome.code, outcome.stdout).toBe(0);
    expect(await readFile(again)).toEqual(file);
    const described = join(workspace.root, 'recipe.json');
    await writeFile(described, JSON.stringify(recipe));
    await runHere('traverse', run, '--recipe', described, '--out', again, ...shared);
    expect(await readFile(again)).toEqual(file);
  });

  it('refuses a recipe of another model, and writes nothing', async () => {
    const run = (await listRuns(workspace)).find(({ name }) => name === 'whole')!.id;
    const path = join(workspace.root, 'other.gif');
    const recipe: Recipe = {
      ...{ kind: 'interpolation', version: 1, run, frames: 4, fps: 10, pingPong: false, tileSizePx: 64 },
      ...{ labels: false, layout: 'grid', theme: 'dark', start: [0, 0], end: [1, 1] },
    };
    const { end } = await perform({ kind: 'export', recipe, path });
    expect(end).toMatchObject({ type: 'failed', error: { code: 'bad-input' } });
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });
});
