import type { Column, DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { CarriedLabels } from '../../../../src/contract/operations/measure.ts';
import type { RunInfo } from '../../../../src/contract/run.ts';
import type { SomeHandlers } from '../../../../src/contract/serve.ts';
import { tensor, type Tensor } from '../../../../src/contract/tensor.ts';
import { aDataset, aRun, makeApp, paperConfig } from '../../small-app.ts';

export const COLUMNS: Column[] = [
  { name: 'smile', type: 'binary', factor: false },
  { name: 'hair_colour', type: 'continuous', factor: true },
];

const heldOut = { images: 4, klPerDimension: [], activeDimensions: 2 };

export const AE = aRun({
  id: 'ae-1',
  name: 'AE on faces',
  created: '2026-01-01T00:00:00Z',
  config: { ...paperConfig, objective: { model: 'ae' }, latentDim: 2 },
  heldOut: { ...heldOut, reconstruction: 45, kl: 0 },
});
export const VAE = aRun({
  id: 'vae-1',
  name: 'VAE on faces',
  created: '2026-01-02T00:00:00Z',
  config: { ...paperConfig, objective: { model: 'vae' }, latentDim: 2 },
  heldOut: { ...heldOut, reconstruction: 50, kl: 16 },
});

/** Images of one grey pixel: 100 and ten times the first coordinate, plus the second. */
export function pixelOf(z: ArrayLike<number>): number {
  return Math.round(100 + 10 * z[0]! + z[1]!);
}

/** The code of an image: `[index, 1]`. */
export function muOf(index: number): Float32Array {
  return Float32Array.of(index, 1);
}

/** VAE's first dimension carries the smile, and falls with it; AE's second does. Both carry hair in the other. */
export function labelsOf(run: string): CarriedLabels {
  const isAe = run === AE.id;
  const carrier = (dimension: number, bits: number, isReversed = false) => ({
    dimension,
    bits,
    isReversed,
    unit: isAe ? 0.5 : 1,
  });
  return {
    columns: ['smile', 'hair_colour'],
    dimensions: isAe
      ? [
          [carrier(0, 0.1), carrier(1, 0.4)],
          [carrier(0, 0.9), carrier(1, 0)],
        ]
      : [
          [carrier(0, 0.6, true), carrier(1, 0.1)],
          [carrier(0, 0), carrier(1, 0.7)],
        ],
  };
}

function decode(z: Tensor<'f32'>): Tensor<'u8'> {
  const [n = 0, latentDim = 0] = z.shape;
  const pixels = Array.from({ length: n }, (_, i) =>
    pixelOf(z.data.subarray(i * latentDim, (i + 1) * latentDim)),
  );
  return tensor('u8', [n, 1, 1, 1], Uint8Array.from(pixels));
}

/** What an engine answers of two models whose pictures tell their codes. */
export function twoModels(): SomeHandlers {
  return {
    'codes.ready': () => ({ ready: true }),
    'codes.dimensions': ({ run }) =>
      run === AE.id
        ? [
            { dimension: 0, kl: 0, mean: 0, deviation: 0.5 },
            { dimension: 1, kl: 0, mean: 0, deviation: 0.25 },
          ]
        : [
            { dimension: 0, kl: 1, mean: 0, deviation: 1 },
            { dimension: 1, kl: 3, mean: 0, deviation: 1 },
          ],
    'models.match': ({ run }) => labelsOf(run),
    'models.counterparts': ({ others }) =>
      others.map(() => [
        { dimension: 1, correlation: -0.8 },
        { dimension: 0, correlation: 0.5 },
      ]),
    'models.samples': ({ seed, count }) =>
      tensor(
        'f32',
        [count, 2],
        Float32Array.from({ length: count * 2 }, (_, i) => (i % 2 ? 0 : seed)),
      ),
    'models.decode': ({ z }) => decode(z),
    'models.posterior': ({ index }) => ({
      mu: tensor('f32', [2], muOf(index)),
      logVar: null,
      klPerDimension: [0, 0],
      reconstruction: tensor('u8', [1, 1, 1], Uint8Array.of(pixelOf(muOf(index)))),
      original: tensor('u8', [1, 1, 1], Uint8Array.of(index)),
      squaredError: index,
    }),
    'datasets.split': () => tensor('u8', [6], Uint8Array.of(0, 1, 0, 1, 1, 0)),
    'runs.metrics': ({ run }) => ({
      steps: [],
      epochs: [1, 2].map((epoch) => ({
        epoch,
        step: epoch * 10,
        loss: { total: 1, terms: {} },
        heldOut: { ...heldOut, reconstruction: (run === AE.id ? 100 : 110) / epoch, kl: 1 },
        seconds: 1,
      })),
    }),
  };
}

/** A window on two models of one data set, newest first. */
export async function openTwo(
  handlers: SomeHandlers = {},
  {
    columns = COLUMNS,
    runs = [VAE, AE],
    datasets,
  }: { columns?: Column[]; runs?: RunInfo[]; datasets?: DatasetInfo[] } = {},
) {
  const dataset = aDataset({ images: 6, columns });
  const opened = await makeApp({
    'datasets.list': () => datasets ?? [dataset],
    'runs.list': () => runs,
    ...twoModels(),
    ...handlers,
  });
  return { ...opened, dataset };
}
