import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetInfo } from '../../src/contract/dataset.ts';
import { decodeFrame, encodeFrame } from '../../src/contract/frames.ts';
import type { Recipe } from '../../src/contract/recipe.ts';
import type { RunInfo } from '../../src/contract/run.ts';
import { listDatasets, openDataset } from '../../src/engine/data/store.ts';
import { readFiguresRecipe } from '../../src/engine/figures/figure-files.ts';
import { evaluationFile, readEvaluation } from '../../src/engine/evaluation/stored-evaluations.ts';
import { describeModel } from '../../src/engine/models/describe-model.ts';
import { modelSlots } from '../../src/engine/models/weights.ts';
import { readCheckpoint, readCheckpointStep } from '../../src/engine/runs/checkpoint.ts';
import { importModel } from '../../src/engine/runs/portable.ts';
import { readRecipe } from '../../src/engine/runs/recipes.ts';
import { listRuns, openRun } from '../../src/engine/runs/store.ts';
import { MetricsReader } from '../../src/engine/serving/run-metrics.ts';
import { readSweep } from '../../src/engine/sweeps/sweep-file.ts';
import { readMetrics } from '../../src/engine/training/metrics-log.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { JobStore } from '../../src/host/job-store.ts';
import { restoreJobs } from '../../src/host/restored-jobs.ts';
import { readPlace } from '../../src/main/window-place.ts';
import type { Random } from '../../src/engine/basics/random.ts';
import { editBytes, editLines, pick } from './edits.ts';
import { editJson } from './json.ts';
import { everyOutcome } from './outcome.ts';
import type { Reader } from './reader.ts';
import { makeSafetensors, safetensors } from './tables.ts';

// What a workspace holds, and what clients send.

const RUN = 'first-00aa';
const DATASET = 'faces-00aabb';

