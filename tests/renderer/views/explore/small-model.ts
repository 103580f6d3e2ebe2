import { createClient, type Client } from '../../../../src/contract/client.ts';
import type { Condition } from '../../../../src/contract/condition.ts';
import type { DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { OperationName } from '../../../../src/contract/operations.ts';
import { portPair } from '../../../../src/contract/port.ts';
import type { RunInfo } from '../../../../src/contract/run.ts';
import { serve, type Emit, type SomeHandlers } from '../../../../src/contract/serve.ts';
import { tensor, type Tensor } from '../../../../src/contract/tensor.ts';
import { AppState } from '../../../../src/renderer/state/app.svelte.ts';
import { Theme } from '../../../../src/renderer/theme/theme.svelte.ts';
import { ExploreState } from '../../../../src/renderer/views/explore/state/explore.svelte.ts';

export const LATENT_DIM = 3;

/** The code of an image: `[i, −i, 0.5]`. */
export function muOf(index: number): Float32Array {
  return Float32Array.of(index, -index, 0.5);
}

/** Images of one grey pixel: 100 + 10 times the sum of the code. */
export function pixelOf(z: Float32Array): number {
  return Math.round(100 + 10 * z.reduce((sum, value) => sum + value, 0));
}

/** A conditional model adds what it is told. */
function decode(z: Tensor<'f32'>, told: number | readonly number[] = 0): Tensor<'u8'> {
  const [n = 0, latentDim = 0] = z.shape;
  const pixels = Array.from(
    { length: n },
    (_, i) =>
      pixelOf(z.data.subarray(i * latentDim, (i + 1) * latentDim)) +
      (typeof told === 'number' ? told : told[i]!),
  );
  return tensor('u8', [n, 1, 1, 1], Uint8Array.from(pixels));
}

/** What an engine answers of a model whose decoder adds, so that every picture tells its code. */
export function smallModel(isVariational = true): SomeHandlers {
  const kl = isVariational ? [0.1, 2, 0.005] : [0, 0, 0];
  return {
    'codes.ready': () => ({ ready: true }),
    'codes.project': () => ({
      kind: 'linear',
      positions: tensor('f32', [4, 3], new Float32Array(12)),
      variance: [0.5, 0.3, 0.2],
      basis: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
      inverse: tensor('f32', [3, 3], Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
      mean: tensor('f32', [3], new Float32Array(3)),
    }),
    'codes.axes': () => null,
    'codes.dimensions': () => [
      { dimension: 0, kl: kl[0]!, mean: 0, deviation: 0.5, name: 'smile', bits: 0.75 },
      { dimension: 1, kl: kl[1]!, mean: 0, deviation: 1.5 },
      { dimension: 2, kl: kl[2]!, mean: 0, deviation: 0.01 },
    ],
    'datasets.split': () => tensor('u8', [4], Uint8Array.of(0, 1, 0, 0)),
    'datasets.names': ({ indices }) => indices.map((index) => `faces/${index}.jpg`),
    'models.decode': ({ z, condition }) => decode(z, condition),
    'models.sample': () => tensor('f32', [3], Float32Array.of(0.25, 0, 0)),
    'models.posterior': ({ index }) => ({
      mu: tensor('f32', [3], muOf(index)),
      logVar: isVariational ? tensor('f32', [3], Float32Array.of(0, Math.log(0.25), 0)) : null,
      klPerDimension: kl,
      reconstruction: tensor('u8', [1, 1, 1], Uint8Array.of(pixelOf(muOf(index)))),
      original: tensor('u8', [1, 1, 1], Uint8Array.of(7)),
      squaredError: 12.5,
    }),
  };
}

/** A client of handlers, and what it asked for. */
export function clientOf(handlers: SomeHandlers): { client: Client; emit: Emit; asked: OperationName[] } {
  const [near, far] = portPair();
  const asked: OperationName[] = [];
  const counted = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [
      name,
      (input: never, asker: never) => {
        asked.push(name as OperationName);
        return (handler as (input: never, asker: never) => unknown)(input, asker);
      },
    ]),
  ) as SomeHandlers;
  const emit = serve(far, counted);
  return { client: createClient(near), emit, asked };
}

interface Options {
  readonly handlers?: SomeHandlers;
  readonly door?: 'electron' | 'browser';
  readonly isVariational?: boolean;
  readonly columns?: DatasetInfo['columns'];
  /** The condition of a conditional model. */
  readonly condition?: Condition;
}

/** Explore, opened on the small model, with image 1 pinned. */
export async function openExplore({
  handlers = {},
  door = 'browser',
  isVariational = true,
  columns = [],
  condition,
}: Options = {}) {
  const { client, emit, asked } = clientOf({ ...smallModel(isVariational), ...handlers });
  const app = new AppState(
    client,
    {
      version: '0.0.0',
      door,
      platform: 'linux',
      workspace: 'workspace',
      device: { kind: 'cpu', label: 'CPU', whyNotGpu: null, multipliesBfloat16: null },
    },
    new Theme(),
  );
  const dataset: DatasetInfo = {
    version: 1,
    id: 'faces-1',
    name: 'faces',
    kind: 'imported',
    created: '2026-01-01T00:00:00Z',
    images: 4,
    imageSize: 64,
    channels: 1,
    crop: 'square',
    source: 'faces',
    columns,
    skipped: [],
    duplicates: [],
  };
  const run: RunInfo = {
    version: 1,
    id: 'run-1',
    name: 'first: run',
    created: '2026-01-01T00:00:00Z',
    state: 'done',
    dataset: { id: dataset.id, name: dataset.name, images: 4 },
    config: {
      objective: { model: isVariational ? 'vae' : 'ae' },
      architecture: 'burgess',
      latentDim: LATENT_DIM,
      epochs: 1,
      batchSize: 2,
      learningRate: 1e-4,
      precision: 'full',
      seed: 1,
      heldOutFraction: 0.1,
      checkpointEverySteps: 0,
    },
    imageSize: 64,
    channels: 1,
    epoch: 1,
    step: 1,
    versions: { unravel: '0.0.0', tensorflow: '2.21.0' },
    ...(condition ? { condition } : {}),
  };
  const explore = new ExploreState(app, run, dataset);
  await explore.open(1);
  await settled();
  return { explore, app, emit, asked };
}

/** After everything that is on its way has come: messages take a few turns. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}
