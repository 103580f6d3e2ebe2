import { InvalidArgumentError } from 'commander';

/** A feature as it was typed: its name, and of some runs the dimension to move. */
export interface TypedFeature {
  readonly name: string;
  readonly dimensions: readonly {
    readonly run: string;
    readonly dimension: number;
    readonly isReversed: boolean;
  }[];
}

/** `Smiling=vae:3`, or `tc:7-` that goes on with the feature before. */
const DIMENSION = /^(?:(?<name>.*)=)?(?<run>[^=:]+):(?<dimension>\d{1,4})(?<reversed>-?)$/;

/**
 * A parser for features separated by commas, such as `Smiling,Bald=vae:3,tc:7-,Young`: a label alone is shown by the
 * dimensions that carry it best; `=run:dimension` chooses one by hand, a minus behind it turns it round, and what follows
 * without a name belongs to the same feature.
 */
export function featureList(text: string): TypedFeature[] {
  const features: { name: string; dimensions: TypedFeature['dimensions'][number][] }[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const { name, run, dimension, reversed } = DIMENSION.exec(part)?.groups ?? {};
    if (run === undefined || dimension === undefined) {
      if (part === '' || part.includes('=')) {
        throw new InvalidArgumentError(`“${part}” is no label, and not of the form label=run:dimension.`);
      }
      features.push({ name: part, dimensions: [] });
      continue;
    }
    if (name !== undefined) features.push({ name: name.trim(), dimensions: [] });
    const feature = features.at(-1);
    if (!feature?.name) throw new InvalidArgumentError(`Name the label that “${part}” belongs to.`);
    feature.dimensions.push({ run: run.trim(), dimension: Number(dimension), isReversed: reversed === '-' });
  }
  return features;
}
