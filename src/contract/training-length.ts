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

/**
 * How many images a held-out fraction leaves for training: at least one of both kinds.
 *
 * @param images - number of images, at least two
 */
export function splitCounts(images: number, heldOutFraction: number): SplitCounts {
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

/** The length of a training on a number of images. The last, incomplete batch of an epoch is left out. */
export function trainingLength(
  images: number,
  { batchSize: wanted, epochs, heldOutFraction }: LengthSettings,
): TrainingLength {
  const { train } = splitCounts(images, heldOutFraction);
  const batchSize = Math.max(1, Math.min(wanted, train));
  const stepsPerEpoch = Math.max(1, Math.floor(train / batchSize));
  const steps = stepsPerEpoch * epochs;
  return { batchSize, stepsPerEpoch, steps, imagesSeen: steps * batchSize };
}
