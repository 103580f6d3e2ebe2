import * as ops from '../tensorflow/operations.ts';
import {
  Dtype,
  download,
  free,
  freeOnFailure,
  intVector,
  scalar,
  upload,
  type Tensor,
} from '../tensorflow/tensors.ts';
import { planModel, type ModelSpec, type PlannedLayer } from './architecture.ts';
import { foldNorm } from './fold-norm.ts';
import { Network } from './network.ts';
import { elements, type Statistics, type Weights } from './weights.ts';

/** Features of fewer pixels per side than this tell more of the whole picture than of edges and texture. */
const LEAST_SIDE = 4;
/** The least variance of a channel, as part of the mean variance of its layer, so that silent channels count little. */
const LEAST_VARIANCE_PART = 0.05;

/** The difference of features, and its gradient. */
export interface FeatureDifference {
  /** Mean over all features of (f − f̃)²/variance; 0 for equal pictures, about 2 for unrelated ones. */
  readonly error: number;
  /** Gradient of `error` in the decoded pictures; owned by the caller. */
  readonly gradient: Tensor;
}

/**
 * A trained encoder's features, by which decoded pictures are compared with data: a perceptual distance (as in
 * Johnson et al. 2016) that needs no foreign network. Batch norms are folded into the filters, so that nothing depends on
 * the other pictures of a batch, and no weight changes.
 */
export class EncoderFeatures {
  /** One network for each size of the feature maps, from the picture on. */
  readonly #stages: readonly Network[];
  readonly #plans: readonly (readonly PlannedLayer[])[];

  /** @param compute - dtype of the convolutions */
  constructor(spec: ModelSpec, weights: Weights, statistics: Statistics, compute: Dtype = Dtype.float) {
    const folded = new Map(weights);
    const layers = planModel(spec).encoder.map((layer) => foldedLayer(layer, weights, statistics, folded));
    this.#plans = bySize(layers);
    this.#stages = freeOnFailure(() => this.#plans.map((plan) => new Network(plan, folded, compute)));
  }

  /**
   * Compares decoded pictures with data.
   *
   * The error is the mean over the sizes of the feature maps, and in each over pictures, pixels and channels, of
   * (f − f̃)²/v. v is the variance of the channel in the data of the batch, treated as a constant: it makes channels and
   * layers count alike, whatever their scale is.
   *
   * @param images - data, `[batch, size, size, channels]` in [0, 1]
   * @param made - their reconstructions, of the same shape
   */
  compare(images: Tensor, made: Tensor, batch: number): FeatureDifference {
    const real = this.#forward(images, batch).map((feature) => ops.identity(feature));
    const features = this.#forward(made, batch);
    let error = 0;
    const slopes = features.map((feature, i) => {
      const one = compareLayer(real[i]!, feature, [batch, ...this.#plans[i]!.at(-1)!.output]);
      error += one.error / features.length;
      const share = scalar(1 / features.length);
      const slope = ops.multiply(one.gradient, share);
      free(one.gradient, share);
      return slope;
    });
    free(...real);
    let gradient: Tensor | undefined;
    for (let i = this.#stages.length - 1; i >= 0; i--) {
      const own = slopes[i]!;
      const sum: Tensor = gradient === undefined ? own : ops.add(gradient, own);
      if (gradient !== undefined) free(gradient, own);
      gradient = this.#stages[i]!.backward(sum, undefined, true)!;
    }
    return { error, gradient: gradient! };
  }

  dispose(): void {
    for (const stage of this.#stages) stage.dispose();
  }

  #forward(pictures: Tensor, batch: number): Tensor[] {
    let x = pictures;
    return this.#stages.map((stage) => (x = stage.forward(x, batch)));
  }
}

/** A layer whose batch norms are folded; puts its filters and biases into `folded`. */
function foldedLayer(
  layer: PlannedLayer,
  weights: Weights,
  statistics: Statistics,
  folded: Map<string, Weights extends ReadonlyMap<string, infer Tensor> ? Tensor : never>,
): PlannedLayer {
  const { spec, name, output } = layer;
  if (spec.kind === 'residual') {
    return { ...layer, inner: layer.inner.map((each) => foldedLayer(each, weights, statistics, folded)) };
  }
  if (spec.kind !== 'conv' && spec.kind !== 'conv-transpose') return layer;
  const { filter, bias } = foldNorm(layer, spec, weights, statistics);
  folded.set(`${name}.filter`, { shape: weights.get(`${name}.filter`)!.shape, data: filter });
  folded.set(`${name}.bias`, { shape: [output[2]], data: bias });
  return { ...layer, spec: { ...spec, bias: true, batchNorm: false } };
}

/** The layers up to the smallest feature maps that are compared, in a part for each size. */
function bySize(layers: readonly PlannedLayer[]): PlannedLayer[][] {
  const parts: PlannedLayer[][] = [];
  let side = 0;
  for (const layer of layers) {
    const isSpatial =
      layer.spec.kind === 'conv' || layer.spec.kind === 'residual' || layer.spec.kind === 'resize';
    if (!isSpatial || layer.output[0] < LEAST_SIDE) break;
    if (layer.output[0] === side) parts.at(-1)!.push(layer);
    else parts.push([layer]);
    side = layer.output[0];
  }
  return parts;
}

/** The error of one layer's features, and its gradient in those of decoded pictures. */
function compareLayer(
  real: Tensor,
  made: Tensor,
  shape: readonly number[],
): { error: number; gradient: Tensor } {
  const numbers = elements(shape);
  const channels = shape.at(-1)!;
  const each = numbers / channels;
  const axes = intVector([0, 1, 2]);
  const sumsOf = (x: Tensor): Float64Array => {
    const sum = ops.sum(x, axes);
    const sums = Float64Array.from(download(sum));
    free(sum);
    return sums;
  };
  const squaresOf = (x: Tensor): Float64Array => {
    const square = ops.multiply(x, x);
    const sums = sumsOf(square);
    free(square);
    return sums;
  };
  const means = Float32Array.from(sumsOf(real), (sum) => sum / each);
  const mean = upload([channels], means);
  const centred = ops.subtract(real, mean);
  const variances = squaresOf(centred).map((sum) => sum / each);
  free(mean, centred);
  const typical = variances.reduce((sum, value) => sum + value, 0) / channels;
  const least = Math.max(1e-8, LEAST_VARIANCE_PART * typical);
  const inverse = Float32Array.from(variances, (variance) => 1 / Math.max(least, variance));

  const difference = ops.subtract(made, real);
  const squares = squaresOf(difference);
  const error = squares.reduce((sum, square, c) => sum + square * inverse[c]!, 0) / numbers;
  const factor = upload(
    [channels],
    inverse.map((value) => (2 * value) / numbers),
  );
  const gradient = ops.multiply(difference, factor);
  free(axes, difference, factor);
  return { error, gradient };
}
