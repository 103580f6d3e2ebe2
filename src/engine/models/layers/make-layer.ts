import type { Dtype } from '../../tensorflow/tensors.ts';
import type { PlannedLayer } from '../architecture.ts';
import type { Weights } from '../weights.ts';
import { AppendLayer } from './append.ts';
import { ConvLayer } from './conv.ts';
import { DenseLayer } from './dense.ts';
import type { Layer } from './layer.ts';
import { PoolLayer } from './pool.ts';
import { RepeatLayer } from './repeat.ts';
import { ReshapeLayer } from './reshape.ts';
import { ResidualLayer } from './residual.ts';

/**
 * Makes layers that can be trained.
 *
 * @param inputDtype - dtype of the first one's input
 * @param compute - dtype of convolutions: float32, or bfloat16 in mixed precision
 */
export function makeLayers(
  planned: readonly PlannedLayer[],
  weights: Weights,
  inputDtype: Dtype,
  compute: Dtype,
): Layer[] {
  let dtype = inputDtype;
  return planned.map((plan) => {
    const layer = makeLayer(plan, weights, dtype, compute);
    dtype = layer.dtype;
    return layer;
  });
}

function makeLayer(plan: PlannedLayer, weights: Weights, inputDtype: Dtype, compute: Dtype): Layer {
  const { spec, name } = plan;
  switch (spec.kind) {
    case 'dense':
      return new DenseLayer(plan, spec, weights, inputDtype);
    case 'reshape':
      return new ReshapeLayer(plan, inputDtype);
    case 'append':
      return new AppendLayer(plan, spec, inputDtype);
    case 'residual':
      return new ResidualLayer(spec, makeLayers(plan.inner, weights, inputDtype, compute), inputDtype);
    case 'resize':
      if (spec.method === 'nearest') return new RepeatLayer(plan, inputDtype);
      if (spec.method === 'average') return new PoolLayer(plan, inputDtype);
      throw notTrained(name);
    case 'activation':
      throw notTrained(name);
    case 'conv':
    case 'conv-transpose':
      return new ConvLayer(plan, spec, weights, inputDtype, compute);
  }
}

function notTrained(name: string): Error {
  return new Error(`${name}: a network from elsewhere is not trained.`);
}
