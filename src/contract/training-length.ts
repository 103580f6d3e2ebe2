import type { OfficialSplit } from './dataset.ts';
import type { TrainingConfig } from './run.ts';

/**
 * Maximum number of held-out images. More would hardly improve the measurements, and would slow down every epoch.
 */
const MOST_HELD_OUT = 5000;

/** The number of images that are trained on, and of those that are held out. */
export interface SplitCounts {
  readonly train: number;
  readonly heldOut: number;
}

/** What the split of a data set depends on: its number of images, and the split that it comes with, if it has one. */
export type SplitFacts = number | { readonly images: number; readonly split?: OfficialSplit | undefined };

/** The part of an official split that is held out of training: its test images, or else those for validation. */
export function heldOutRole({ test }: OfficialSplit): 'test' | 'validation' {
  return test > 0 ? 'test' : 'validation';
}

/**
 * How many images are trained on, and how many are held out: by a fraction at least one of both kinds; of a data set with an
 * official split its own images for training, and for test or else for validation.
 *
 * @param facts - of at least two images
 */
export function splitCounts(facts: SplitFacts, heldOutFraction: number): SplitCounts {
  const images = typeof facts === 'number' ? facts : facts.images;
  const official = typeof facts === 'number' ? undefined : facts.split;
  if (official) {
    return {
      train: official.train + official.unknown,
      heldOut: Math.min(official[heldOutRole(official)], MOST_HELD_OUT),
    };
  }
  const wanted = Math.max(1, Math.round(images * heldOutFraction));
  const heldOut = Math.min(wanted, MOST_HELD_OUT, Math.max(0, images - 1));
  return { train: images - heldOut, heldOut };
}

/** The settings that determine how many steps a training has. */
export type LengthSettings = Pick<TrainingConfig, 'batchSize' | 'epochs' | 'heldOutFraction'>;

/** The length of a training. */
export interface TrainingLength {
  /** Images per step: fewer than in the config if there are fewer. */
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Images seen by all steps together; each image counts once for each time it is seen. */
  readonly imagesSeen: number;
}

/** The length of a training on a data set's images. The last, incomplete batch of an epoch is left out. */
export function trainingLength(
  images: SplitFacts,
  { batchSize: wanted, epochs, heldOutFraction }: LengthSettings,
): TrainingLength {
  const { train } = splitCounts(images, heldOutFraction);
  const batchSize = Math.max(1, Math.min(wanted, train));
  const stepsPerEpoch = Math.max(1, Math.floor(train / batchSize));
  const steps = stepsPerEpoch * epochs;
  return { batchSize, stepsPerEpoch, steps, imagesSeen: steps * batchSize };
}
