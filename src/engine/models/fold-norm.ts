import { BATCH_NORM_EPSILON, type ConvSpec, type PlannedLayer } from './architecture.ts';
import type { Statistics, Weights } from './weights.ts';

/** The filter and bias of a convolution without batch norm. */
export interface FoldedConv {
  /** In the layout of the layer's own filter. */
  readonly filter: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

/**
 * Folds a batch norm's statistics and affine map into the preceding filter: a factor scale/√(variance + ε) per
 * output channel, and a bias. It is exact, and takes a third of the time per image.
 *
 * @throws Error if a weight is missing
 */
export function foldNorm(
  layer: PlannedLayer,
  spec: ConvSpec,
  weights: Weights,
  statistics: Statistics,
): FoldedConv {
  const part = (name: string): Float32Array<ArrayBuffer> => numbers(weights, `${layer.name}.${name}`);
  const filter = part('filter');
  const channels = layer.output[2];
  if (!spec.batchNorm) return { filter, bias: spec.bias ? part('bias') : new Float32Array(channels) };
  const [scale, offset] = [part('scale'), part('offset')];
  const [mean, variance] = [
    numbers(statistics, `${layer.name}.mean`),
    numbers(statistics, `${layer.name}.variance`),
  ];
  const factor = scale.map((s, c) => s / Math.sqrt(variance[c]! + BATCH_NORM_EPSILON));
  // Filters are [k, k, in, out], transposed ones [k, k, out, in].
  const inner = spec.kind === 'conv' ? 1 : layer.input[2];
  for (let i = 0; i < filter.length; i++) filter[i]! *= factor[Math.floor(i / inner) % channels]!;
  return { filter, bias: offset.map((o, c) => o - mean[c]! * factor[c]!) };
}

/**
 * A copy of a weight's numbers.
 *
 * @throws Error if there is no such weight
 */
export function numbers(weights: Weights, name: string): Float32Array<ArrayBuffer> {
  const weight = weights.get(name);
  if (!weight) throw new Error(`The weights have no ${name}.`);
  return new Float32Array(weight.data);
}
