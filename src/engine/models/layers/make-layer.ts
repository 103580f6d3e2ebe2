import type { Dtype } from '../../tensorflow/tensors.ts';
import type { PlannedLayer } from '../architecture.ts';
import type { Weights } from '../weights.ts';
import { AppendLayer } from './append.ts';
import { ConvLayer } from './conv.ts';
import { DenseLayer } from './dense.ts';
import type { Layer } from './layer.ts';
import { ReshapeLayer } from './reshape.ts';

/**
 * Makes a layer that can be trained.
 *
 * @param inputDtype - dtype of its input
 * @param compute - dtype of convolutions: float32, or bfloat16 in mixed precision
 */
export function makeLayer(plan: PlannedLayer, weights: Weights, inputDtype: Dtype, compute: Dtype): Layer {
  const { spec } = plan;
  if (spec.kind === 'dense') return new DenseLayer(plan, spec, weights, inputDtype);
  if (spec.kind === 'reshape') return new ReshapeLayer(plan, inputDtype);
  if (spec.kind === 'append') return new AppendLayer(plan, spec, inputDtype);
  if (spec.kind === 'activation' || spec.kind === 'resize') {
    throw new Error(`${plan.name}: a network from elsewhere is not trained.`);
  }
  return new ConvLayer(plan, spec, weights, inputDtype, compute);
}
