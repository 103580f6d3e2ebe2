import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { MOST_EPOCHS } from '../../contract/run.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { floatTensor, type HostTensor, type TensorFile } from '../files/safetensors.ts';
import { planModel, type ModelSpec, type PlannedLayer } from './architecture.ts';
import type { Weights } from './weights.ts';

const weight = v.pipe(v.number(), v.finite(), v.minValue(0));
/** The image sizes that disentangling-vae has networks for. */
const SIZES = [32, 64] as const;
/** Maximum size of `specs.json`, which usually has a few hundred bytes. */
const MOST_SPECS_BYTES = 1_000_000;

/** The file `specs.json` that disentangling-vae writes for a model; other keys are ignored. */
const SpecsSchema = v.object({
  img_size: v.pipe(
    v.tuple([v.picklist([1, 3]), v.picklist(SIZES), v.picklist(SIZES)]),
    v.check(([, height, width]) => height === width, 'images are not square'),
  ),
  latent_dim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(512)),
  model_type: v.pipe(v.string(), v.toLowerCase(), v.literal('burgess')),
  loss: v.optional(v.string()),
  dataset: v.optional(v.string()),
  rec_dist: v.optional(v.string()),
  btcvae_B: v.optional(weight),
  betaH_B: v.optional(weight),
  // The same ranges as in a run's config, so that the imported run can be read again.
  epochs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MOST_EPOCHS))),
  batch_size: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(4096))),
  lr: v.optional(v.pipe(v.number(), v.minValue(1e-9), v.maxValue(1))),
});
/** The contents of disentangling-vae's `specs.json`. */
export type Specs = v.InferOutput<typeof SpecsSchema>;

/**
 * Reads disentangling-vae's `specs.json`.
 *
 * @throws UnravelError if the file is missing, damaged, or describes another kind of model
 */
export function readSpecs(path: string): Promise<Specs> {
  return readJsonFile(path, {
    schema: SpecsSchema,
    mostBytes: MOST_SPECS_BYTES,
    followLinks: true,
    otherwise: 'does not describe a supported model',
    hint: `It must contain img_size [1 or 3, ${SIZES.join(' or ')}, the same], latent_dim and model_type Burgess.`,
  });
}

/** PyTorch's names of the layers with weights, in the order of Unravel's layers. */
function pytorchNames(spec: ModelSpec): { encoder: string[]; decoder: string[] } {
  const large = spec.shape.imageSize === 64;
  return {
    encoder: [
      ...['conv1', 'conv2', 'conv3'],
      ...(large ? ['conv_64'] : []),
      ...['lin1', 'lin2', 'mu_logvar_gen'],
    ],
    decoder: [...['lin1', 'lin2', 'lin3'], ...(large ? ['convT_64'] : []), ...['convT1', 'convT2', 'convT3']],
  };
}

/**
 * Converts the weights of a disentangling-vae model to Unravel's order and layouts.
 *
 * @param path - the file's path, for messages
 * @throws UnravelError `bad-input` for a tensor that is missing, has another shape, or holds values that are not
 * numbers
 */
export function convertWeights(spec: ModelSpec, file: TensorFile, path: string): Weights {
  const weights = new Map<string, HostTensor>();
  const plan = planModel(spec);
  const names = pytorchNames(spec);
  for (const network of ['encoder', 'decoder'] as const) {
    const layers = plan[network].filter((layer) => layer.spec.kind !== 'reshape');
    layers.forEach((layer, i) => {
      const name = `${network}.${names[network][i]!}`;
      const isPosterior = network === 'encoder' && i === layers.length - 1;
      for (const [part, tensor] of convertLayer(layer, name, file, path, isPosterior, plan[network])) {
        if (!tensor.data.every(Number.isFinite)) {
          throw new UnravelError(
            'bad-input',
            `Could not use ${path}: ${name} holds values that are not numbers.`,
            {
              path,
              hint: 'Its training diverged, or the file is damaged. Take an earlier copy.',
            },
          );
        }
        weights.set(`${layer.name}.${part}`, tensor);
      }
    });
  }
  return weights;
}

function convertLayer(
  layer: PlannedLayer,
  name: string,
  file: TensorFile,
  path: string,
  isPosterior: boolean,
  network: readonly PlannedLayer[],
): [string, HostTensor][] {
  const { spec, input, output } = layer;
  if (spec.kind === 'reshape' || spec.kind === 'append') return [];
  if (spec.kind === 'dense') {
    const fanIn = input[0] * input[1] * input[2];
    const { data } = floatTensor(file, `${name}.weight`, [spec.units, fanIn], path);
    const { data: bias } = floatTensor(file, `${name}.bias`, [spec.units], path);
    const next = network[network.indexOf(layer) + 1];
    const from = channelsLast(input);
    const to = isPosterior
      ? interleavedHalves(spec.units)
      : channelsLast(next?.spec.kind === 'reshape' ? next.output : output);
    // PyTorch's matrix is [out, in] with channels first; Unravel's is [in, out] with channels last.
    const matrix = new Float32Array(fanIn * spec.units);
    for (let i = 0; i < fanIn; i++) {
      for (let o = 0; o < spec.units; o++) matrix[i * spec.units + o] = data[to[o]! * fanIn + from[i]!]!;
    }
    return [
      ['matrix', { shape: [fanIn, spec.units], data: matrix }],
      ['bias', { shape: [spec.units], data: Float32Array.from(to, (o) => bias[o]!) }],
    ];
  }
  const { kernel } = spec;
  const [a, b] = spec.kind === 'conv' ? [output[2], input[2]] : [input[2], output[2]];
  const { data } = floatTensor(file, `${name}.weight`, [a, b, kernel, kernel], path);
  const { data: bias } = floatTensor(file, `${name}.bias`, [output[2]], path);
  // PyTorch: [a, b, y, x]; TensorFlow: [y, x, b, a], for both kinds of convolution, with a and b exchanged.
  const filter = new Float32Array(data.length);
  const area = kernel * kernel;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let p = 0; p < area; p++) filter[(p * b + j) * a + i] = data[(i * b + j) * area + p]!;
    }
  }
  return [
    ['filter', { shape: [kernel, kernel, b, a], data: filter }],
    ['bias', { shape: [output[2]], data: bias }],
  ];
}

/** For each index of a volume with channels last, its index with channels first. */
function channelsLast([height, width, channels]: readonly [number, number, number]): number[] {
  const area = height * width;
  return Array.from({ length: area * channels }, (_, k) => (k % channels) * area + Math.floor(k / channels));
}

/** disentangling-vae's posterior alternates mu and logVar; Unravel's has all of mu first. */
function interleavedHalves(units: number): number[] {
  const latentDim = units / 2;
  return Array.from({ length: units }, (_, k) => (k < latentDim ? 2 * k : 2 * (k - latentDim) + 1));
}
