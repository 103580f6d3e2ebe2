import type { Sampling } from '../../contract/run.ts';
import { minibatchWeights } from './minibatch.ts';
import type { LatentPenalty, PosteriorBatch, PosteriorGradients } from './posterior.ts';

/** The weights of KL's three parts. */
export interface DecompositionWeights {
  /** Weight of the index-code mutual information. */
  readonly alpha: number;
  /** Weight of the total correlation. */
  readonly beta: number;
  /** Weight of the dimension-wise KL. */
  readonly gamma: number;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/**
 * α·MI + β·TC + γ·Σⱼ KL(q(zⱼ) ‖ p(zⱼ)), β-TCVAE's penalty (Chen et al. 2018, eq. 2–4).
 *
 * log q(z) and log Πⱼ q(zⱼ) come from the minibatch, log q(zᵢ) ≈ log Σⱼ wᵢⱼ·q(zᵢ|nⱼ), by weighted or stratified
 * sampling ({@link minibatchWeights}). These estimates are biased; they are for training only and are never
 * displayed as measurements.
 *
 * With a = log q(z|x), b = log q(z), c = log Πⱼ q(zⱼ) and d = log p(z), the penalty is the mean of α·a + (β − α)·b
 * + (γ − β)·c − γ·d, so for α = β = γ = 1 it is an estimate of the VAE's KL.
 */
export function decompositionPenalty(
  { alpha, beta, gamma }: DecompositionWeights,
  sampling: Sampling = 'weighted',
): LatentPenalty {
  return {
    evaluate(posterior, gradients) {
      const { own, other } = minibatchWeights(sampling, posterior.batch, posterior.datasetSize);
      const pairs = new PairwiseDensities(posterior, own - other);
      const { batch, latentDim, z } = posterior;
      const logConditional = pairs.addConditional(alpha, gradients);
      const logAggregate = pairs.softmaxOfSum();
      const logProduct = pairs.addAggregates(beta - alpha, gamma - beta, gradients);

      let logPrior = 0;
      for (let i = 0; i < z.length; i++) {
        logPrior -= (0.5 * (LOG_TWO_PI + z[i]! ** 2)) / batch;
        gradients.z[i]! += (gamma / batch) * z[i]!;
      }
      // Adds the weight that all images share; it occurs in each of the latentDim marginals.
      const aggregate = logAggregate + other;
      const product = logProduct + latentDim * other;
      const terms = {
        mutualInformation: logConditional - aggregate,
        totalCorrelation: aggregate - product,
        dimensionwiseKl: product - logPrior,
      };
      const weighted =
        alpha * terms.mutualInformation + beta * terms.totalCorrelation + gamma * terms.dimensionwiseKl;
      return { terms, weighted };
    },
  };
}

/**
 * Sums over log q(zᵢₗ|nⱼ) for every code i, image j and dimension l of a batch. They are computed one dimension at
 * a time, so that not all of them are in memory.
 */
class PairwiseDensities {
  readonly #p: PosteriorBatch;
  /** By dimension, then image: mean, 1/Σ, and the density's constant −½(log 2π + log Σ). */
  readonly #mu: Float64Array;
  readonly #precision: Float64Array;
  readonly #constant: Float64Array;
  /** softmaxⱼ of Σₗ log q(zᵢₗ|nⱼ) with `advantage` added for j = i, `[i, j]`. */
  readonly #joint: Float64Array;
  readonly #advantage: number;

  /** @param advantage - log of the weight of the code's own image over that of another image */
  constructor(posterior: PosteriorBatch, advantage: number) {
    this.#p = posterior;
    this.#advantage = advantage;
    const { batch, latentDim, mu, logVar } = posterior;
    this.#mu = new Float64Array(mu.length);
    this.#precision = new Float64Array(mu.length);
    this.#constant = new Float64Array(mu.length);
    this.#joint = new Float64Array(batch * batch);
    for (let j = 0; j < batch; j++) {
      for (let l = 0; l < latentDim; l++) {
        const from = j * latentDim + l;
        const to = l * batch + j;
        this.#mu[to] = mu[from]!;
        this.#precision[to] = Math.exp(-logVar[from]!);
        this.#constant[to] = -0.5 * (LOG_TWO_PI + logVar[from]!);
      }
    }
  }

