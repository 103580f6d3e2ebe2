import { likeArchitecture, type ArchitectureName } from '../architecture.ts';
import { MOST_EPOCHS, type TrainingConfig } from '../run.ts';
import { splitCounts, trainingLength, type LengthSettings, type SplitFacts } from '../training-length.ts';

/**
 * Adam moves a weight by about the learning rate in each step, so a smaller rate needs more steps. With a smaller
 * product of steps and learning rate than these, the held-out error of 300 photographs was still about that of their
 * mean image. The paper's network, which has batch norms, learns sooner.
 */
const LEAST_MOVEMENT: Readonly<Record<ArchitectureName, number>> = {
  paper: 0.015,
  burgess: 0.1,
  residual: 0.03,
};
const FEWEST_STEPS = 50;
/** What is proposed is several times what is needed at least. */
const PROPOSED_TIMES = 3;
/** Smaller batches give more steps an epoch; batch norms need some images. */
const SMALL_BATCH = 16;

type StepSettings = LengthSettings & Pick<TrainingConfig, 'architecture' | 'learningRate'>;

/** The fewest steps after which a model has learned something. */
export function leastSteps({
  architecture,
  learningRate,
}: Pick<TrainingConfig, 'architecture' | 'learningRate'>): number {
  return Math.max(FEWEST_STEPS, Math.ceil(LEAST_MOVEMENT[likeArchitecture(architecture)] / learningRate));
}

/** A training that is too short, and settings with which it is not. */
export interface FewSteps {
  readonly steps: number;
  readonly enough: {
    readonly batchSize: number;
    readonly learningRate: number;
    readonly epochs: number;
    readonly steps: number;
  };
}

/** The largest batch, halved from the present one, with which an epoch has at least ten steps. */
function smallerBatch(train: number, batchSize: number): number {
  let smaller = batchSize;
  while (smaller > SMALL_BATCH && train / smaller < 10)
    smaller = Math.max(SMALL_BATCH, Math.ceil(smaller / 2));
  return smaller;
}

/**
 * Whether a training has too few steps to learn anything, and what would do: smaller batches where an epoch has few
 * steps, a usual learning rate where it is a very small one, and then more epochs.
 *
 * @param images - the images of the data set
 * @returns undefined where the steps suffice
 */
export function tooFewSteps(images: SplitFacts, config: StepSettings): FewSteps | undefined {
  const { steps } = trainingLength(images, config);
  if (steps >= leastSteps(config)) return undefined;
  const { train } = splitCounts(images, config.heldOutFraction);
  const batchSize = smallerBatch(train, config.batchSize);
  const learningRate = Math.max(config.learningRate, 1e-4);
  const wanted = PROPOSED_TIMES * leastSteps({ ...config, learningRate });
  const { stepsPerEpoch } = trainingLength(images, { ...config, batchSize });
  const epochs = Math.min(MOST_EPOCHS, Math.max(config.epochs, Math.ceil(wanted / stepsPerEpoch)));
  return { steps, enough: { batchSize, learningRate, epochs, steps: stepsPerEpoch * epochs } };
}
