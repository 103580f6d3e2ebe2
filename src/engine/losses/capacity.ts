import { addKlGradients, meanKl } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';
import { warmUpFactor } from './schedule.ts';

/** The parameters of controlled capacity. */
export interface CapacityWeights {
  /** γ: weight of the distance of KL from the capacity. */
  readonly gamma: number;
  /** C_max: the final capacity, nats. */
  readonly capacity: number;
  /** The part of the training over which the capacity rises from 0. */
  readonly warmUp: number;
}

/**
 * γ·|KL − C(t)|, controlled capacity (Burgess et al. 2018, eq. 8): C(t) rises linearly from 0 to C_max, so that the
 * model first encodes the features that reduce the reconstruction error most.
 *
 * KL is the mean over the batch. With C_max = 0 the penalty is that of β-VAE with β = γ. The term `kl` is reported
 * and has no weight; the weighted term is `capacityGap`.
 */
export function capacityPenalty({ gamma, capacity, warmUp }: CapacityWeights): LatentPenalty {
  return {
    evaluate(posterior, gradients) {
      const kl = meanKl(posterior);
      const gap = kl - capacity * warmUpFactor(warmUp, posterior);
      addKlGradients(gamma * Math.sign(gap), posterior, gradients);
      return { terms: { kl, capacityGap: Math.abs(gap) }, weighted: gamma * Math.abs(gap) };
    },
  };
}
