import { UnravelError, type Remedy } from '../../../contract/errors.ts';
import { isInResidual, type NetworkLayer } from '../../../contract/network.ts';
import type { WeightFile } from '../../files/weight-file.ts';
import type { HostTensor } from '../../files/safetensors.ts';
import { planLayers, type Volume } from '../architecture.ts';
import { elements } from '../weights.ts';
import type { MappedLayer } from './mapping.ts';

/** Maximum number of values in the result of a layer for one image. */
const MOST_VALUES = 1 << 24;
/** Maximum number of parameters of a model: 256 MB of float32. */
const MOST_PARAMETERS = 1 << 26;

/** A layer with weights, as long as a batch norm or a change of order may still be applied to it. */
interface Weighted {
  readonly kind: 'conv' | 'conv-transpose' | 'dense';
  readonly data: Float32Array;
  readonly bias: Float32Array;
  /** For a transposed convolution, the number of channels that come in. */
  readonly inner: number;
  /** Whether an activation function was applied to its result. */
  isActivated: boolean;
}

/** Reads the weights of a file once each, and remembers which ones were used. */
export class WeightReader {
  readonly used = new Set<string>();
  readonly #file: WeightFile;
  #parameters = 0;

  constructor(file: WeightFile) {
    this.#file = file;
  }

  refuse(what: string, hint = 'The file is damaged, or its model has other layers.', remedy?: Remedy): never {
    const { path } = this.#file;
    throw new UnravelError('bad-input', `Could not open ${path}: ${what}.`, {
      path,
      hint,
      ...(remedy && { remedy }),
    });
  }

  has(name: string): boolean {
    return this.#file.shapes.has(name);
  }

  /** @returns the shape of a weight, which must exist */
  shape(name: string): readonly number[] {
    return this.#file.shapes.get(name) ?? this.refuse(`the weight ${name} is missing`);
  }

  /** Reads a weight and checks its numbers. */
  async read(name: string): Promise<Float32Array> {
    this.#parameters += elements(this.shape(name));
    if (this.#parameters > MOST_PARAMETERS) {
      this.refuse(
        `it has more than ${MOST_PARAMETERS.toLocaleString('en')} parameters`,
        'Choose a smaller model.',
      );
    }
    const data = await this.#file.read(name);
    this.used.add(name);
    if (!data.every(Number.isFinite)) {
      this.refuse(
        `${name} holds values that are not numbers`,
        'Its training diverged, or the file is damaged. Take an earlier copy.',
      );
    }
    return data;
  }

  /** Reads a vector of a known length. */
  async vector(name: string, length: number): Promise<Float32Array> {
    const shape = this.shape(name);
    if (elements(shape) !== length) {
      this.refuse(`its weight ${name} is [${shape.join(', ')}] instead of [${length}]`);
    }
    return this.read(name);
  }

  /** A vector, or one that is filled with a number where the file has none. */
  vectorOr(name: string, length: number, value: number): Promise<Float32Array> {
    return this.has(name) ? this.vector(name, length) : Promise.resolve(new Float32Array(length).fill(value));
  }
}

/**
 * Builds one network, layer by layer, of a mapping in PyTorch's terms: converts weights to TensorFlow's layouts, folds batch
 * norms into the layers before them, and puts channels last.
 */
export class NetworkBuilder {
  readonly layers: NetworkLayer[] = [];
  readonly weights = new Map<string, HostTensor>();
  /** The name in the file of each weight of {@link weights}. */
  readonly sources = new Map<string, string>();
  #volume: Volume;
  #weighted: Weighted | undefined;
  readonly #network: string;
  readonly #reader: WeightReader;

  /** @param network - the beginning of its weights' names: `encoder`, `decoder` */
  constructor(network: string, input: Volume, reader: WeightReader) {
    this.#network = network;
    this.#volume = input;
    this.#reader = reader;
  }

  /** The size of the last layer's result. */
  get volume(): Volume {
    return this.#volume;
  }

  async add(layer: MappedLayer): Promise<void> {
    switch (layer.layer) {
      case 'conv':
      case 'conv-transpose':
        return this.#addConv(layer);
      case 'dense':
        return this.addDense([layer.weights]);
      case 'batch-norm':
        return this.#foldNorm(layer.weights, layer.epsilon);
      case 'reshape': {
        this.#reshape(layer.to);
        return;
      }
      case 'residual':
        return this.#addResidual(layer.layers);
      case 'upsample': {
        const [height, width] = this.#volume;
        this.resize([height * layer.factor, width * layer.factor], 'nearest');
        return;
      }
      case 'flatten':
        // A dense layer flattens its input itself.
        return;
      case 'leaky-relu':
        this.#activate('leaky-relu', layer.slope);
        return;
      case 'relu':
      case 'tanh':
      case 'sigmoid':
      case 'silu':
      case 'elu':
        this.#activate(layer.layer);
    }
  }