  /** Adds `weight` · the mean of log q(zᵢ|nᵢ) to the gradients and returns that mean. */
  addConditional(weight: number, gradients: PosteriorGradients): number {
    const { batch, z, mu, logVar } = this.#p;
    const scale = weight / batch;
    let mean = 0;
    for (let i = 0; i < z.length; i++) {
      const distance = z[i]! - mu[i]!;
      const precision = Math.exp(-logVar[i]!);
      const square = distance * distance * precision;
      mean -= (0.5 * (LOG_TWO_PI + logVar[i]! + square)) / batch;
      gradients.z[i]! -= scale * distance * precision;
      gradients.mu[i]! += scale * distance * precision;
      gradients.logVar[i]! += scale * 0.5 * (square - 1);
    }
    return mean;
  }

  /** Computes the joint's softmax and returns the mean over i of log Σⱼ q(zᵢ|nⱼ), weighted. */
  softmaxOfSum(): number {
    const { batch, latentDim, z } = this.#p;
    const joint = this.#joint;
    for (let l = 0; l < latentDim; l++) {
      const offset = l * batch;
      for (let i = 0; i < batch; i++) {
        const code = z[i * latentDim + l]!;
        const row = i * batch;
        for (let j = 0; j < batch; j++) {
          const distance = code - this.#mu[offset + j]!;
          joint[row + j]! +=
            this.#constant[offset + j]! - 0.5 * distance * distance * this.#precision[offset + j]!;
        }
      }
    }
    let mean = 0;
    for (let i = 0; i < batch; i++) {
      joint[i * batch + i]! += this.#advantage;
      mean += softmaxInPlace(joint, i * batch, batch) / batch;
    }
    return mean;
  }

  /**
   * Adds the gradients of `jointWeight` · mean log q(z) + `productWeight` · mean log Πₗ q(zₗ).
   *
   * @returns the mean over i of Σₗ log Σⱼ q(zᵢₗ|nⱼ), weighted
   */
  addAggregates(jointWeight: number, productWeight: number, gradients: PosteriorGradients): number {
    const { batch, latentDim, z } = this.#p;
    const row = new Float64Array(batch);
    const [dMu, dLogVar] = [new Float64Array(batch), new Float64Array(batch)];
    let mean = 0;
    for (let l = 0; l < latentDim; l++) {
      const mu = this.#mu.subarray(l * batch, (l + 1) * batch);
      const precision = this.#precision.subarray(l * batch, (l + 1) * batch);
      const constant = this.#constant.subarray(l * batch, (l + 1) * batch);
      dMu.fill(0);
      dLogVar.fill(0);
      for (let i = 0; i < batch; i++) {
        const code = z[i * latentDim + l]!;
        for (let j = 0; j < batch; j++) {
          const distance = code - mu[j]!;
          row[j] = constant[j]! - 0.5 * distance * distance * precision[j]!;
        }
        row[i]! += this.#advantage;
        mean += softmaxInPlace(row, 0, batch) / batch;
        let dz = 0;
        for (let j = 0; j < batch; j++) {
          const responsibility =
            (jointWeight * this.#joint[i * batch + j]! + productWeight * row[j]!) / batch;
          const distance = code - mu[j]!;
          const slope = responsibility * distance * precision[j]!;
          dz -= slope;
          dMu[j]! += slope;
          dLogVar[j]! += 0.5 * (slope * distance - responsibility);
        }
        gradients.z[i * latentDim + l]! += dz;
      }
      for (let j = 0; j < batch; j++) {
        gradients.mu[j * latentDim + l]! += dMu[j]!;
        gradients.logVar[j * latentDim + l]! += dLogVar[j]!;
      }
    }
    return mean;
  }
}

/** Replaces `count` numbers from `start` on by their softmax and returns log Σ exp of the original numbers. */
function softmaxInPlace(values: Float64Array, start: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = start; k < start + count; k++) if (values[k]! > largest) largest = values[k]!;
  let sum = 0;
  for (let k = start; k < start + count; k++) {
    const weight = Math.exp(values[k]! - largest);
    values[k] = weight;
    sum += weight;
  }
  for (let k = start; k < start + count; k++) values[k]! /= sum;
  return largest + Math.log(sum);
}
