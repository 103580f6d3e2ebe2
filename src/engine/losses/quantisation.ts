import type { LatentPenalty } from './posterior.ts';

/**
 * The quantisation error ‖z − c‖² of QLAE (Hsu et al. 2023), where c are the encoder's codes and z the values that they
 * were quantised to, summed over dimensions and averaged over the batch. The values are moved by λ_q times its gradient, the
 * encoder by λ_c times (their quantisation loss and commitment loss, which have the same value).
 *
 * The batch's `mu` are the encoder's codes, its `z` the quantised ones. Of the gradient in `z` only this penalty's part
 * reaches the values: that of the reconstruction passes straight through to the encoder.
 */
export function quantisationPenalty({
  quantisation,
  commitment,
}: {
  readonly quantisation: number;
  readonly commitment: number;
}): LatentPenalty {
  return {
    evaluate({ batch, mu, z }, gradients) {
      let error = 0;
      for (let i = 0; i < mu.length; i++) {
        const distance = z[i]! - mu[i]!;
        error += distance ** 2 / batch;
        gradients.z[i]! += (2 * quantisation * distance) / batch;
        gradients.mu[i]! -= (2 * commitment * distance) / batch;
      }
      return { terms: { quantisation: error }, weighted: (quantisation + commitment) * error };
    },
  };
}