  /** Changes the size of an image. */
  resize(to: readonly [number, number], method: 'bilinear' | 'nearest'): void {
    this.#push({ kind: 'resize', to: [to[0], to[1]], method });
    this.#weighted = undefined;
  }

  /**
   * Adds fully connected layers side by side, such as those of mu and logVar.
   *
   * @param order - for each unit, which one of the file's it is; by default the file's own order
   */
  async addDense(names: readonly string[], order?: (units: number) => readonly number[]): Promise<void> {
    const fanIn = elements(this.#volume);
    const parts: { readonly units: number; readonly data: Float32Array; readonly bias: Float32Array }[] = [];
    for (const name of names) {
      const shape = this.#reader.shape(`${name}.weight`);
      const [units = 0] = shape;
      // A convolution over the whole of its input is a dense layer.
      if (shape.length < 2 || elements(shape.slice(1)) !== fanIn) {
        this.#reader.refuse(
          `its weight ${name}.weight is [${shape.join(', ')}], and takes other than the ${fanIn} numbers that the layer before gives`,
        );
      }
      parts.push({
        units,
        data: await this.#reader.read(`${name}.weight`),
        bias: await this.#reader.vectorOr(`${name}.bias`, units, 0),
      });
    }
    const units = parts.reduce((sum, part) => sum + part.units, 0);
    const from = channelsLast(this.#volume);
    const matrix = new Float32Array(fanIn * units);
    const bias = new Float32Array(units);
    let first = 0;
    for (const part of parts) {
      const to = order?.(part.units) ?? Array.from({ length: part.units }, (_, i) => i);
      for (let o = 0; o < part.units; o++) {
        const row = to[o]! * fanIn;
        bias[first + o] = part.bias[to[o]!]!;
        for (let i = 0; i < fanIn; i++) matrix[i * units + first + o] = part.data[row + from[i]!]!;
      }
      first += part.units;
    }
    const index = this.layers.length;
    this.#push({ kind: 'dense', units, parts: names.length === 2 || order ? 2 : 1, activation: 'linear' });
    this.#keep(index, 'matrix', [fanIn, units], matrix, bias, names[0]!);
    this.#weighted = { kind: 'dense', data: matrix, bias, inner: 1, isActivated: false };
  }

  async #addResidual(mapped: readonly MappedLayer[]): Promise<void> {
    const block = new NetworkBuilder(`${this.#network}.${this.layers.length}`, this.#volume, this.#reader);
    for (const layer of mapped) await block.add(layer);
    const layers = block.layers.filter((layer) => isInResidual(layer));
    if (layers.length < block.layers.length || block.volume.join() !== this.#volume.join()) {
      this.#reader.refuse(
        `a residual block of its ${this.#network} gives ${block.volume.join('×')} for ${this.#volume.join('×')}, or has other layers than convolutions and activation functions`,
      );
    }
    this.#push({ kind: 'residual', layers, activation: 'linear' });
    for (const [name, weight] of block.weights) this.weights.set(name, weight);
    for (const [name, source] of block.sources) this.sources.set(name, source);
    this.#weighted = undefined;
  }

