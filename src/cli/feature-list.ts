import { InvalidArgumentError } from 'commander';

/** A feature as it was typed: its name, and the dimension to move in each run that was named. */
export interface TypedFeature {
  readonly name: string;
  readonly dimensions: readonly {
    readonly run: string;
    readonly dimension: number;
    readonly isReversed: boolean;
  }[];
}

/** `Smiling=vae:3`, or `tc:7-`, which belongs to the feature before it. */
const DIMENSION = /^(?:(?<name>.*)=)?(?<run>[^=:]+):(?<dimension>\d{1,4})(?<reversed>-?)$/;

/**
 * Parses features separated by commas, such as `Smiling,Bald=vae:3,tc:7-,Young`. A label alone is shown by the
 * dimensions that carry it best. `=run:dimension` chooses a dimension, a minus after it reverses its direction, and
 * entries without a name belong to the feature before them.
 */
export function featureList(text: string): TypedFeature[] {
  const features: { name: string; dimensions: TypedFeature['dimensions'][number][] }[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const { name, run, dimension, reversed } = DIMENSION.exec(part)?.groups ?? {};
    if (run === undefined || dimension === undefined) {
      if (part === '' || part.includes('=')) {
        throw new InvalidArgumentError(`“${part}” is neither a label nor of the form label=run:dimension.`);
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
