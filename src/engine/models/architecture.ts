import type { ArchitectureName } from '../../contract/architecture.ts';
import type { ImageSize } from '../../contract/image-size.ts';

/** A layer's activation function. The slope of LeakyReLU is 0.3 as in the paper, and 0.2 in discriminators. */
export type Activation = 'linear' | 'relu' | 'leaky-relu' | 'leaky-relu-0.2';

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

/** Changes the size of an image to `[height, width]`, in networks from elsewhere, which are not trained. */
export interface ResizeSpec {
  readonly kind: 'resize';
  readonly to: readonly [number, number];
  readonly method: 'bilinear' | 'nearest';
}

export type LayerSpec = ConvSpec | DenseSpec | ReshapeSpec | AppendSpec | ActivationSpec | ResizeSpec;

/** An image's or a layer's size: `[height, width, channels]`. */
export type Volume = readonly [number, number, number];

/** The settings that determine an architecture's layers. */
export interface ModelShape {
  readonly architecture: ArchitectureName;
  readonly latentDim: number;
  readonly imageSize: ImageSize;
  readonly channels: 1 | 3;
  /** True for a posterior with mu and logVar; false for an AE, which has a code and a linear output. */
  readonly variational: boolean;
  /** Number of values of a conditional model's condition; left out for other models. */
  readonly conditionWidth?: number;
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

/** ε of every batch norm (Keras's default, which the paper's code uses). */
export const BATCH_NORM_EPSILON = 1e-3;

function conv(kind: ConvSpec['kind'], filters: number, more: Partial<ConvSpec>): ConvSpec {
  return {
    kind,
    filters,
    kernel: 4,
    stride: 2,
    padding: 'same',
    bias: false,
    batchNorm: false,
    activation: 'linear',
    ...more,
  };
}

/** How often an image is halved until its side is `sidePx` long. */
function halvings(imageSize: ImageSize, sidePx: number): number {
  return Math.log2(imageSize / sidePx);
}

/**
 * Schik's network. For 64 pixels it has six convolutions in the encoder, down to one pixel, and seven in the
 * decoder, with batch norm and LeakyReLU between them. Every doubling of the image adds a layer beside the image to
 * both, with half the filters of its neighbour: 32 for 128 pixels, 16 for 256. For 32 pixels there is one layer less in
 * both.
 */
function paper({
  latentDim,
  imageSize,
  channels,
  variational,
  conditionWidth = 0,
}: ModelShape): Omit<ModelSpec, 'shape'> {
  const normed = { batchNorm: true, activation: 'leaky-relu' } as const;
  // Filters of the layers with a common pattern. The encoder's last layer and the decoder's first two are listed
  // below.
  const down = [16, 32, 64, 128, 128, 256, 512].slice(-(halvings(imageSize, 1) - 1));
  const wide = imageSize === 32 ? [128, 64] : [128, 128, 64, 32, 16].slice(0, halvings(imageSize, 4) - 1);
  const up = [...wide, channels];
  return {
    encoder: [
      ...down.map((filters) => conv('conv', filters, normed)),
      conv('conv', latentDim, {}),
      posterior(latentDim, variational),
    ],
    decoder: [
      { kind: 'reshape', to: [1, 1, latentDim + conditionWidth] },
      conv('conv-transpose', 512, { ...normed, kernel: 1, stride: 1, padding: 'valid' }),
      conv('conv-transpose', 256, { ...normed, stride: 1, padding: 'valid' }),
      ...up.map((filters) => conv('conv-transpose', filters, normed)),
      conv('conv', channels, { kernel: 5, stride: 1 }),
    ],
    output: variational ? 'sigmoid' : 'linear',
  };
}

/**
 * The network of Burgess et al. 2018, on which most published disentanglement was measured: convolutions of one width down
 * to 4×4 pixels, of which there is one more for every doubling of the image.
 */
function burgess({ latentDim, imageSize, channels, variational }: ModelShape): Omit<ModelSpec, 'shape'> {
  const block = { bias: true, activation: 'relu' } as const;
  const depth = halvings(imageSize, 4);
  const dense = (units: number): DenseSpec => ({ kind: 'dense', units, parts: 1, activation: 'relu' });
  const repeated = (kind: ConvSpec['kind'], times: number): ConvSpec[] =>
    Array.from({ length: times }, () => conv(kind, 32, block));
  return {
    encoder: [...repeated('conv', depth), dense(256), dense(256), posterior(latentDim, variational)],
    decoder: [
      dense(256),
      dense(256),
      dense(4 * 4 * 32),
      { kind: 'reshape', to: [4, 4, 32] },
      ...repeated('conv-transpose', depth - 1),
      conv('conv-transpose', channels, { bias: true }),
    ],
    output: variational ? 'sigmoid' : 'linear',
  };
}

/** The encoder's last layer: mu and logVar, each initialised as a separate layer; for an AE only the code. */
function posterior(latentDim: number, variational: boolean): DenseSpec {
  const parts = variational ? 2 : 1;
  return { kind: 'dense', units: parts * latentDim, parts, activation: 'linear' };
}

const architectures: Record<ArchitectureName, (shape: ModelShape) => Omit<ModelSpec, 'shape'>> = {
  paper,
  burgess,
};

/** The layers of an architecture at given sizes. */
export function describeModel(shape: ModelShape): ModelSpec {
  const { encoder, decoder, output } = architectures[shape.architecture](shape);
  if (!shape.conditionWidth) return { shape, encoder, decoder, output };
  // The condition is appended to the encoder's last features and to z (Sohn et al. 2015).
  const append = { kind: 'append', width: shape.conditionWidth } as const;
  return {
    shape,
    encoder: [...encoder.slice(0, -1), append, ...encoder.slice(-1)],
    decoder: [append, ...decoder],
    output,
  };
}

/** A layer with its input and output sizes, and its name, which is the prefix of its weights in files. */
export interface PlannedLayer {
  readonly name: string;
  readonly spec: LayerSpec;
  readonly input: Volume;
  readonly output: Volume;
}

/** Computes the sizes and names of a network's layers. Names are `encoder.0`, `encoder.1`, … */
export function planLayers(network: string, specs: readonly LayerSpec[], input: Volume): PlannedLayer[] {
  let current = input;
  return specs.map((spec, index) => {
    const layer = { name: `${network}.${index}`, spec, input: current, output: outputOf(spec, current) };
    current = layer.output;
    return layer;
  });
}

function outputOf(spec: LayerSpec, [height, width, channels]: Volume): Volume {
  if (spec.kind === 'dense') return [1, 1, spec.units];
  if (spec.kind === 'reshape') return spec.to;
  if (spec.kind === 'append') return [1, 1, height * width * channels + spec.width];
  if (spec.kind === 'activation') return [height, width, channels];
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
