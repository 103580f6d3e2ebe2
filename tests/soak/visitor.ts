import type { Client } from '../../src/contract/client.ts';
import { isEnd, type Job, type JobRequest } from '../../src/contract/job.ts';
import type { Recipe } from '../../src/contract/recipe.ts';
import { PAPERS_SETTINGS, type RunInfo, type TrainingConfig } from '../../src/contract/run.ts';
import type { Random } from '../../src/engine/basics/random.ts';
import type { SoakLog } from './log.ts';
import { sleep } from './served.ts';
import type { Stage } from './stage.ts';

/** More than this, and a person would start to remove some. */
const MOST_DATASETS = 6;
const MOST_RUNS = 8;
/** Jobs that wait or run; above, visitors look instead of asking for more. */
const MOST_JOBS = 4;

/** Visitors are quicker than people, and not as quick as a loop. */
const MOST_PAUSE_MS = 120;

/** One visitor's connection and what it draws its choices from. */
interface Visit {
  readonly client: Client;
  readonly random: Random;
  readonly stage: Stage;
  readonly log: SoakLog;
}

type Deed = (visit: Visit) => Promise<unknown>;

/**
 * A visitor does one thing after the other until it is told to leave: looks, imports, trains, exports, removes, pauses,
 * floods. What it does not wait for is still under way when it leaves.
 *
 * @param isOver - asked before each thing
 */
export async function beVisitor(visit: Visit, isOver: () => boolean): Promise<void> {
  const { random, log, client } = visit;
  const connection = new AbortController();
  client.onClose(() => connection.abort());
  while (!isOver() && !connection.signal.aborted) {
    const [name, deed] = DEEDS[random.integer(DEEDS.length)]!;
    const kills = log.engineKills;
    try {
      await deed(visit);
      log.did(name);
    } catch (error) {
      log.refused(name, error, kills);
    }
    await sleep(random.integer(MOST_PAUSE_MS));
  }
  client.close();
}

const DEEDS: readonly (readonly [string, Deed])[] = [
  ['look at a data set', lookAtDataset],
  ['look at a data set', lookAtDataset],
  ['look at a run', lookAtRun],
  ['look at a run', lookAtRun],
  ['explore codes', exploreCodes],
  ['explore codes', exploreCodes],
  ['ask for a flood of decodes', floodDecodes],
  ['draw sample faces', drawFaces],
  ['import from a path', importFromPath],
  ['upload and import', uploadAndImport],
  ['upload and leave it', uploadAndLeave],
  ['train', train],
  ['train', train],
  ['encode', encode],
  ['evaluate', evaluate],
  ['export a GIF', exportGif],
  ['preview a GIF', previewGif],
  ['disturb a job', disturbJob],
  ['disturb a job', disturbJob],
  ['tidy up', tidyUp],
  ['rename a run', renameRun],
  ['ask for what is not there', askForNothing],
];

async function lookAtDataset({ client, random }: Visit): Promise<void> {
  const dataset = pick(random, await client.request('datasets.list', {}));
  if (!dataset || dataset.images === 0) return;
  const indices = Array.from({ length: 32 }, () => random.integer(dataset.images));
  await Promise.all([
    client.request('datasets.images', { dataset: dataset.id, indices }),
    client.request('datasets.names', { dataset: dataset.id, indices }),
    client.request('datasets.search', { dataset: dataset.id, text: '1', limit: 20 }),
    client.request('datasets.split', { dataset: dataset.id, heldOutFraction: 0.1 }),
    ...dataset.columns
      .slice(0, 3)
      .map(({ name }) => client.request('datasets.column', { dataset: dataset.id, column: name })),
  ]);
}

async function lookAtRun({ client, random }: Visit): Promise<void> {
  const run = pick(random, await client.request('runs.list', {}));
  if (!run) return;
  const [epochs] = await Promise.all([
    client.request('runs.snapshots', { run: run.id }),
    client.request('runs.metrics', { run: run.id }),
    client.request('runs.recipes', { run: run.id }),
  ]);
  const epoch = pick(random, epochs);
  if (epoch !== undefined) await client.request('runs.snapshot', { run: run.id, epoch });
}

