/** A batch's posteriors and the codes drawn from them, `[batch, latentDim]` each. */
export interface PosteriorBatch {
  readonly batch: number;
  readonly latentDim: number;
  /** Of a quantised model, which has no logVar, the encoder's codes, and `z` the values that they were quantised to. */
  readonly mu: Float32Array;
  /** log Σ(x): the paper's variance is exp(logVar). */
  readonly logVar: Float32Array;
  readonly z: Float32Array;
  /** N, the number of images that the batch was drawn from. */
  readonly datasetSize: number;
  /** Number of steps of the training before this one, for weights that change during the training. */
  readonly step: number;
  /** Number of steps of the whole training. */
  readonly totalSteps: number;
}

/**
 * Gradients of the loss, to which each of its terms adds. The gradient in `z` is for constant mu and logVar;
 * {@link backpropagateSampling} adds the part through z = mu + √Σ·ε.
 */
export interface PosteriorGradients {
  readonly mu: Float64Array;
  readonly logVar: Float64Array;
  readonly z: Float64Array;
}

/** Gradients of zero, to which the terms are added. */
export function zeroGradients({ batch, latentDim }: PosteriorBatch): PosteriorGradients {
  const size = batch * latentDim;
  return { mu: new Float64Array(size), logVar: new Float64Array(size), z: new Float64Array(size) };
}

/** Splits `[batch, mu | logVar]` into two. For an AE everything is mu and logVar is empty. */
export function splitPosterior(
  posterior: Float32Array,
  batch: number,
  latentDim: number,
): { mu: Float32Array; logVar: Float32Array } {
  const width = posterior.length / batch;
  if (width === latentDim) return { mu: posterior, logVar: new Float32Array(0) };
  const mu = new Float32Array(batch * latentDim);
  const logVar = new Float32Array(batch * latentDim);
  for (let i = 0; i < batch; i++) {
    mu.set(posterior.subarray(i * width, i * width + latentDim), i * latentDim);
    logVar.set(posterior.subarray(i * width + latentDim, (i + 1) * width), i * latentDim);
  }
  return { mu, logVar };
}

/**
 * Draws z = mu + √Σ·ε, the reparametrisation of Kingma & Welling 2014, section 2.4.
 *
 * @param noise - ε from N(0, 1), as long as `mu`
 */
export function reparametrise(mu: Float32Array, logVar: Float32Array, noise: Float32Array): Float32Array {
  return mu.map((mean, i) => mean + Math.exp(0.5 * logVar[i]!) * noise[i]!);
}

/**
 * The loss's gradient in `[mu | logVar]`, including the part through z = mu + exp(½ logVar)·ε: the gradient in z is
 * added to that in mu, and, times ½(z − mu), to that in logVar.
 *
 * @param dz - the gradient in z that does not come from penalties, `[batch, latentDim]`
 * @returns `[batch, mu | logVar]`
 */
export function backpropagateSampling(
  { batch, latentDim, mu, z }: PosteriorBatch,
  gradients: PosteriorGradients,
  dz: Float32Array,
): Float32Array {
  const dPosterior = new Float32Array(batch * 2 * latentDim);
  for (let i = 0; i < batch; i++) {
    for (let l = 0; l < latentDim; l++) {
      const k = i * latentDim + l;
      const all = dz[k]! + gradients.z[k]!;
      dPosterior[i * 2 * latentDim + l] = gradients.mu[k]! + all;
      dPosterior[i * 2 * latentDim + latentDim + l] = gradients.logVar[k]! + 0.5 * all * (z[k]! - mu[k]!);
    }
  }
  return dPosterior;
}

/**
 * A part of the objective that depends only on posteriors and codes. It computes value and gradient. Values are in
 * nats, averaged over the batch, and unweighted.
 */
export interface LatentPenalty {
  /**
   * @param gradients - the weighted gradients are added to it
   * @returns each named term's value
   */
  evaluate(
    posterior: PosteriorBatch,
    gradients: PosteriorGradients,
  ): {
    readonly terms: Readonly<Record<string, number>>;
    /** The weighted sum of the terms. */
    readonly weighted: number;
  };
}
