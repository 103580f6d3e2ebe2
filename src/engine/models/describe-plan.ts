import type { PlannedModel, PlannedPart } from '../../contract/operations/models.ts';
import { leavesOf, planModel, type ModelSpec, type PlannedLayer } from './architecture.ts';
import { elements, weightSlots } from './weights.ts';

/** The layers of a model with their sizes, its weights, and what an image costs. */
export function describePlan(spec: ModelSpec): PlannedModel {
  const { encoder, decoder } = planModel(spec);
  const leaves = leavesOf([...encoder, ...decoder]);
  return {
    parameters: leaves.reduce((sum, layer) => sum + weightsOf(layer), 0),
    multiplications: leaves.reduce((sum, layer) => sum + multiplicationsOf(layer), 0),
    encoder: encoder.map(partOf),
    decoder: decoder.map(partOf),
  };
}

function partOf(layer: PlannedLayer): PlannedPart {
  const leaves = leavesOf([layer]);
  const [height, width, channels] = layer.output;
  return {
    kind: layer.spec.kind,
    output: [height, width, channels],
    parameters: leaves.reduce((sum, each) => sum + weightsOf(each), 0),
  };
}

function weightsOf(layer: PlannedLayer): number {
  return weightSlots(layer).reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** Multiplications of an image's way through a layer; those of a batch norm and an activation are not counted. */
function multiplicationsOf({ spec, input, output }: PlannedLayer): number {
  if (spec.kind === 'dense') return elements(input) * spec.units;
  if (spec.kind !== 'conv' && spec.kind !== 'conv-transpose') return 0;
  const [height, width] = spec.kind === 'conv' ? output : input;
  return height * width * spec.kernel ** 2 * input[2] * output[2];
}