const runInfo: RunInfo = {
  version: 1,
  id: RUN,
  name: 'first',
  created: '2026-01-01T00:00:00.000Z',
  state: 'running',
  pid: 4_000_000,
  dataset: { id: DATASET, name: 'Faces', images: 4 },
  config: {
    objective: { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
    architecture: 'burgess',
    latentDim: 2,
    epochs: 2,
    batchSize: 2,
    learningRate: 1e-3,
    precision: 'full',
    seed: 1,
    heldOutFraction: 0.05,
    checkpointEverySteps: 0,
  },
  imageSize: 64,
  channels: 1,
  epoch: 2,
  step: 20,
  heldOut: { images: 1, reconstruction: 1.5, kl: 2, klPerDimension: [1, 1], activeDimensions: 2 },
  versions: { unravel: '0.1.0', tensorflow: '2.21.0' },
};

const datasetInfo: DatasetInfo = {
  version: 1,
  id: DATASET,
  name: 'Faces',
  kind: 'imported',
  created: '2026-01-01T00:00:00.000Z',
  images: 4,
  imageSize: 64,
  channels: 1,
  crop: 'auto',
  source: '/somewhere',
  columns: [{ name: 'age', type: 'continuous', factor: false }],
  labels: { file: 'x.csv', rowsWithoutImage: 0, imagesWithoutRow: 0, examples: [], columnsLeftOut: [] },
  skipped: [{ file: 'a.png', reason: 'the file is empty' }],
  duplicates: [],
};

const recipe: Recipe = {
  version: 1,
  run: RUN,
  kind: 'traversal',
  frames: 10,
  fps: 10,
  pingPong: true,
  tileSizePx: 64,
  labels: true,
  layout: 'grid',
  theme: 'dark',
  center: [0, 1],
  dimensions: [0, 1],
  from: -2,
  to: 2,
};

const jobs = {
  version: 1,
  jobs: [
    {
      job: {
        id: 'job-00000001',
        order: 1,
        request: { kind: 'train', dataset: DATASET, config: runInfo.config },
        title: 'Training first',
        state: 'queued',
      },
      order: { kind: 'train', dataset: DATASET, config: runInfo.config },
    },
  ],
};

const sweep = {
  dataset: 'faces',
  models: ['vae', { model: 'beta-vae', beta: 4 }],
  betas: [1, 4],
  seeds: [1, 2],
};

const metricLines = [
  {
    event: 'step',
    step: 1,
    epoch: 1,
    loss: { total: 3, terms: { reconstruction: 3 } },
    klPerDimension: [1, 2],
    imagesPerSecond: 9,
  },
  {
    event: 'step',
    step: 2,
    epoch: 1,
    loss: { total: 2, terms: { reconstruction: 2 } },
    klPerDimension: [1, 2],
    imagesPerSecond: 9,
  },
  { event: 'epoch', epoch: 1, step: 2, loss: { total: 2, terms: {} }, heldOut: runInfo.heldOut, seconds: 3 },
];

const evaluation = {
  version: 1,
  dataset: DATASET,
  step: 3,
  seed: 1,
  images: 4,
  measured: '2026-01-01T00:00:00.000Z',
  evaluation: null,
  decomposition: { mutualInformation: 1, totalCorrelation: 1, dimensionwiseKl: 1 },
};

const figures = {
  version: 1,
  kind: 'figures',
  runs: [{ id: RUN, step: 3, name: 'β-VAE', note: 'β = 5' }],
  dataset: { id: DATASET, name: 'Faces' },
  captions: true,
  samples: { seed: 1, rows: 2, columns: 3 },
  reconstructions: { images: [0, 1], isHeldOut: true, errors: [1.5] },
};

const place = { version: 1, x: 10, y: 10, width: 900, height: 700, isMaximized: false };

const message = {
  type: 'request',
  id: 7,
  operation: 'models.decode',
  input: {
    run: RUN,
    z: { shape: [2, 2], dtype: 'f32', data: Float32Array.of(0, 1, Number.NaN, -0) },
    t: Number.NaN,
  },
};

const shape = {
  architecture: 'burgess',
  latentDim: 2,
  imageSize: 32,
  channels: 1,
  variational: true,
} as const;
let tensors: { header: Parameters<typeof makeSafetensors>[1]; body: Buffer } | undefined;

/** A checkpoint of a small model, all its weights zero. */
function checkpoint(): NonNullable<typeof tensors> {
  if (tensors) return tensors;
  const header: Record<string, Parameters<typeof makeSafetensors>[1][string]> = {
    __metadata__: { format: 'unravel-checkpoint-1', step: '3', epoch: '1' },
  };
  let end = 0;
  for (const { name, shape: sides } of modelSlots(describeModel(shape))) {
    const bytes = sides.reduce((product, n) => product * n, 4);
    header[name] = { dtype: 'F32', shape: [...sides], data_offsets: [end, end + bytes] };
    end += bytes;
  }
  return (tensors = { header, body: Buffer.alloc(end) });
}

async function put(folder: string, name: string, bytes: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

/** A reader of a JSON document that is one file. */
function documentReader(
  name: string,
  weight: number,
  document: unknown,
  read: (folder: string, input: Buffer) => Promise<unknown>,
): Reader {
  return {
    name,
    weight,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(JSON.stringify(document)),
    make: (random) => Buffer.from(editJson(random, document)),
    read: async (input, folder) => {
      await read(folder, input);
    },
  };
}

/** A frame whose header is edited, or its bytes. */
function makeFrame(random: Random): Buffer {
  const frame = Buffer.from(encodeFrame(message));
  if (random.uniform() < 0.3) return editBytes(random, frame);
  const length = frame.readUInt32LE(0);
  const header = JSON.parse(frame.toString('utf8', 4, 4 + length)) as { parts: object[] };
  if (random.uniform() < 0.5) {
    header.parts.push({
      path: pick(random, [
        ['__proto__', 'x'],
        ['constructor', 'prototype', 'x'],
        ['input'],
        [],
        ['input', 'z', 'data', 0],
      ]),
      kind: pick(random, ['f32', 'f64', 'NaN', '-0', 'u8', 'nothing']),
      length: pick(random, [0, 1, -1, 2 ** 31, 2 ** 53 - 1, 1e300]),
    });
  }
  // As long as before, so that the arrays begin where they did.
  const edited = random.uniform() < 0.3 ? JSON.stringify(header) : editJson(random, header);
  const text = Buffer.from(edited.padEnd(length));
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(text.length);
  return Buffer.concat([prefix, text, frame.subarray(4 + length)]);
}

/** Readers of what a workspace holds and of what clients send. */
export const DOCUMENT_READERS: readonly Reader[] = [
  documentReader('run', 6, runInfo, async (folder, input) => {
    const workspace = openWorkspace(folder);
    await put(folder, `runs/${RUN}/run.json`, input);
    await everyOutcome([() => listRuns(workspace), () => openRun(workspace, RUN)]);
  }),
  documentReader('data set', 6, datasetInfo, async (folder, input) => {
    const workspace = openWorkspace(folder);
    await put(folder, `datasets/${DATASET}/dataset.json`, input);
    await put(folder, `datasets/${DATASET}/images.u8`, Buffer.alloc(4 * 4096));
    await put(folder, `datasets/${DATASET}/columns.f32`, Buffer.alloc(16));
    await put(folder, `datasets/${DATASET}/names.json`, '["a","b","c","d"]');
    await everyOutcome([
      () => listDatasets(workspace),
      async () => {
        const dataset = await openDataset(workspace, DATASET);
        try {
          await everyOutcome([
            () => dataset.names(),
            () => dataset.readImages([0, 3]),
            ...dataset.info.columns.slice(0, 10).map((column) => () => dataset.column(column)),
          ]);
        } finally {
          await dataset.close();
        }
      },
    ]);
  }),
  documentReader('names', 2, ['a', 'b', 'c', 'd'], async (folder, input) => {
    await put(folder, `datasets/${DATASET}/dataset.json`, JSON.stringify(datasetInfo));
    await put(folder, `datasets/${DATASET}/images.u8`, Buffer.alloc(4 * 4096));
    await put(folder, `datasets/${DATASET}/columns.f32`, Buffer.alloc(16));
    await put(folder, `datasets/${DATASET}/names.json`, input);
    const dataset = await openDataset(openWorkspace(folder), DATASET);
    try {
      await dataset.names();
    } finally {
      await dataset.close();
    }
  }),
  documentReader('recipe', 4, recipe, async (folder, input) =>
    readRecipe(await put(folder, 'r.json', input)),
  ),
  documentReader('figures', 2, figures, async (folder, input) =>
    readFiguresRecipe(await put(folder, 'f.json', input)),
  ),
  documentReader('sweep', 4, sweep, async (folder, input) => readSweep(await put(folder, 's.json', input))),
  documentReader('jobs', 5, jobs, async (folder, input) => {
    await put(folder, 'jobs.json', input);
    const stored = await new JobStore(folder, join(folder, 'user')).read(() => undefined);
    restoreJobs(stored, () => false);
  }),
  documentReader('evaluation', 3, evaluation, async (folder, input) => {
    await put(folder, evaluationFile('', DATASET), input);
    await readEvaluation(folder, DATASET);
  }),
  documentReader('window place', 1, place, async (folder, input) => {
    readPlace(await put(folder, 'place.json', input));
  }),
  documentReader('model', 2, { ...runInfo, imageSize: 32, state: 'done' }, async (folder, input) => {
    await put(folder, 'model/run.json', input);
    const { header, body } = checkpoint();
    await put(folder, 'model/checkpoint.safetensors', safetensors(JSON.stringify(header), body));
    await importModel(openWorkspace(join(folder, 'workspace')), join(folder, 'model'));
  }),
  {
    name: 'checkpoint',
    weight: 3,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => safetensors(JSON.stringify(checkpoint().header), checkpoint().body),
    make: (random) => makeSafetensors(random, checkpoint().header, checkpoint().body),
    read: async (input, folder) => {
      await put(folder, 'checkpoint.safetensors', input);
      await everyOutcome([
        () => readCheckpoint(folder, describeModel(shape)),
        () => readCheckpointStep(folder),
      ]);
    },
  },
  {
    name: 'metrics',
    weight: 5,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(metricLines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    make: (random) => {
      const lines = metricLines.map((line) =>
        random.uniform() < 0.5 ? editJson(random, line) : JSON.stringify(line),
      );
      const text = `${lines.join('\n')}\n`;
      return Buffer.from(random.uniform() < 0.5 ? text : editLines(random, text));
    },
    read: async (input, folder) => {
      await put(folder, 'metrics.jsonl', input);
      await everyOutcome([() => readMetrics(folder), () => new MetricsReader().readThinned(folder)]);
    },
  },
  {
    name: 'frame',
    weight: 6,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(encodeFrame(message)),
    make: makeFrame,
    read: (input) => {
      decodeFrame(input);
      return Promise.resolve();
    },
  },
];
