import type { ModelShape } from './architecture.ts';

/** softplus(y) for y ≥ 0, without overflow. */
function softplus(y: number): number {
  return y + Math.log1p(Math.exp(-y));
}

/**
 * log Σ of the standard deviation softplus(exp(s)), which is 2 · log softplus(exp(s)).
 *
 * @param s - what the encoder gives
 */
function logVariance(s: number): number {
  return 2 * Math.log(softplus(Math.exp(s)));
}

/** The derivative of {@link logVariance}: 2 · exp(s) · sigmoid(exp(s)) / softplus(exp(s)). */
function logVarianceSlope(s: number): number {
  const y = Math.exp(s);
  return (2 * y) / ((1 + Math.exp(-y)) * softplus(y));
}

/** `[batch, a | b]` with a function of each b, and the rest as it is. */
function mapSecondHalf(
  rows: Float32Array,
  latentDim: number,
  value: (b: number, at: number) => number,
): Float32Array {
  return rows.map((number, at) => (Math.floor(at / latentDim) % 2 === 1 ? value(number, at) : number));
}

/**
 * Makes posteriors of what an encoder gives. This is the only place that knows how the standard deviation follows from it:
 * everything else has mu and log Σ of the posterior that codes are drawn from.
 *
 * @param output - `[batch, mu | s]`, or codes of a model without a posterior
 * @returns `[batch, mu | log Σ]`; the argument itself where s is log Σ
 */
export function posteriorOf(
  output: Float32Array,
  { latentDim, variational, deviation }: ModelShape,
): Float32Array {
  return variational && deviation === 'softplus' ? mapSecondHalf(output, latentDim, logVariance) : output;
}

/**
 * Backpropagates through {@link posteriorOf}.
 *
 * @param dPosterior - the gradient in `[mu | log Σ]`
 * @param output - what the encoder gave
 * @returns the gradient in `output`
 */
export function backpropagatePosterior(
  dPosterior: Float32Array,
  output: Float32Array,
  { latentDim, variational, deviation }: ModelShape,
): Float32Array {
  if (!variational || deviation !== 'softplus') return dPosterior;
  return mapSecondHalf(dPosterior, latentDim, (gradient, at) => gradient * logVarianceSlope(output[at]!));
}
