import { addKlGradients, meanKl } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';
import { risen } from './schedule.ts';

/** The numbers of controlled capacity. */
export interface CapacityWeights {
  /** γ: how strongly KL is drawn to the capacity. */
  readonly gamma: number;
  /** C_max: the capacity that is reached, nats. */
  readonly capacity: number;
  /** The part of the training over which the capacity rises from 0. */
  readonly warmUp: number;
}

/**
 * γ·|KL − C(t)|, controlled capacity (Burgess et al. 2018, eq. 8): a code may hold C nats, which rise linearly from 0
 * to C_max, so that the model first learns what matters most to the image.
 *
 * KL is the batch's mean. At C_max = 0 it is β-VAE at β = γ. The term `kl` is reported and has no weight; the weighted
 * term is `capacityGap`.
 */
export function capacityPenalty({ gamma, capacity, warmUp }: CapacityWeights): LatentPenalty {
  return {
    evaluate(posterior, gradients) {
      const kl = meanKl(posterior);
      const gap = kl - capacity * risen(warmUp, posterior);
      addKlGradients(gamma * Math.sign(gap), posterior, gradients);
      return { terms: { kl, capacityGap: Math.abs(gap) }, weighted: gamma * Math.abs(gap) };
    },
  };
}