async function exploreCodes({ client, random }: Visit): Promise<void> {
  const run = await pickDecodable(client, random);
  if (!run?.dataset) return;
  const about = { run: run.id, dataset: run.dataset.id };
  const samples = await client.request('models.samples', {
    run: run.id,
    seed: random.integer(1000),
    count: 16,
  });
  await client.request('models.decode', { run: run.id, z: samples });
  await client.request('models.posterior', { ...about, index: random.integer(run.dataset.images) });
  if (!(await client.request('codes.ready', about)).ready) return;
  await client.request('codes.project', { ...about, axes: { kind: 'pca' } });
  await client.request('codes.dimensions', about);
}

/** Asks for many and does not wait. */
async function floodDecodes({ client, random, log }: Visit): Promise<void> {
  const run = await pickDecodable(client, random);
  if (!run) return;
  const z = await client.request('models.samples', { run: run.id, seed: 1, count: 64 });
  const kills = log.engineKills;
  for (let i = 0; i < 300; i++) {
    client
      .request('models.decode', { run: run.id, z })
      .catch((error: unknown) => log.refused('a decode', error, kills));
  }
}

async function drawFaces(visit: Visit): Promise<void> {
  if (await isFull(visit)) return;
  const count = 64 + visit.random.integer(200);
  await start(visit, { kind: 'sample-data', what: 'faces', count, seed: visit.random.integer(1000) });
}

async function importFromPath(visit: Visit): Promise<void> {
  if (await isFull(visit)) return;
  const { source } = await visit.client.request('sources.open', {
    path: visit.stage.sources[visit.random.integer(visit.stage.sources.length)]!,
  });
  await visit.client.request('sources.inspect', { source, crop: 'square', seed: 1 });
  await start(visit, { kind: 'import', source, crop: 'square' });
}

async function uploadAndImport(visit: Visit): Promise<void> {
  if (await isFull(visit)) return;
  await start(visit, { kind: 'import', source: await upload(visit), crop: 'square' });
}

async function uploadAndLeave(visit: Visit): Promise<void> {
  await upload(visit);
}

/** A few bitmaps of one colour each, with names that are hard to show. */
async function upload({ client, random }: Visit): Promise<string> {
  const { source } = await client.request('sources.upload', { name: 'up\u202eload' });
  const files = Array.from({ length: 12 }, (_, i) => ({
    path: `sub ${i % 2}/=1+1 \u001b[31m ${i}.bmp`,
    bytes: bitmap(random.integer(256)),
  }));
  await client.request('sources.add', { source, files });
  return source;
}

