import { isActive } from '../../contract/activity.ts';
import { klPerDimension } from '../losses/kl.ts';
import { meanAndVariance } from './principal-components.ts';

/**
 * Whether each dimension tells anything about the images.
 *
 * @param mu - `[images, latentDim]`
 * @param logVar - `[images, latentDim]`; empty for an AE
 */
export async function activeDimensions(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
): Promise<boolean[]> {
  if (logVar.length > 0)
    return Array.from(klPerDimension(mu, logVar, latentDim), (kl) => isActive({ kl, deviation: 0 }, true));
  const { variance } = await meanAndVariance(mu, latentDim);
  return Array.from(variance, (value) => isActive({ kl: 0, deviation: Math.sqrt(value) }, false));
}