  async #addConv(layer: MappedLayer & { layer: 'conv' | 'conv-transpose' }): Promise<void> {
    const { weights: name, stride, padding } = layer;
    const kind = layer.layer;
    const shape = this.#reader.shape(`${name}.weight`);
    const [a = 0, b = 0, kernel = 0, width] = shape;
    const [from, filters] = kind === 'conv' ? [b, a] : [a, b];
    if (shape.length !== 4 || kernel !== width) {
      this.#reader.refuse(
        `its weight ${name}.weight is [${shape.join(', ')}], which is no square filter of a convolution`,
      );
    }
    if (from !== this.#volume[2]) {
      this.#reader.refuse(
        `its weight ${name}.weight is [${shape.join(', ')}] and takes ${from} channels, but the layer before gives ${this.#volume[2]}`,
      );
    }
    const outputPadding = layer.layer === 'conv-transpose' ? layer.outputPadding : 0;
    if (outputPadding >= stride && outputPadding > 0) {
      this.#reader.refuse(`the output padding of ${name} is not smaller than its stride`);
    }
    const index = this.layers.length;
    this.#push({
      kind,
      filters,
      kernel,
      stride,
      padding: padding === 0 && outputPadding === 0 ? 'valid' : padding,
      ...(outputPadding > 0 ? { outputPadding } : {}),
      bias: true,
      batchNorm: false,
      activation: 'linear',
    });
    const data = await this.#reader.read(`${name}.weight`);
    const bias = new Float32Array(await this.#reader.vectorOr(`${name}.bias`, filters, 0));
    // PyTorch: [a, b, y, x]; TensorFlow: [y, x, b, a], for both kinds of convolution, with a and b exchanged.
    const filter = new Float32Array(data.length);
    const area = kernel * kernel;
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) {
        for (let p = 0; p < area; p++) filter[(p * b + j) * a + i] = data[(i * b + j) * area + p]!;
      }
    }
    this.#keep(index, 'filter', [kernel, kernel, b, a], filter, bias, name);
    const inner = kind === 'conv' ? 1 : from;
    this.#weighted = { kind, data: filter, bias, inner, isActivated: false };
  }

  /** A factor of scale/√(variance + ε) for each channel, and a bias. */
  async #foldNorm(name: string, epsilon: number): Promise<void> {
    const weighted = this.#weighted;
    if (!weighted || weighted.isActivated) {
      return this.#reader.refuse(
        `the batch norm ${name} does not directly follow a layer with weights`,
        'Only such batch norms are supported.',
      );
    }
    const channels = this.#volume[2];
    const scale = await this.#reader.vectorOr(`${name}.weight`, channels, 1);
    const offset = await this.#reader.vectorOr(`${name}.bias`, channels, 0);
    const mean = await this.#reader.vector(`${name}.running_mean`, channels);
    const variance = await this.#reader.vector(`${name}.running_var`, channels);
    if (variance.some((value) => value < 0 || value + epsilon === 0)) {
      this.#reader.refuse(`${name}.running_var holds values that are no variances`);
    }
    const { data, bias, inner } = weighted;
    const factor = Float64Array.from(scale, (s, c) => s / Math.sqrt(variance[c]! + epsilon));
    for (let i = 0; i < data.length; i++) data[i]! *= factor[Math.floor(i / inner) % channels]!;
    for (let i = 0; i < bias.length; i++) {
      const c = i % channels;
      bias[i] = offset[c]! + (bias[i]! - mean[c]!) * factor[c]!;
    }
  }

  #activate(activation: 'relu' | 'leaky-relu' | 'tanh' | 'sigmoid' | 'elu' | 'silu', slope?: number): void {
    const last = this.layers.at(-1);
    const weighted = this.#weighted;
    const takesRelu = last?.kind === 'conv' || last?.kind === 'conv-transpose' || last?.kind === 'dense';
    if (activation === 'relu' && weighted?.isActivated === false && takesRelu) {
      this.layers[this.layers.length - 1] = { ...last, activation };
    } else {
      this.#push({ kind: 'activation', activation, ...(slope === undefined ? {} : { slope }) });
    }
    if (weighted) weighted.isActivated = true;
  }

  /** @param to - `[channels, height, width]` */
  #reshape([channels, height, width]: readonly [number, number, number]): void {
    const to: Volume = [height, width, channels];
    if (elements(to) !== elements(this.#volume)) {
      this.#reader.refuse(
        `${elements(this.#volume)} numbers cannot be arranged as ${channels} channels of ${height}×${width}`,
      );
    }
    if (height * width > 1) this.#reorder(channelsLast(to));
    this.#push({ kind: 'reshape', to: [height, width, channels] });
  }

  /** Puts the units of the last dense layer in another order: activation functions do not depend on it. */
  #reorder(order: readonly number[]): void {
    const weighted = this.#weighted;
    if (weighted?.kind !== 'dense') {
      return this.#reader.refuse(
        'numbers that no dense layer gives are arranged as an image',
        'Only the result of a dense layer can be reshaped.',
      );
    }
    const { data, bias } = weighted;
    const units = order.length;
    for (let start = 0; start < data.length; start += units) {
      const row = data.slice(start, start + units);
      for (let i = 0; i < units; i++) data[start + i] = row[order[i]!]!;
    }
    const old = bias.slice();
    for (let i = 0; i < units; i++) bias[i] = old[order[i]!]!;
  }

  #push(layer: NetworkLayer): void {
    const [planned] = planLayers(this.#network, [layer], this.#volume);
    const { output } = planned!;
    if (!output.every((n) => Number.isInteger(n) && n > 0) || elements(output) > MOST_VALUES) {
      this.#reader.refuse(
        `a layer of its ${this.#network} gives images of ${output.join('×')}, which cannot be`,
      );
    }
    this.layers.push(layer);
    this.#volume = output;
  }

  #keep(
    index: number,
    part: 'matrix' | 'filter',
    shape: readonly number[],
    data: Float32Array,
    bias: Float32Array,
    source: string,
  ): void {
    const name = `${this.#network}.${index}`;
    this.weights.set(`${name}.${part}`, { shape, data });
    this.weights.set(`${name}.bias`, { shape: [bias.length], data: bias });
    this.sources.set(`${name}.${part}`, `${source}.weight`);
    this.sources.set(`${name}.bias`, `${source}.bias`);
  }
}

/** For each index of a volume with channels last, its index with channels first. */
export function channelsLast([height, width, channels]: Volume): number[] {
  const area = height * width;
  return Array.from({ length: area * channels }, (_, k) => (k % channels) * area + Math.floor(k / channels));
}
