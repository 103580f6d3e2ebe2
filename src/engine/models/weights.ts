import type { HostTensor } from '../files/safetensors.ts';
import { createRandom } from '../basics/random.ts';
import { leavesOf, planModel, type ModelSpec, type PlannedLayer } from './architecture.ts';

/** A model's weights by name, such as `encoder.0.filter`, as host arrays. */
export type Weights = ReadonlyMap<string, HostTensor>;

/** The role of a weight, which determines its initial values. */
type Role = 'matrix' | 'scale' | 'offset' | 'values';

/** The description of a weight of a layer. */
export interface WeightSlot {
  /** Full name, such as `encoder.0.filter`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: Role;
  /** Inputs to and outputs of one unit's neighbourhood, as Glorot's initialiser counts them. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * The trainable weights of a layer, in TensorFlow's layouts: a convolution's filter `[k, k, in, out]`, a
 * transposed one's `[k, k, out, in]`, a dense layer's matrix `[in, out]`.
 */
export function weightSlots({ name, spec, input, output }: PlannedLayer): WeightSlot[] {
  const slot = (part: string, shape: number[], role: Role, fanIn = 0, fanOut = 0): WeightSlot => ({
    name: `${name}.${part}`,
    shape,
    role,
    fanIn,
    fanOut,
  });
  if (spec.kind !== 'dense' && spec.kind !== 'conv' && spec.kind !== 'conv-transpose') return [];
  if (spec.kind === 'dense') {
    const fanIn = input[0] * input[1] * input[2];
    return [
      slot('matrix', [fanIn, spec.units], 'matrix', fanIn, spec.units / spec.parts),
      slot('bias', [spec.units], 'offset'),
    ];
  }
  const { kernel } = spec;
  const [from, to] = [input[2], output[2]];
  const area = kernel * kernel;
  const shape = spec.kind === 'conv' ? [kernel, kernel, from, to] : [kernel, kernel, to, from];
  return [
    slot('filter', shape, 'matrix', area * from, area * to),
    ...(spec.bias ? [slot('bias', [to], 'offset')] : []),
    ...(spec.batchNorm ? [slot('scale', [to], 'scale'), slot('offset', [to], 'offset')] : []),
  ];
}

/** The weight that holds the learned values of a quantised model, `[latentDim, values]`. */
export const LATENT_VALUES = 'latent.values';
/** The statistic that holds how often each value occurs, `[latentDim, values]`; each row sums to 1. */
export const LATENT_FREQUENCIES = 'latent.frequencies';

/** The weights of a model's latent space: the learned values of a quantised one, none of others. */
export function latentSlots({
  shape: { latentDim, valuesPerDimension: values },
}: Pick<ModelSpec, 'shape'>): WeightSlot[] {
  if (values === undefined) return [];
  return [{ name: LATENT_VALUES, shape: [latentDim, values], role: 'values', fanIn: 0, fanOut: 0 }];
}

/** All trainable weights of a model, in the order of its layers. */
export function modelSlots(spec: ModelSpec): WeightSlot[] {
  const { encoder, decoder } = planModel(spec);
  return [...leavesOf([...encoder, ...decoder]).flatMap(weightSlots), ...latentSlots(spec)];
}

/** The number of trainable parameters. */
export function parameterCount(spec: ModelSpec): number {
  return modelSlots(spec).reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** Number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * Draws initial weights: Glorot-uniform matrices, U(−a, a) with a = √(6/(fanIn + fanOut)), scales of 1, offsets and
 * biases of 0, and the values of each latent dimension evenly from −½ to ½ (Hsu et al. 2023). Each weight has its own
 * random stream.
 */
export function drawWeights(slots: readonly WeightSlot[], seed: number): Weights {
  return new Map(
    slots.map(({ name, shape, role, fanIn, fanOut }) => {
      const data = new Float32Array(elements(shape));
      if (role === 'scale') data.fill(1);
      if (role === 'values') {
        const count = shape.at(-1)!;
        for (let i = 0; i < data.length; i++) data[i] = (i % count) / (count - 1) - 0.5;
      }
      if (role === 'matrix') {
        const random = createRandom(seed, 'weights', name);
        const limit = Math.sqrt(6 / (fanIn + fanOut));
        for (let i = 0; i < data.length; i++) data[i] = (2 * random.uniform() - 1) * limit;
      }
      return [name, { shape, data }];
    }),
  );
}

/** The initial weights of a model's training. */
export function initialWeights(spec: ModelSpec, seed: number): Weights {
  return drawWeights(modelSlots(spec), seed);
}

/** Mean and variance of every batch norm's inputs over the data, by layer name: `encoder.0.mean`, `….variance`. */
export type Statistics = Weights;

/** A batch norm of a model. */
export interface NormedLayer {
  readonly name: string;
  readonly channels: number;
  /** Number of pixels of an image over which it normalises. */
  readonly pixels: number;
}

/** The batch norms of a model, in the order of its layers. */
export function normedLayers(spec: ModelSpec): NormedLayer[] {
  const { encoder, decoder } = planModel(spec);
  return leavesOf([...encoder, ...decoder]).flatMap(({ name, spec: layer, output }) =>
    'batchNorm' in layer && layer.batchNorm
      ? [{ name, channels: output[2], pixels: output[0] * output[1] }]
      : [],
  );
}
