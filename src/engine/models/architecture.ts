import type { Architecture } from '../../contract/architecture.ts';
import type { Deviation } from '../../contract/deviation.ts';
import type { ImageSize } from '../../contract/image-size.ts';

/** A layer's activation function. The slope of LeakyReLU is 0.3 as in the paper, and 0.2 in discriminators. */
export type Activation = 'linear' | 'relu' | 'leaky-relu' | 'leaky-relu-0.2' | 'silu' | 'tanh';

/** How the edges of an image are treated; kernels and paddings are square. */
export type Padding = 'same' | 'valid' | number;

/** A convolution or transposed convolution, with its batch norm and activation. */
export interface ConvSpec {
  readonly kind: 'conv' | 'conv-transpose';
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  /** A number, in networks from elsewhere: so many pixels on every side, as in PyTorch. */
  readonly padding: Padding;
  /** For a transposed convolution with a number as padding: PyTorch's `output_padding`; 0 if left out. */
  readonly outputPadding?: number;
  readonly bias: boolean;
  readonly batchNorm: boolean;
  readonly activation: Activation;
}

/** A fully connected layer. It is initialised as `parts` separate layers side by side. */
export interface DenseSpec {
  readonly kind: 'dense';
  readonly units: number;
  readonly parts: number;
  readonly activation: Activation;
}

/** Reshapes to `[height, width, channels]`. A dense layer flattens its input itself. */
export interface ReshapeSpec {
  readonly kind: 'reshape';
  readonly to: Volume;
}

/** Appends the `width` numbers of a conditional model's condition to the layer's input. */
export interface AppendSpec {
  readonly kind: 'append';
  readonly width: number;
}

/** An activation function as a layer of its own, in networks from elsewhere, which are not trained. */
export interface ActivationSpec {
  readonly kind: 'activation';
  readonly activation: 'relu' | 'leaky-relu' | 'tanh' | 'sigmoid' | 'elu' | 'silu';
  /** The slope of a LeakyReLU. */
  readonly slope?: number | undefined;
}

/**
 * Changes the size of an image to `[height, width]`. In networks that are trained pixels are repeated whole times
 * (`nearest`), or squares of them become their means (`average`, in discriminators); `bilinear` occurs in networks from
 * elsewhere.
 */
export interface ResizeSpec {
  readonly kind: 'resize';
  readonly to: readonly [number, number];
  readonly method: 'bilinear' | 'nearest' | 'average';
}

/** Layers whose result is added to their input (He et al. 2016), then an activation; they keep the image's size. */
export interface ResidualSpec {
  readonly kind: 'residual';
  readonly layers: readonly LayerSpec[];
  readonly activation: Activation;
}

export type LayerSpec =
  ConvSpec | DenseSpec | ReshapeSpec | AppendSpec | ActivationSpec | ResizeSpec | ResidualSpec;

/** An image's or a layer's size: `[height, width, channels]`. */
export type Volume = readonly [number, number, number];

/** The settings that determine an architecture's layers. */
export interface ModelShape {
  readonly architecture: Architecture;
  readonly latentDim: number;
  readonly imageSize: ImageSize;
  readonly channels: 1 | 3;
  /** True for a posterior with mu and logVar; false for an AE, which has a code and a linear output. */
  readonly variational: boolean;
  /** How the posterior's standard deviation follows from what the encoder gives; `exp` if left out. */
  readonly deviation?: Deviation;
  /** Number of values of a conditional model's condition; left out for other models. */
  readonly conditionWidth?: number;
  /** Number of learned values that each dimension of a quantised model can take; left out for other models. */
  readonly valuesPerDimension?: number;
}

/** The description of an encoder and a decoder. */
export interface ModelSpec {
  readonly shape: ModelShape;
  /** From an image to `[mu | logVar]`, or to an AE's code. */
  readonly encoder: readonly LayerSpec[];
  /** From z to an image's logits; the output function is applied after. */
  readonly decoder: readonly LayerSpec[];
  readonly output: 'sigmoid' | 'linear';
  /** The range of the numbers in which the networks take and give images: [0, 1], or for `signed` [−1, 1]. */
  readonly range?: 'unit' | 'signed';
}

/** An architecture's networks, before a condition is put into them. */
export type Networks = Omit<ModelSpec, 'shape' | 'range'>;

/** ε of every batch norm (Keras's default, which the paper's code uses). */
export const BATCH_NORM_EPSILON = 1e-3;

/** A layer with its input and output sizes, and its name, which is the prefix of its weights in files. */
export interface PlannedLayer {
  readonly name: string;
  readonly spec: LayerSpec;
  readonly input: Volume;
  readonly output: Volume;
  /** The layers of a residual block; empty for other layers. */
  readonly inner: readonly PlannedLayer[];
}

/**
 * Computes the sizes and names of a network's layers. Names are `encoder.0`, `encoder.1`, …, inside a residual block
 * `encoder.1.0`, `encoder.1.1`.
 */
export function planLayers(network: string, specs: readonly LayerSpec[], input: Volume): PlannedLayer[] {
  let current = input;
  return specs.map((spec, index) => {
    const name = `${network}.${index}`;
    const inner = spec.kind === 'residual' ? planLayers(name, spec.layers, current) : [];
    const layer = { name, spec, input: current, output: outputOf(spec, current), inner };
    current = layer.output;
    return layer;
  });
}

/** The planned layers with those of residual blocks in place of the blocks. */
export function leavesOf(planned: readonly PlannedLayer[]): PlannedLayer[] {
  return planned.flatMap((layer) => (layer.spec.kind === 'residual' ? leavesOf(layer.inner) : [layer]));
}

function outputOf(spec: LayerSpec, [height, width, channels]: Volume): Volume {
  if (spec.kind === 'dense') return [1, 1, spec.units];
  if (spec.kind === 'reshape') return spec.to;
  if (spec.kind === 'append') return [1, 1, height * width * channels + spec.width];
  if (spec.kind === 'activation' || spec.kind === 'residual') return [height, width, channels];
  if (spec.kind === 'resize') return [spec.to[0], spec.to[1], channels];
  const { kernel, stride, padding } = spec;
  const size = (n: number): number => {
    if (spec.kind === 'conv') {
      if (typeof padding === 'number') return Math.floor((n + 2 * padding - kernel) / stride) + 1;
      return Math.ceil((padding === 'same' ? n : n - kernel + 1) / stride);
    }
    if (typeof padding === 'number') {
      return (n - 1) * stride + kernel - 2 * padding + (spec.outputPadding ?? 0);
    }
    return padding === 'same' ? n * stride : (n - 1) * stride + kernel;
  };
  return [size(height), size(width), spec.filters];
}

/** The planned layers of encoder and decoder. */
export function planModel(spec: ModelSpec): { encoder: PlannedLayer[]; decoder: PlannedLayer[] } {
  const { imageSize, channels, latentDim } = spec.shape;
  return {
    encoder: planLayers('encoder', spec.encoder, [imageSize, imageSize, channels]),
    decoder: planLayers('decoder', spec.decoder, [1, 1, latentDim]),
  };
}
