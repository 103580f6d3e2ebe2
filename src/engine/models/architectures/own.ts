import type { OwnArchitecture, OwnLayer } from '../../../contract/architecture.ts';
import { UnravelError } from '../../../contract/errors.ts';
import {
  planLayers,
  type ConvSpec,
  type LayerSpec,
  type ModelShape,
  type Networks,
  type PlannedLayer,
  type Volume,
} from '../architecture.ts';
import { elements, weightSlots } from '../weights.ts';
import { posterior } from './layers.ts';

/** The most numbers that a layer gives for an image, and the most weights that it has. */
const MOST_VALUES = 1 << 24;
const MOST_WEIGHTS = 1 << 26;

/**
 * The networks of an architecture that a person describes, checked for these images.
 *
 * @throws UnravelError `bad-input` with the first layer that does not fit
 */
export function ownNetworks(architecture: OwnArchitecture, shape: ModelShape): Networks {
  const { imageSize, channels, latentDim, variational, conditionWidth = 0 } = shape;
  const image: Volume = [imageSize, imageSize, channels];
  const refuse = (problem: string): never => {
    throw new UnravelError('bad-input', `The architecture ${architecture.name} cannot be used: ${problem}.`, {
      hint: `Its decoder begins with ${latentDim + conditionWidth} numbers and must end with ${image.join('×')}. docs/models.md describes the format.`,
    });
  };
  const encoder = build('encoder', architecture.encoder, image, channels, refuse);
  const code: Volume = [1, 1, latentDim + conditionWidth];
  const decoder = build('decoder', architecture.decoder, code, channels, refuse);
  const end = planLayers('decoder', decoder, code).at(-1)!.output;
  if (end.join() !== image.join()) {
    refuse(`its decoder ends with ${end.join('×')}, and the images are ${image.join('×')}`);
  }
  return {
    encoder: [...encoder, posterior(latentDim, variational)],
    decoder,
    output: variational ? 'sigmoid' : 'linear',
  };
}

/** Turns the description of a network into layers, of which each is checked. */
function build(
  network: 'encoder' | 'decoder',
  layers: readonly OwnLayer[],
  input: Volume,
  channels: number,
  refuse: (problem: string) => never,
): LayerSpec[] {
  let current = input;
  let before: LayerSpec['kind'] | undefined = network === 'decoder' ? 'dense' : undefined;
  return layers.map((layer, index) => {
    const spec = specOf(layer, current, channels);
    const [planned] = planLayers(network, [spec], current);
    const problem = problemOf(planned!, before);
    if (problem !== undefined) refuse(`layer ${index + 1} of its ${network} (${layer.kind}) ${problem}`);
    current = planned!.output;
    before = spec.kind;
    return spec;
  });
}

function specOf(layer: OwnLayer, [height, width]: Volume, channels: number): LayerSpec {
  switch (layer.kind) {
    case 'conv':
    case 'conv-transpose':
      return convOf(layer, channels);
    case 'dense':
      return { ...layer, parts: 1 };
    case 'reshape':
      return layer;
    case 'upsample':
      return { kind: 'resize', to: [height * layer.factor, width * layer.factor], method: 'nearest' };
    case 'residual':
      return { ...layer, layers: layer.layers.map((inner) => convOf(inner, channels)) };
  }
}

function convOf(layer: Extract<OwnLayer, { filters: unknown }>, channels: number): ConvSpec {
  const filters = layer.filters === 'channels' ? channels : layer.filters;
  return { ...layer, filters, bias: layer.bias ?? !layer.batchNorm };
}

/**
 * What is wrong with a layer; undefined for nothing.
 *
 * @param before - the kind of the layer before it; z counts as the result of a dense layer
 */
function problemOf(layer: PlannedLayer, before: LayerSpec['kind'] | undefined): string | undefined {
  const { spec, input, output, inner } = layer;
  const isImageNeeded = spec.kind !== 'dense' && spec.kind !== 'reshape';
  if (before === 'dense' && isImageNeeded) return 'needs an image: put a reshape before it';
  if (spec.kind === 'reshape' && elements(input) !== elements(output)) {
    return `makes ${output.join('×')} of ${elements(input)} numbers`;
  }
  if (spec.kind === 'residual') {
    for (const each of inner) {
      const problem = problemOf(each, undefined);
      if (problem !== undefined) return `has a layer that ${problem}`;
    }
    const end = inner.at(-1)!.output;
    if (end.join() !== input.join()) {
      return `gives ${end.join('×')} for ${input.join('×')}, which cannot be added`;
    }
  }
  if (output.some((size) => size < 1) || elements(output) > MOST_VALUES) {
    return `gives ${output.join('×')} for ${input.join('×')}, which cannot be`;
  }
  const weights = weightSlots(layer).reduce((sum, { shape }) => sum + elements(shape), 0);
  return weights > MOST_WEIGHTS
    ? `has ${weights.toLocaleString('en')} weights; at most ${MOST_WEIGHTS.toLocaleString('en')} are allowed`
    : undefined;
}
