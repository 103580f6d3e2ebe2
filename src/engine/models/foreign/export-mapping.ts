import type { HostTensor } from '../../files/safetensors.ts';
import {
  planModel,
  type Activation,
  type ActivationSpec,
  type ConvSpec,
  type ModelSpec,
  type PlannedLayer,
  type ResidualSpec,
} from '../architecture.ts';
import { foldNorm, numbers } from '../fold-norm.ts';
import { slope } from '../layers/activation.ts';
import { LATENT_VALUES, latentSlots, elements, type Statistics, type Weights } from '../weights.ts';
import type { MappedLayer, MappingFile } from './mapping.ts';

/** A model in PyTorch's layouts, and the mapping file that describes it. */
export interface TorchModel {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly mapping: MappingFile;
}

/** The index of each number of a volume, in PyTorch's order, where it is with the channels last. */
function channelsLast([height, width, channels]: readonly [number, number, number]): number[] {
  const order: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < height * width; p++) order.push(p * channels + c);
  }
  return order;
}

/** `[y, x, b, a]` to PyTorch's `[a, b, y, x]`, for both kinds of convolution. */
function torchFilter(data: Float32Array, [area, b, a]: readonly [number, number, number]): Float32Array {
  const filter = new Float32Array(data.length);
  for (let p = 0; p < area; p++) {
    for (let j = 0; j < b; j++) {
      for (let i = 0; i < a; i++) filter[(i * b + j) * area + p] = data[(p * b + j) * a + i]!;
    }
  }
  return filter;
}

/** Writes the layers of one network, in order. */
class Writer {
  readonly tensors: Map<string, HostTensor>;
  readonly layers: MappedLayer[] = [];
  readonly #weights: Weights;
  readonly #statistics: Statistics;

  constructor(weights: Weights, statistics: Statistics, tensors = new Map<string, HostTensor>()) {
    this.#weights = weights;
    this.#statistics = statistics;
    this.tensors = tensors;
  }

