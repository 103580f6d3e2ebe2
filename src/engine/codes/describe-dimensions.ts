import { isActive } from '../../contract/activity.ts';
import type { Dimension, LatentValue } from '../../contract/operations/codes.ts';
import type { Dataset } from '../data/dataset.ts';
import type { DatasetCodes } from './codes-file.ts';
import { nameByColumns } from './name-by-columns.ts';
import { meanAndVariance } from './principal-components.ts';

/**
 * Describes every dimension: its KL, mean and deviation, and the label or factor that it encodes best.
 *
 * @param isVariational - whether the model has a posterior
 * @param latentValues - the learned values of each dimension of a quantised model
 */
export async function describeDimensions(
  codes: DatasetCodes,
  dataset: Dataset,
  isVariational: boolean,
  latentValues?: readonly (readonly LatentValue[])[],
): Promise<Dimension[]> {
  const { mu, latentDim, klPerDimension } = codes;
  const { mean, variance } = await meanAndVariance(mu, latentDim);
  const dimensions = Array.from(klPerDimension, (kl, dimension) => ({
    dimension,
    kl,
    mean: mean[dimension]!,
    deviation: Math.sqrt(variance[dimension]!),
    ...(latentValues ? { values: [...latentValues[dimension]!] } : {}),
  }));
  const active = dimensions.map((one) => isActive(one, isVariational));
  const names = await nameByColumns(codes, dataset, active);
  return dimensions.map((one) => ({ ...one, ...names.get(one.dimension) }));
}
