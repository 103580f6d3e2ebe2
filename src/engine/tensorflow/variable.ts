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

/** Float32 numbers that live in TensorFlow and are changed in place. */
export class Variable {
  readonly shape: readonly number[];
  readonly handle: Tensor;

  /** @param data - the first values, `shape`; copied */
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

  /** Replaces the values by a copy of `data`. */
  write(data: Float32Array): void {
    // A copy, because the variable would otherwise share the caller's memory and train inside it.
    const value = upload(this.shape, new Float32Array(data));
    try {
      runMany('AssignVariableOp', float(), [this.handle, value], 0);
    } finally {
      free(value);
    }
  }

  /**
   * The values as a tensor, the caller's to free. It shares the variable's memory: freed before the next update
   * it costs nothing, kept beyond it the update has to copy.
   */
  read(): Tensor {
    return run('ReadVariableOp', float(), this.handle);
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

  /** Gives the memory back. The variable cannot be used after. */
  dispose(): void {
    runMany('DestroyResourceOp', attributes({ bools: { ignore_lookup_error: true } }), [this.handle], 0);
    free(this.handle);
  }
}

/** What an {@link adamStep} shares between all variables of one training step. */
export interface AdamScalars {
  readonly beta1Power: Tensor;
  readonly beta2Power: Tensor;
  readonly learningRate: Tensor;
  readonly beta1: Tensor;
  readonly beta2: Tensor;
  readonly epsilon: Tensor;
}

/** How Adam goes: Kingma & Ba's decay rates of the two moments are 0.9 and 0.999. */
export interface AdamRates {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
}

/**
 * The scalars of Adam's step number `step`, from 1 on.
 *
 * TensorFlow's kernel divides by √v + ε̂ with the correction of v's bias moved into the rate; Kingma & Ba's
 * algorithm 1 divides by √v̂ + ε. The two are equal for ε̂ = ε·√(1 − β₂ᵗ), which is what is passed here.
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

/** Gives a step's scalars back. */
export function freeAdamScalars(scalars: AdamScalars): void {
  free(...(Object.values(scalars) as Tensor[]));
}

/** One update of a variable and its moments by a gradient (Kingma & Ba 2015). The gradient stays the caller's. */
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