  residual(layer: PlannedLayer, { activation }: ResidualSpec): void {
    const block = new Writer(this.#weights, this.#statistics, this.tensors);
    writeLayers(layer.inner, block);
    const layers = block.layers.filter((each) => each.layer !== 'residual');
    this.layers.push({ layer: 'residual', layers });
    this.activation(activation);
  }

  conv(layer: PlannedLayer, spec: ConvSpec): void {
    const { name } = layer;
    const { kind, kernel, stride, padding } = spec;
    const { filter, bias } = foldNorm(layer, spec, this.#weights, this.#statistics);
    const [from, to] = [layer.input[2], layer.output[2]];
    const [b, a] = kind === 'conv' ? [from, to] : [to, from];
    this.#put(name, [a, b, kernel, kernel], torchFilter(filter, [kernel * kernel, b, a]), bias);
    const common = { weights: name, stride, padding: padding === 'valid' ? 0 : padding };
    this.layers.push(
      kind === 'conv'
        ? { layer: kind, ...common }
        : { layer: kind, ...common, outputPadding: spec.outputPadding ?? 0 },
    );
    this.activation(spec.activation);
  }

  /**
   * @param order - for each unit in PyTorch, which one of the layer's it is
   * @returns the name of its weights
   */
  dense({ name, input, output }: PlannedLayer, order?: readonly number[]): string {
    const units = output[2];
    const matrix = numbers(this.#weights, `${name}.matrix`);
    const own = numbers(this.#weights, `${name}.bias`);
    const fanIn = elements(input);
    const from = channelsLast(input);
    const weight = new Float32Array(matrix.length);
    const bias = new Float32Array(units);
    for (let o = 0; o < units; o++) {
      const unit = order?.[o] ?? o;
      bias[o] = own[unit]!;
      for (let i = 0; i < fanIn; i++) weight[o * fanIn + i] = matrix[from[i]! * units + unit]!;
    }
    this.#put(name, [units, fanIn], weight, bias);
    return name;
  }

  activation(activation: Activation): void {
    if (activation === 'linear') return;
    if (activation === 'relu' || activation === 'silu' || activation === 'tanh')
      this.layers.push({ layer: activation });
    else this.layers.push({ layer: 'leaky-relu', slope: slope[activation] });
  }

  ownActivation({ activation, slope: own = 0 }: ActivationSpec): void {
    if (activation === 'leaky-relu') this.layers.push({ layer: activation, slope: own });
    else this.layers.push({ layer: activation });
  }

  #put(name: string, shape: readonly number[], data: Float32Array, bias: Float32Array): void {
    this.tensors.set(`${name}.weight`, { shape, data });
    this.tensors.set(`${name}.bias`, { shape: [bias.length], data: bias });
  }
}

/** The order of a dense layer's units, if its result becomes an image. */
function orderOfUnits(layers: readonly PlannedLayer[], at: number): number[] | undefined {
  for (const { spec } of layers.slice(at + 1)) {
    if (spec.kind === 'activation') continue;
    return spec.kind === 'reshape' ? channelsLast(spec.to) : undefined;
  }
  return undefined;
}

function writeLayers(layers: readonly PlannedLayer[], writer: Writer): void {
  layers.forEach((layer, at) => {
    const { spec, input, output } = layer;
    switch (spec.kind) {
      case 'conv':
      case 'conv-transpose':
        writer.conv(layer, spec);
        return;
      case 'dense':
        writer.layers.push({ layer: 'dense', weights: writer.dense(layer, orderOfUnits(layers, at)) });
        writer.activation(spec.activation);
        return;
      case 'reshape': {
        const [height, width, channels] = spec.to;
        writer.layers.push({ layer: 'reshape', to: [channels, height, width] });
        return;
      }
      case 'activation':
        writer.ownActivation(spec);
        return;
      case 'resize':
        writer.layers.push({ layer: 'upsample', factor: output[0] / input[0] });
        return;
      case 'residual':
        writer.residual(layer, spec);
        return;
      case 'append':
        throw new RangeError('A conditional model has no mapping.');
    }
  });
}

/**
 * A model in inference as PyTorch's layers, with batch norms folded, and its mapping file.
 *
 * @throws RangeError for a conditional model, which a mapping cannot describe
 */
export function torchModel(
  spec: ModelSpec,
  weights: Weights,
  statistics: Statistics,
  name: string,
): TorchModel {
  const { imageSize, channels, variational } = spec.shape;
  const planned = planModel(spec);
  // A model from elsewhere of another size of images begins and ends with a change of size.
  const [first] = planned.encoder;
  const isResized = first?.spec.kind === 'resize' && first.spec.method === 'bilinear';
  const size = isResized ? first.output[0] : imageSize;
  const posterior = planned.encoder.at(-1)!;

  const encoder = new Writer(weights, statistics);
  writeLayers(planned.encoder.slice(isResized ? 1 : 0, -1), encoder);
  const both = encoder.dense(posterior);
  const decoder = new Writer(weights, statistics);
  writeLayers(isResized ? planned.decoder.slice(0, -1) : planned.decoder, decoder);
  if (spec.output === 'sigmoid') decoder.layers.push({ layer: 'sigmoid' });
  const latent = latentSlots(spec).map(({ name: slot }) => [slot, weights.get(slot)!] as const);
  return {
    tensors: new Map([...encoder.tensors, ...decoder.tensors, ...latent]),
    mapping: {
      name,
      image: { size, channels, range: spec.range === 'signed' ? '-1..1' : '0..1' },
      encoder: encoder.layers,
      posterior: variational
        ? { both, order: 'halves' }
        : { code: both, ...(latent.length > 0 ? { values: LATENT_VALUES } : {}) },
      decoder: decoder.layers,
    },
  };
}
