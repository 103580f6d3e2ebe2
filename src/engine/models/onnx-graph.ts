import {
  OnnxType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from '../files/onnx-messages.ts';
import {
  planModel,
  type Activation,
  type ActivationSpec,
  type ConvSpec,
  type ModelSpec,
  type PlannedLayer,
  type ResizeSpec,
} from './architecture.ts';
import { foldNorm, numbers } from './fold-norm.ts';
import { slope } from './layers/activation.ts';
import { LatentValues } from './latent-values.ts';
import { paddingOf } from './padding.ts';
import { elements, type Statistics, type Weights } from './weights.ts';

/** The inputs and outputs of the graphs. Shapes are those of PyTorch and ONNX, with the channels before the pixels. */
export const OnnxName = {
  image: 'image',
  z: 'z',
  mu: 'mu',
  logVar: 'log_var',
  condition: 'condition',
} as const;

/** The size that a graph leaves open: the number of images. */
const BATCH = 'n';

/** A graph in the making: a sequence of nodes, each of which works on the result of the last one. */
class GraphBuilder {
  readonly #node: OnnxNode[] = [];
  readonly #initializer: OnnxTensor[] = [];
  /** The name of the last result. */
  #last: string;

  /** @param input - the name of the graph's first input */
  constructor(input: string) {
    this.#last = input;
  }

  /** Adds a node after the last one. */
  then(
    name: string,
    opType: string,
    constants: readonly string[] = [],
    attribute: readonly OnnxAttribute[] = [],
  ): void {
    const [input, output] = [[this.#last, ...constants], [name]];
    this.#node.push({ opType, name, input, output, attribute });
    this.#last = name;
  }

  /** Adds the result of further nodes to the last result. */
  residual(name: string, addNodes: () => void): void {
    const before = this.#last;
    addNodes();
    this.then(name, 'Add', [before]);
  }

  /** Multiplies the last result by its own sigmoid. */
  gate(name: string): void {
    const before = this.#last;
    this.then(`${name}.sigmoid`, 'Sigmoid');
    this.then(name, 'Mul', [before]);
  }

  /** Takes the numbers of a constant at the places that the last result names. */
  gather(name: string, constant: string): void {
    this.#node.push({
      opType: 'Gather',
      name,
      input: [constant, this.#last],
      output: [name],
      attribute: [whole('axis', 0)],
    });
    this.#last = name;
  }

  /** Divides the last result into equal parts of its second axis, the last of which becomes the last result. */
  split(outputs: readonly string[], size: number): void {
    const sizes = this.wholes('split', Array<number>(outputs.length).fill(size));
    const attribute = [whole('axis', 1)];
    this.#node.push({
      opType: 'Split',
      name: 'split',
      input: [this.#last, sizes],
      output: outputs,
      attribute,
    });
    this.#last = outputs.at(-1)!;
  }

  /** @returns the constant's name */
  reals(name: string, dims: readonly number[], data: Float32Array): string {
    return this.#constant({ name, dims, dataType: OnnxType.float, rawData: bytesOf(data) });
  }

  /** @returns the constant's name */
  wholes(name: string, data: readonly number[]): string {
    const rawData = bytesOf(BigInt64Array.from(data, BigInt));
    return this.#constant({ name, dims: [data.length], dataType: OnnxType.int64, rawData });
  }

  build(name: string, input: readonly OnnxValue[], output: readonly OnnxValue[]): OnnxGraph {
    return { name, node: this.#node, initializer: this.#initializer, input, output };
  }

  #constant(tensor: OnnxTensor): string {
    this.#initializer.push(tensor);
    return tensor.name;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function whole(name: string, i: number): OnnxAttribute {
  return { name, type: 2, i };
}

function word(name: string, s: string): OnnxAttribute {
  return { name, type: 3, s: Buffer.from(s) };
}

function real(name: string, f: number): OnnxAttribute {
  return { name, type: 1, f };
}

function wholesAttribute(name: string, ints: readonly number[]): OnnxAttribute {
  return { name, type: 7, ints };
}

/**
 * Swaps axes of a filter: `[a, b, c, d]` becomes `[d, c, a, b]`, which makes of TensorFlow's `[k, k, in, out]` ONNX's
 * `[out, in, k, k]`, and of a transposed convolution's `[k, k, out, in]` ONNX's `[in, out, k, k]`.
 */
function swapFilter(
  data: Float32Array,
  [a, b, c, d]: readonly [number, number, number, number],
): Float32Array {
  const swapped = new Float32Array(data.length);
  let at = 0;
  for (let l = 0; l < d; l++)
    for (let k = 0; k < c; k++)
      for (let i = 0; i < a; i++)
        for (let j = 0; j < b; j++) swapped[at++] = data[((i * b + j) * c + k) * d + l]!;
  return swapped;
}

function addActivation(graph: GraphBuilder, name: string, activation: Activation): void {
  if (activation === 'linear') return;
  if (activation === 'relu') graph.then(`${name}.relu`, 'Relu');
  else if (activation === 'silu') graph.gate(`${name}.silu`);
  else if (activation === 'tanh') graph.then(`${name}.tanh`, 'Tanh');
  else graph.then(`${name}.leaky_relu`, 'LeakyRelu', [], [real('alpha', slope[activation])]);
}

/** An activation function of a network from elsewhere. */
function addOwnActivation(
  graph: GraphBuilder,
  name: string,
  { activation, slope: alpha = 0 }: ActivationSpec,
): void {
  if (activation === 'leaky-relu') graph.then(name, 'LeakyRelu', [], [real('alpha', alpha)]);
  else if (activation === 'silu') graph.gate(name);
  else graph.then(name, { relu: 'Relu', tanh: 'Tanh', sigmoid: 'Sigmoid', elu: 'Elu' }[activation]);
}

/** Resizes as TensorFlow does with the centres of pixels at halves; nearest pixels are only repeated whole times. */
function addResize(graph: GraphBuilder, { name, input, output }: PlannedLayer, { method }: ResizeSpec): void {
  const isBilinear = method === 'bilinear';
  const scales = graph.reals(
    `${name}.scales`,
    [4],
    Float32Array.of(1, 1, output[0] / input[0], output[1] / input[1]),
  );
  graph.then(
    name,
    'Resize',
    ['', scales],
    [
      word('mode', isBilinear ? 'linear' : 'nearest'),
      word('coordinate_transformation_mode', isBilinear ? 'half_pixel' : 'asymmetric'),
      ...(isBilinear ? [] : [word('nearest_mode', 'floor')]),
    ],
  );
}

function addConv(
  graph: GraphBuilder,
  layer: PlannedLayer,
  spec: ConvSpec,
  weights: Weights,
  statistics: Statistics,
): void {
  const { name, input, output } = layer;
  const { kernel, stride } = spec;
  const { filter, bias } = foldNorm(layer, spec, weights, statistics);
  const isTransposed = spec.kind === 'conv-transpose';
  const [from, to] = [input[2], output[2]];
  const [third, fourth] = isTransposed ? [to, from] : [from, to];
  const swapped = swapFilter(filter, [kernel, kernel, third, fourth]);
  const large = isTransposed ? output : input;
  const [rows, columns] = [paddingOf(spec, large[0]), paddingOf(spec, large[1])];
  const reached = (size: number, { begin, end }: { begin: number; end: number }): number =>
    (size - 1) * stride + kernel - begin - end;
  graph.then(
    name,
    isTransposed ? 'ConvTranspose' : 'Conv',
    [
      graph.reals(`${name}.weight`, [fourth, third, kernel, kernel], swapped),
      graph.reals(`${name}.bias`, [to], bias),
    ],
    [
      wholesAttribute('kernel_shape', [kernel, kernel]),
      wholesAttribute('strides', [stride, stride]),
      wholesAttribute('pads', [rows.begin, columns.begin, rows.end, columns.end]),
      ...(isTransposed
        ? [
            wholesAttribute('output_padding', [
              output[0] - reached(input[0], rows),
              output[1] - reached(input[1], columns),
            ]),
          ]
        : []),
    ],
  );
  addActivation(graph, name, spec.activation);
}

/** Makes rows of volumes, in TensorFlow's order, in which the channels come last. */
function addFlatten(graph: GraphBuilder, { name, input }: PlannedLayer): void {
  if (elements(input) !== input[2]) {
    graph.then(`${name}.channels_last`, 'Transpose', [], [wholesAttribute('perm', [0, 2, 3, 1])]);
  }
  graph.then(`${name}.rows`, 'Reshape', [graph.wholes(`${name}.rows_shape`, [-1, elements(input)])]);
}

function addLayer(graph: GraphBuilder, layer: PlannedLayer, weights: Weights, statistics: Statistics): void {
  const { name, spec, input, output } = layer;
  switch (spec.kind) {
    case 'conv':
    case 'conv-transpose':
      addConv(graph, layer, spec, weights, statistics);
      return;
    case 'reshape': {
      const [height, width, channels] = spec.to;
      graph.then(`${name}.volumes`, 'Reshape', [
        graph.wholes(`${name}.volumes_shape`, [-1, height, width, channels]),
      ]);
      graph.then(name, 'Transpose', [], [wholesAttribute('perm', [0, 3, 1, 2])]);
      return;
    }
    case 'activation':
      addOwnActivation(graph, name, spec);
      return;
    case 'resize':
      addResize(graph, layer, spec);
      return;
    case 'residual':
      graph.residual(name, () => {
        for (const each of layer.inner) addLayer(graph, each, weights, statistics);
      });
      addActivation(graph, name, spec.activation);
      return;
    case 'append':
      addFlatten(graph, layer);
      graph.then(name, 'Concat', [OnnxName.condition], [whole('axis', 1)]);
      return;
    case 'dense':
      addFlatten(graph, layer);
      graph.then(name, 'Gemm', [
        graph.reals(`${name}.matrix`, [elements(input), output[2]], numbers(weights, `${name}.matrix`)),
        graph.reals(`${name}.bias`, [output[2]], numbers(weights, `${name}.bias`)),
      ]);
      addActivation(graph, name, spec.activation);
      return;
  }
}

/** Replaces each number by the nearest value of its dimension, the first of two that are equally near. */
function addQuantisation(graph: GraphBuilder, { data, latentDim, count }: LatentValues): void {
  graph.then('codes', 'Reshape', [graph.wholes('codes_shape', [-1, latentDim, 1])]);
  graph.then('differences', 'Sub', [graph.reals('values', [latentDim, count], data)]);
  graph.then('distances', 'Abs');
  graph.then('nearest', 'ArgMin', [], [whole('axis', 2), whole('keepdims', 0)]);
  // The place in all values of the first one of each dimension.
  const firsts = Array.from({ length: latentDim }, (_, l) => l * count);
  graph.then('places', 'Add', [graph.wholes('first_places', firsts)]);
  graph.gather(OnnxName.mu, graph.reals('all_values', [latentDim * count], data));
}

/** The graphs of a model. */
export interface OnnxModel {
  /**
   * `image` `[n, channels, size, size]` in [0, 1] → `mu` and, of a model with posteriors, `log_var`, `[n, latentDim]`;
   * the mu of a quantised model are its learned values.
   */
  readonly encoder: OnnxGraph;
  /** `z` `[n, latentDim]` → `image` `[n, channels, size, size]` in [0, 1]. */
  readonly decoder: OnnxGraph;
}

/**
 * The graphs of a model in inference, with batch norms folded. Those of a conditional model have a second input,
 * `condition` `[n, conditionWidth]`.
 *
 * @throws Error if a weight is missing
 */
export function onnxModel(spec: ModelSpec, weights: Weights, statistics: Statistics): OnnxModel {
  const { latentDim, imageSize, channels, variational, conditionWidth, deviation } = spec.shape;
  const planned = planModel(spec);
  const image: OnnxValue = { name: OnnxName.image, sizes: [BATCH, channels, imageSize, imageSize] };
  const row = (name: string, width: number): OnnxValue => ({ name, sizes: [BATCH, width] });
  const condition = conditionWidth ? [row(OnnxName.condition, conditionWidth)] : [];

  const encoder = new GraphBuilder(OnnxName.image);
  if (spec.range === 'signed') {
    encoder.then('doubled', 'Mul', [scalar(encoder, 'two', 2)]);
    encoder.then('signed', 'Sub', [scalar(encoder, 'one', 1)]);
  }
  for (const layer of planned.encoder) addLayer(encoder, layer, weights, statistics);
  const codes = variational ? [OnnxName.mu, OnnxName.logVar] : [OnnxName.mu];
  const values = LatentValues.of(spec, weights);
  if (values) addQuantisation(encoder, values);
  else if (variational && deviation === 'softplus') {
    encoder.split([OnnxName.mu, 's'], latentDim);
    encoder.then('exp', 'Exp');
    encoder.then('deviation', 'Softplus');
    encoder.then('log_deviation', 'Log');
    encoder.then(OnnxName.logVar, 'Mul', [scalar(encoder, 'square', 2)]);
  } else encoder.split(codes, latentDim);

  const decoder = new GraphBuilder(OnnxName.z);
  for (const layer of planned.decoder) addLayer(decoder, layer, weights, statistics);
  if (spec.range === 'signed') {
    decoder.then('from_zero', 'Add', [scalar(decoder, 'one', 1)]);
    decoder.then('halved', 'Mul', [scalar(decoder, 'half', 0.5)]);
  }
  if (spec.output === 'sigmoid') decoder.then(OnnxName.image, 'Sigmoid');
  else decoder.then(OnnxName.image, 'Clip', [scalar(decoder, 'lowest', 0), scalar(decoder, 'highest', 1)]);

  return {
    encoder: encoder.build(
      'encoder',
      [image, ...condition],
      codes.map((name) => row(name, latentDim)),
    ),
    decoder: decoder.build('decoder', [row(OnnxName.z, latentDim), ...condition], [image]),
  };
}

function scalar(graph: GraphBuilder, name: string, value: number): string {
  return graph.reals(name, [], Float32Array.of(value));
}
