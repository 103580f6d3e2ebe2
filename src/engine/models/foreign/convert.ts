import { IMAGE_SIZES, type ImageSize } from '../../../contract/image-size.ts';
import { MOST_DIMENSIONS } from '../../../contract/numbers.ts';
import { descriptorOf } from '../../../contract/run.ts';
import type { HostTensor } from '../../files/safetensors.ts';
import type { Network } from '../../../contract/network.ts';
import type { WeightFile } from '../../files/weight-file.ts';
import { describeModel } from '../describe-model.ts';
import { LATENT_VALUES, modelSlots, type Weights } from '../weights.ts';
import { NetworkBuilder, WeightReader } from './build-network.ts';
import type { Mapping } from './mapping.ts';

/** A model from elsewhere in Unravel's form. */
export interface ConvertedModel {
  /** Undefined for the layers of Burgess et al., which Unravel has too. */
  readonly network: Network | undefined;
  readonly weights: Weights;
  readonly latentDim: number;
  /** The size of the images that it takes and gives in Unravel. */
  readonly imageSize: ImageSize;
  /** The size of its own images, to and from which others are resized. */
  readonly ownSize: number;
  readonly channels: 1 | 3;
  /** False for an autoencoder, which has a code and no posterior. */
  readonly variational: boolean;
  /** Number of learned values of each dimension of a quantised autoencoder. */
  readonly valuesPerDimension?: number;
}

/** Weights that are only counters, such as how many batches a batch norm has seen. */
function isCounter(name: string, shape: readonly number[]): boolean {
  return name.endsWith('.num_batches_tracked') || shape.length === 0;
}

/**
 * Converts a model's weights by a mapping.
 *
 * @param isBurgess - whether its layers must be those of Burgess et al.
 * @throws UnravelError `bad-input` for a weight that is missing, has another shape or no place
 */
export async function convertModel(
  file: WeightFile,
  mapping: Mapping,
  { isBurgess = false }: { readonly isBurgess?: boolean } = {},
): Promise<ConvertedModel> {
  const reader = new WeightReader(file);
  const { size: ownSize, channels, range } = mapping.image;
  const imageSize = IMAGE_SIZES.find((size) => size >= ownSize)!;
  const isResized = imageSize !== ownSize;

  const encoder = new NetworkBuilder('encoder', [imageSize, imageSize, channels], reader);
  if (isResized) encoder.resize([ownSize, ownSize], 'bilinear');
  for (const layer of mapping.encoder) await encoder.add(layer);
  const { posterior } = mapping;
  if ('mu' in posterior) await encoder.addDense([posterior.mu, posterior.logVar]);
  else if ('code' in posterior) await encoder.addDense([posterior.code]);
  else await encoder.addDense([posterior.both], posterior.order === 'halves' ? halves : alternating);
  const variational = !('code' in posterior);
  const numbers = encoder.volume[2];
  const latentDim = variational ? numbers / 2 : numbers;
  if (!Number.isInteger(latentDim) || latentDim > MOST_DIMENSIONS) {
    reader.refuse(
      `its posterior has ${numbers} numbers`,
      `Unravel opens models with at most ${MOST_DIMENSIONS} dimensions, each with mu and logVar.`,
    );
  }

  const values = 'code' in posterior ? posterior.values : undefined;
  const latent = values === undefined ? undefined : await readValues(reader, values, latentDim);

  const decoder = new NetworkBuilder('decoder', [1, 1, latentDim], reader);
  const endsInSigmoid = mapping.decoder.at(-1)?.layer === 'sigmoid';
  // The sigmoid is applied last, so it must be a layer where something follows it.
  const isOutput = endsInSigmoid && !isResized && range === '0..1';
  for (const layer of isOutput ? mapping.decoder.slice(0, -1) : mapping.decoder) await decoder.add(layer);
  const given = decoder.volume;
  if (given[0] !== ownSize || given[1] !== ownSize || given[2] !== channels) {
    reader.refuse(
      `its decoder gives images of ${given[0]}×${given[1]} with ${given[2]} channels instead of ${ownSize}×${ownSize} with ${channels}`,
    );
  }
  if (isResized) decoder.resize([imageSize, imageSize], 'bilinear');
  refuseUnplaced(file, reader, mapping);

  const network: Network = {
    name: mapping.name,
    encoder: encoder.layers,
    decoder: decoder.layers,
    output: isOutput ? 'sigmoid' : 'linear',
    range: range === '-1..1' ? 'signed' : 'unit',
  };
  const weights = new Map([
    ...encoder.weights,
    ...decoder.weights,
    ...(latent ? [[LATENT_VALUES, latent] as const] : []),
  ]);
  const valuesPerDimension = latent?.shape[1];
  const converted = {
    ...{ weights, latentDim, imageSize, ownSize, channels, variational },
    ...(valuesPerDimension === undefined ? {} : { valuesPerDimension }),
  };
  if (!isBurgess) return { ...converted, network };
  const sources = new Map([...encoder.sources, ...decoder.sources]);
  const spec = describeModel({ architecture: 'burgess', latentDim, imageSize, channels, variational });
  for (const { name, shape } of modelSlots(spec)) {
    const found = weights.get(name)?.shape ?? [];
    if (found.join() !== shape.join()) {
      reader.refuse(`its weight ${sources.get(name) ?? name} has another shape than in ${mapping.name}`);
    }
  }
  return { ...converted, network: undefined };
}

/** Reads the learned values of a quantised autoencoder, `[latentDim, values]`. */
async function readValues(reader: WeightReader, name: string, latentDim: number): Promise<HostTensor> {
  const { minimum, maximum } = descriptorOf('qlae').weights.values!;
  const shape = reader.shape(name);
  const [rows, count = 0] = shape;
  if (shape.length !== 2 || rows !== latentDim || count < minimum || count > maximum) {
    reader.refuse(
      `its weight ${name} is [${shape.join(', ')}] instead of [${latentDim}, n]`,
      `It has the values of the code's ${latentDim} numbers, ${minimum} to ${maximum} for each.`,
    );
  }
  return { shape, data: await reader.read(name) };
}

/** @throws UnravelError `bad-input` that names the first weight that the model would not use */
function refuseUnplaced(file: WeightFile, reader: WeightReader, { ignore, name: title }: Mapping): void {
  for (const [name, shape] of file.shapes) {
    if (reader.used.has(name) || isCounter(name, shape) || ignore.some((start) => name.startsWith(start)))
      continue;
    reader.refuse(
      `its weight ${name}, [${shape.join(', ')}], has no place in ${title}`,
      'It has more layers than are described. A mapping file can describe them, or list the weight under "ignore".',
      'mapping',
    );
  }
}

const halves = (units: number): number[] => Array.from({ length: units }, (_, k) => k);

/** A posterior that alternates mu and logVar; Unravel's has all of mu first. */
function alternating(units: number): number[] {
  const latentDim = units / 2;
  return Array.from({ length: units }, (_, k) => (k < latentDim ? 2 * k : 2 * (k - latentDim) + 1));
}
