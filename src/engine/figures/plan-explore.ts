import type { ExploreSheet } from '../../contract/figures.ts';
import { isActive } from '../../contract/activity.ts';
import { namesOf } from '../metrics/dimension-names.ts';
import { rankDimensions } from '../traversal/traverse.ts';
import { directionOf } from './choose-features.ts';
import { exploreLayout } from './explore-figure.ts';
import type { RunCodes } from './run-codes.ts';

/**
 * Plans a sheet of every dimension of a model, sorted by KL or deviation, or of every independent axis in their order, with
 * the label that each encodes.
 */
export function planExploreSheet(
  run: string,
  codes: RunCodes,
  { image, range }: { image: number; range: number },
): ExploreSheet {
  const { sample, kl, deviations, directions } = codes;
  const active = deviations.map((deviation, l) => isActive({ kl: kl?.[l] ?? 0, deviation }, kl !== null));
  const names = namesOf(sample, active);
  return {
    run,
    image,
    range,
    steps: exploreLayout(sample.latentDim).steps,
    dimensions: (directions?.map((_, axis) => axis) ?? rankDimensions(kl ?? deviations)).map((dimension) => {
      const { column, bits } = names[dimension]!;
      return {
        dimension,
        unit: kl === null ? deviations[dimension]! : 1,
        kl: kl?.[dimension] ?? null,
        name: column,
        bits: column === null ? null : bits,
        ...directionOf(codes, dimension),
      };
    }),
  };
}
