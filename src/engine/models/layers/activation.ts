import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, type Tensor } from '../../tensorflow/tensors.ts';
import type { Activation } from '../architecture.ts';

/** Slope of LeakyReLU for negative inputs; 0 is ReLU. */
export const slope: Record<Exclude<Activation, 'linear' | 'silu' | 'tanh'>, number> = {
  relu: 0,
  'leaky-relu': 0.3,
  'leaky-relu-0.2': 0.2,
};

/** The result of an activation, and what its gradient needs besides. */
export interface Activated {
  readonly y: Tensor;
  /** SiLU's sigmoid of the argument. */
  readonly gate: Tensor | undefined;
}

/** Applies an activation and frees the argument; a linear one returns the argument itself. */
export function activate(x: Tensor, activation: Activation, dtype: Dtype): Activated {
  if (activation === 'linear') return { y: x, gate: undefined };
  if (activation !== 'silu') {
    const y = activation === 'tanh' ? ops.tanh(x, dtype) : ops.leakyRelu(x, slope[activation], dtype);
    free(x);
    return { y, gate: undefined };
  }
  const gate = gateOf(x, dtype);
  const y = ops.multiply(x, gate, dtype);
  free(x);
  return { y, gate };
}

/** The sigmoid. TensorFlow's own in bfloat16 takes four times as long as the one in float32 (measured). */
function gateOf(x: Tensor, dtype: Dtype): Tensor {
  if (dtype === Dtype.float) return ops.sigmoid(x);
  const full = ops.cast(x, dtype, Dtype.float);
  const gate = ops.sigmoid(full);
  const result = ops.cast(gate, Dtype.float, dtype);
  free(full, gate);
  return result;
}

/**
 * The gradient in the argument of {@link activate}; frees `dy`, but not what the activation gave. For SiLU, y = x·s with
 * s = σ(x): dy/dx = s + x·s·(1 − s) = s + y·(1 − s) = y − y·s + s.
 */
export function activationGradient(
  dy: Tensor,
  { y, gate }: Activated,
  activation: Activation,
  dtype: Dtype,
): Tensor {
  if (activation === 'linear') return dy;
  if (activation !== 'silu') {
    const dx =
      activation === 'tanh'
        ? ops.tanhGradient(y, dy, dtype)
        : ops.leakyReluGradient(dy, y, slope[activation], dtype);
    free(dy);
    return dx;
  }
  if (gate === undefined) throw new Error('The gradient of SiLU needs its sigmoid.');
  const product = ops.multiply(y, gate, dtype);
  const rest = ops.subtract(y, product, dtype);
  const derivative = ops.add(rest, gate, dtype);
  const dx = ops.multiply(dy, derivative, dtype);
  free(product, rest, derivative, dy);
  return dx;
}
