import { UnravelError } from '../../contract/errors.ts';
import type { PageActivation, PageLayer } from '../../contract/page.ts';
import {
  planModel,
  type Activation,
  type ConvSpec,
  type ModelSpec,
  type PlannedLayer,
} from '../models/architecture.ts';
import { foldNorm, numbers } from '../models/fold-norm.ts';
import { slope } from '../models/layers/activation.ts';
import { paddingOf } from '../models/padding.ts';
import { elements, type Statistics, type Weights } from '../models/weights.ts';
import { floatToHalf } from '../files/safetensors.ts';

/** The decoder as an exported page computes it. */
export interface PageDecoder {
  readonly layers: readonly PageLayer[];
  /** The layers' matrices, half precision, little-endian. */
  readonly weights: Uint8Array;
}

function pageActivation(activation: Activation): PageActivation {
  if (activation === 'silu' || activation === 'tanh') return activation;
  return activation === 'linear' ? 1 : slope[activation];
}

/** Writes a matrix as half precision, divided by its largest number, so that none is too large or too small for it. */
function packHalves(matrix: Float32Array): { readonly scale: number; readonly halves: Uint16Array } {
  let most = 0;
  for (const value of matrix) most = Math.max(most, Math.abs(value));
  const scale = most > 0 ? most : 1;
  return { scale, halves: Uint16Array.from(matrix, (value) => floatToHalf(value / scale)) };
}

/** `[k, k, out, in]` as `[in, k, k, out]`. */
function inputsFirst(filter: Float32Array, inputs: number): Float32Array {
  const rows = filter.length / inputs;
  const turned = new Float32Array(filter.length);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < inputs; i++) turned[i * rows + row] = filter[row * inputs + i]!;
  return turned;
}

interface Matrix {
  readonly layer: PageLayer;
  /** Left out for layers without weights. */
  readonly halves?: Uint16Array;
}

function convMatrix(layer: PlannedLayer, spec: ConvSpec, weights: Weights, statistics: Statistics): Matrix {
  const { input, output } = layer;
  const { kind, kernel, stride, activation } = spec;
  const { filter, bias } = foldNorm(layer, spec, weights, statistics);
  const isTransposed = kind === 'conv-transpose';
  const { scale, halves } = packHalves(isTransposed ? inputsFirst(filter, input[2]) : filter);
  const large = isTransposed ? output : input;
  const padding = [paddingOf(spec, large[0]).begin, paddingOf(spec, large[1]).begin] as const;
  const common = { kind, input, output, kernel, stride, padding, scale };
  return { layer: { ...common, bias: [...bias], activation: pageActivation(activation) }, halves };
}

function matricesOf(layer: PlannedLayer, weights: Weights, statistics: Statistics): Matrix[] {
  const { spec, name, input, output } = layer;
  switch (spec.kind) {
    case 'conv':
    case 'conv-transpose':
      return [convMatrix(layer, spec, weights, statistics)];
    case 'dense': {
      const { scale, halves } = packHalves(numbers(weights, `${name}.matrix`));
      const bias = [...numbers(weights, `${name}.bias`)];
      const flat = [1, 1, elements(input)] as const;
      const none = { kernel: 1, stride: 1, padding: [0, 0] as const };
      const activation = pageActivation(spec.activation);
      return [{ layer: { kind: 'dense', input: flat, output, ...none, scale, bias, activation }, halves }];
    }
    case 'append':
      return [{ layer: { kind: 'append' } }];
    case 'reshape':
      // Numbers stay in their order.
      return [];
    case 'residual':
      return [
        { layer: { kind: 'keep' } },
        ...joinActivations(layer.inner).flatMap((each) => matricesOf(each, weights, statistics)),
        { layer: { kind: 'add', activation: pageActivation(spec.activation) } },
      ];
    case 'resize': {
      const times = output[0] / input[0];
      if (spec.method === 'nearest' && Number.isInteger(times))
        return [{ layer: { kind: 'repeat', input, times } }];
      throw notInPages('changes of size');
    }
    case 'activation':
      throw notInPages(spec.activation);
  }
}

/** Joins activations that are layers of their own to the layers before them, where these have none. */
function joinActivations(planned: readonly PlannedLayer[]): PlannedLayer[] {
  const joined: PlannedLayer[] = [];
  for (const layer of planned) {
    const last = joined.at(-1);
    const isJoined = last && 'activation' in last.spec && last.spec.activation === 'linear';
    const { spec } = layer;
    if (
      spec.kind === 'activation' &&
      (spec.activation === 'relu' || spec.activation === 'silu' || spec.activation === 'tanh') &&
      isJoined
    ) {
      joined[joined.length - 1] = { ...last, spec: { ...last.spec, activation: spec.activation } };
    } else joined.push(layer);
  }
  return joined;
}

function notInPages(what: string): UnravelError {
  return new UnravelError('bad-input', `The decoder has ${what}, which a web page cannot compute.`, {
    hint: 'Export the model as ONNX instead.',
  });
}

/**
 * Turns a decoder into products of matrices, with batch norms folded into them.
 *
 * @throws UnravelError `bad-input` for a model from elsewhere that has other layers
 * @throws Error if a weight is missing
 */
export function pageDecoder(spec: ModelSpec, weights: Weights, statistics: Statistics): PageDecoder {
  if (spec.range === 'signed') throw notInPages('images in [−1, 1]');
  const matrices = joinActivations(planModel(spec).decoder).flatMap((layer) =>
    matricesOf(layer, weights, statistics),
  );
  return {
    layers: matrices.map(({ layer }) => layer),
    weights: Buffer.concat(matrices.flatMap(({ halves }) => (halves ? [littleEndian(halves)] : []))),
  };
}

function littleEndian(halves: Uint16Array): Buffer {
  const bytes = Buffer.alloc(halves.length * 2);
  for (let i = 0; i < halves.length; i++) bytes.writeUInt16LE(halves[i]!, i * 2);
  return bytes;
}
