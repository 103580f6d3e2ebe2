/**
 * A dimension of a model with a posterior is active if its mean KL exceeds this; with less, it has practically no
 * information about the image.
 */
export const ACTIVE_NATS = 0.01;

/** A dimension of an AE, whose scale no prior fixes, is active if the variance of its codes exceeds this. */
export const ACTIVE_VARIANCE = 0.01;

/**
 * A dimension is named after a label only if it tells at least this share of the label's information: their mutual
 * information beyond chance, divided by the label's entropy. A twentieth of a balanced yes or no is 0.05 bits; with
 * less, a person who moves the dimension cannot see the label change.
 */
export const LEAST_NAMED_SHARE = 0.05;

/**
 * Whether a dimension tells anything about the images.
 *
 * @param kl - mean KL to the prior, nats
 * @param deviation - standard deviation of mu over the images
 * @param isVariational - whether the model has a posterior, and so a KL
 */
export function isActive(
  { kl, deviation }: { readonly kl: number; readonly deviation: number },
  isVariational: boolean,
): boolean {
  return isVariational ? kl > ACTIVE_NATS : deviation ** 2 > ACTIVE_VARIANCE;
}
