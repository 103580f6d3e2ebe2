import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, type Tensor } from '../../tensorflow/tensors.ts';
import type { Variable } from '../../tensorflow/variable.ts';
import type { DenseSpec, PlannedLayer } from '../architecture.ts';
import { elements, type Weights } from '../weights.ts';
import { activate, activationGradient, type Activated } from './activation.ts';
import { convert, makeVariables, Sizes, type GradientSink, type Layer } from './layer.ts';

/**
 * A fully connected layer with its activation, always in float32: it is small, and the codes need the precision.
 */
export class DenseLayer implements Layer {
  readonly dtype = Dtype.float;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly #plan: PlannedLayer;
  readonly #spec: DenseSpec;
  readonly #inputDtype: Dtype;
  readonly #sizes = new Sizes();
  #memory: { batch: number; row: Tensor; matrix: Tensor; activated: Activated } | undefined;

  constructor(plan: PlannedLayer, spec: DenseSpec, weights: Weights, inputDtype: Dtype) {
    this.#plan = plan;
    this.#spec = spec;
    this.#inputDtype = inputDtype;
    this.variables = makeVariables(plan, weights);
  }

  forward(x: Tensor, batch: number): Tensor {
    this.release();
    const converted = convert(x, this.#inputDtype, Dtype.float);
    const row = ops.reshape(converted, this.#sizes.of(batch, elements(this.#plan.input)), Dtype.float);
    if (converted !== x) free(converted);
    const matrix = this.#variable('matrix').read();
    const bias = this.#variable('bias').read();
    const product = ops.matMul(row, matrix, Dtype.float);
    const biased = ops.biasAdd(product, bias, Dtype.float);
    free(bias, product);
    const activated = activate(biased, this.#spec.activation, Dtype.float);
    this.#memory = { batch, row, matrix, activated };
    return activated.y;
  }

  backward(
    dy: Tensor,
    sink: GradientSink | undefined,
    needsInput: boolean,
    keep = false,
  ): Tensor | undefined {
    const memory = this.#memory;
    if (!memory) throw new Error(`${this.#plan.name}: backward without forward.`);
    const { activation, units } = this.#spec;
    // The next layer may give the gradient as a volume of one pixel.
    const rows = ops.reshape(dy, this.#sizes.of(memory.batch, units), Dtype.float);
    free(dy);
    const gradient = activationGradient(rows, memory.activated, activation, Dtype.float);
    const dBias = sink && ops.biasGradient(gradient, Dtype.float);
    const dMatrix = sink && ops.matMul(memory.row, gradient, Dtype.float, { transposeA: true });
    let dx: Tensor | undefined;
    if (needsInput) {
      const dRow = ops.matMul(gradient, memory.matrix, Dtype.float, { transposeB: true });
      const volume = ops.reshape(dRow, this.#sizes.of(memory.batch, ...this.#plan.input), Dtype.float);
      free(dRow);
      dx = convert(volume, Dtype.float, this.#inputDtype);
      if (dx !== volume) free(volume);
    }
    free(gradient);
    if (!keep) this.release();
    if (dMatrix !== undefined) sink?.(`${this.#plan.name}.matrix`, this.#variable('matrix'), dMatrix);
    if (dBias !== undefined) sink?.(`${this.#plan.name}.bias`, this.#variable('bias'), dBias);
    free(dMatrix, dBias);
    return dx;
  }

  release(): void {
    if (!this.#memory) return;
    const { row, matrix, activated } = this.#memory;
    free(row, matrix, activated.y, activated.gate);
    this.#memory = undefined;
  }

  dispose(): void {
    this.release();
    this.#sizes.dispose();
    for (const variable of this.variables.values()) variable.dispose();
  }

  #variable(part: string): Variable {
    return this.variables.get(`${this.#plan.name}.${part}`)!;
  }
}
