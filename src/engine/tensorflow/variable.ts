import {
  attributes,
  Dtype,
  free,
  run,
  runMany,
  scalar,
  upload,
  undoOnFailure,
  type Attributes,
  type Tensor,
} from './tensors.ts';
import { download } from './tensors.ts';

let floatType: Attributes | undefined;
let adamAttributes: Attributes | undefined;
let made = 0;

function float(): Attributes {
  floatType ??= attributes({ types: { dtype: Dtype.float } });
  return floatType;
}

/** A float32 variable in TensorFlow's memory, which is changed in place. */
export class Variable {
  readonly shape: readonly number[];
  readonly handle: Tensor;

  /** @param data - the initial values, `shape`; copied */
  constructor(shape: readonly number[], data: Float32Array) {
    this.shape = shape;
    this.handle = run(
      'VarHandleOp',
      attributes({
        types: { dtype: Dtype.float },
        shapes: { shape },
        strings: { shared_name: `unravel-${process.pid}-${made++}`, container: '' },
      }),
    );
    undoOnFailure(() => this.dispose());
    this.write(data);
  }

  /** Replaces the values with a copy of `data`. */
  write(data: Float32Array): void {
    // Copied, because otherwise the variable would share the caller's memory and training would change it.
    const value = upload(this.shape, new Float32Array(data));
    try {
      runMany('AssignVariableOp', float(), [this.handle, value], 0);
    } finally {
      free(value);
    }
  }

  /**
   * The values as a tensor, which the caller frees. It shares the variable's memory. If it is not freed before the
   * next update, the update has to copy the values.
   */
  read(): Tensor {
    return run('ReadVariableOp', float(), this.handle);
  }

  /** Subtracts a tensor of the same shape, which the caller still owns. */
  subtract(change: Tensor): void {
    runMany('AssignSubVariableOp', float(), [this.handle, change], 0);
  }

  /** A copy of the values. */
  values(): Float32Array {
    const tensor = this.read();
    try {
      return download(tensor);
    } finally {
      free(tensor);
    }
  }

  /** Frees the memory. The variable cannot be used afterwards. */
  dispose(): void {
    runMany('DestroyResourceOp', attributes({ bools: { ignore_lookup_error: true } }), [this.handle], 0);
    free(this.handle);
  }
}

/** Scalars that {@link adamStep} uses for all variables of one training step. */
export interface AdamScalars {
  readonly beta1Power: Tensor;
  readonly beta2Power: Tensor;
  readonly learningRate: Tensor;
  readonly beta1: Tensor;
  readonly beta2: Tensor;
  readonly epsilon: Tensor;
}

/** Adam's learning rate and the decay rates of the two moments, by default 0.9 and 0.999 as in Kingma & Ba. */
export interface AdamRates {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
}

/**
 * The scalars of Adam's step number `step`, from 1 on.
 *
 * TensorFlow's kernel divides by √v + ε̂ with the bias correction of v included in the learning rate; Kingma & Ba's
 * algorithm 1 divides by √v̂ + ε. The two are equal for ε̂ = ε·√(1 − β₂ᵗ), which is passed here.
 */
export function adamScalars(
  step: number,
  { learningRate, beta1 = 0.9, beta2 = 0.999 }: AdamRates,
): AdamScalars {
  const epsilon = 1e-8;
  return {
    beta1Power: scalar(beta1 ** step),
    beta2Power: scalar(beta2 ** step),
    learningRate: scalar(learningRate),
    beta1: scalar(beta1),
    beta2: scalar(beta2),
    epsilon: scalar(epsilon * Math.sqrt(1 - beta2 ** step)),
  };
}

/** Frees a step's scalars. */
export function freeAdamScalars(scalars: AdamScalars): void {
  free(...(Object.values(scalars) as Tensor[]));
}

/**
 * One update of a variable and its moments by a gradient (Kingma & Ba 2015). The caller still owns the gradient.
 */
export function adamStep(
  variable: Variable,
  firstMoment: Variable,
  secondMoment: Variable,
  gradient: Tensor,
  s: AdamScalars,
): void {
  adamAttributes ??= attributes({
    types: { T: Dtype.float },
    bools: { use_locking: false, use_nesterov: false },
  });
  const handles = [variable.handle, firstMoment.handle, secondMoment.handle];
  const scalars = [s.beta1Power, s.beta2Power, s.learningRate, s.beta1, s.beta2, s.epsilon];
  runMany('ResourceApplyAdam', adamAttributes, [...handles, ...scalars, gradient], 0);
}