/** A BMP of 16×16 pixels, 24 bits each. */
function bitmap(value: number): Uint8Array<ArrayBuffer> {
  const pixels = 16 * 16 * 3;
  const bytes = Buffer.alloc(54 + pixels, value);
  bytes.fill(0, 0, 54);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(54 + pixels, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(16, 18);
  bytes.writeInt32LE(16, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.writeUInt32LE(pixels, 34);
  return new Uint8Array(bytes);
}

async function train(visit: Visit): Promise<void> {
  const { client, random } = visit;
  if (await isFull(visit)) return;
  const datasets = await client.request('datasets.list', {});
  const dataset = pick(
    random,
    datasets.filter(({ images }) => images >= 48),
  );
  if (!dataset) return;
  const model = pick(random, ['vae', 'beta-vae', 'beta-tcvae'] as const)!;
  const config: TrainingConfig = {
    ...PAPERS_SETTINGS,
    objective: { model, ...(model === 'vae' ? {} : { beta: 2 }) },
    architecture: 'burgess',
    latentDim: 4,
    epochs: 1 + random.integer(4),
    batchSize: 16,
    heldOutFraction: 0.1,
    seed: random.integer(1000),
  };
  await start(visit, { kind: 'train', dataset: dataset.id, config, name: `soak ${random.integer(100)}` });
}

async function encode(visit: Visit): Promise<void> {
  const run = await pickDecodable(visit.client, visit.random);
  if (!run?.dataset || (await isFull(visit))) return;
  await start(visit, { kind: 'encode', run: run.id, dataset: run.dataset.id });
}

async function evaluate(visit: Visit): Promise<void> {
  const run = await pickDecodable(visit.client, visit.random);
  if (!run?.dataset || (await isFull(visit))) return;
  await start(visit, { kind: 'evaluate', run: run.id, dataset: run.dataset.id, seed: 1, metrics: ['mig'] });
}

function recipeOf(run: RunInfo): Recipe {
  return {
    kind: 'traversal',
    version: 1,
    run: run.id,
    frames: 6,
    fps: 10,
    pingPong: true,
    tileSizePx: 64,
    labels: true,
    layout: 'grid',
    theme: 'dark',
    center: Array.from({ length: run.config.latentDim }, () => 0),
    dimensions: [0, 1],
    from: -2,
    to: 2,
  };
}

/** The file is fetched by about half of those who asked for it. */
async function exportGif(visit: Visit): Promise<void> {
  const { client, random, log } = visit;
  const run = await pickDecodable(client, random);
  if (!run || (await isFull(visit))) return;
  const job = await start(visit, { kind: 'export', recipe: recipeOf(run) });
  if (random.uniform() < 0.5) return;
  const ended = await endOf(client, job);
  if (ended?.result?.file === undefined) return;
  const bytes = await client.request('files.read', { file: ended.result.file });
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, 6).toString('latin1');
  if (head !== 'GIF89a') log.fault(`an exported GIF begins with “${head}”`);
}

async function previewGif({ client, random }: Visit): Promise<void> {
  const run = await pickDecodable(client, random);
  if (run) await client.request('models.preview', { recipe: recipeOf(run) });
}

async function disturbJob({ client, random }: Visit): Promise<void> {
  const job = pick(random, await client.request('jobs.list', {}));
  if (!job) return;
  const how = pick(random, [
    'jobs.cancel',
    'jobs.pause',
    'jobs.resume',
    'jobs.resume',
    'jobs.dismiss',
  ] as const)!;
  await client.request(how, { job: job.id });
}

async function tidyUp({ client, random }: Visit): Promise<void> {
  for (const job of await client.request('jobs.list', {})) {
    if (isEnd(job.state)) await client.request('jobs.dismiss', { job: job.id });
  }
  const [runs, datasets] = await Promise.all([
    client.request('runs.list', {}),
    client.request('datasets.list', {}),
  ]);
  const run = runs.length > MOST_RUNS ? pick(random, runs) : undefined;
  if (run) await client.request('runs.remove', { run: run.id });
  const dataset = datasets.length > MOST_DATASETS ? pick(random, datasets) : undefined;
  if (dataset) await client.request('datasets.remove', { dataset: dataset.id });
}

async function renameRun({ client, random }: Visit): Promise<void> {
  const run = pick(random, await client.request('runs.list', {}));
  if (run)
    await client.request('runs.rename', { run: run.id, name: `=renamed \u0007 ${random.integer(100)}` });
}

async function askForNothing({ client }: Visit): Promise<void> {
  await client.request('runs.metrics', { run: 'nobody-has-this' });
}

async function start({ client }: Visit, request: JobRequest): Promise<Job> {
  return client.request('jobs.start', request);
}

/** Follows a job until it has ended or is off the list. */
async function endOf(client: Client, { id }: Job): Promise<Job | undefined> {
  return new Promise((resolve) => {
    const stops = [
      client.on('job', (job) => {
        if (job.id === id && isEnd(job.state)) finish(job);
      }),
      client.on('job.dismissed', ({ job }) => {
        if (job === id) finish(undefined);
      }),
    ];
    client.onClose(() => finish(undefined));
    client.request('jobs.list', {}).then(
      (jobs) => {
        const now = jobs.find((job) => job.id === id);
        if (!now || isEnd(now.state) || now.state === 'queued') finish(now);
      },
      () => finish(undefined),
    );
    function finish(job: Job | undefined): void {
      for (const stop of stops) stop();
      resolve(job);
    }
  });
}

async function isFull({ client }: Visit): Promise<boolean> {
  const jobs = await client.request('jobs.list', {});
  return jobs.filter(({ state }) => !isEnd(state)).length >= MOST_JOBS;
}

async function pickDecodable(client: Client, random: Random): Promise<RunInfo | undefined> {
  const runs = await client.request('runs.list', {});
  return pick(
    random,
    runs.filter(({ step }) => step > 0),
  );
}

function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : list[random.integer(list.length)];
}
