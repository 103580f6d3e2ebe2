import { likeArchitecture, type Architecture, type ArchitectureName } from '../architecture.ts';
import type { ImageSize } from '../image-size.ts';
import {
  defaultWeights,
  papersModels,
  PAPERS_SETTINGS,
  type Objective,
  type TrainingConfig,
} from '../run.ts';
import { trainingLength } from '../training-length.ts';
import { leastSteps } from './few-steps.ts';
import { describeGoal, type Goal } from './goal.ts';
import { expectedSeconds, priorRate, type ImageFacts, type Processor } from './speed.ts';

/** All that the settings of a goal depend on. */
export interface GoalFacts extends ImageFacts {
  readonly imageSize: ImageSize;
  readonly processor: Processor;
  /** Images per second that such a training reaches here, where that was measured. */
  readonly measuredRate?: (config: TrainingConfig) => number | undefined;
}

/** What is expected of one training. */
export interface ExpectedTraining {
  readonly config: TrainingConfig;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly imagesSeen: number;
  readonly imagesPerSecond: number;
  /** Whether the rate was measured here; otherwise it is that of another machine. */
  readonly isMeasured: boolean;
  readonly seconds: number;
}

/** What a goal becomes: one training, or four for the paper's settings. */
export interface GoalPlan {
  readonly goal: Goal;
  readonly trainings: readonly ExpectedTraining[];
  readonly seconds: number;
}

/** A goal whose epochs follow from its time budget. */
export type FittedGoal = Exclude<Goal, 'paper'>;

/**
 * The number of times that every image is seen at most. Of 300 photographs, the held-out error no longer fell after 50
 * passes of the paper's network and 60 of the smaller one, while that of the training images did.
 */
const MOST_PASSES: Readonly<Record<FittedGoal, Readonly<Record<ArchitectureName, number>>>> = {
  quick: { paper: 60, burgess: 80, residual: 60 },
  pictures: { paper: 100, burgess: 100, residual: 100 },
  disentangle: { paper: 100, burgess: 100, residual: 100 },
};

/** How many times the fewest steps a goal has at least. */
const LEARNED_TIMES = 3;

/** How many times its budget a goal may take, because epochs are whole. */
const TOLERANCE = 1.25;

/** The objective of a goal that has one. */
export function goalObjective(goal: FittedGoal): Objective {
  switch (goal) {
    case 'quick':
    case 'pictures':
      return { model: 'vae' };
    case 'disentangle':
      // The weights of the starter model: all of KL counts less than in a VAE, and total correlation six times the rest.
      return { model: 'beta-tcvae', alpha: 0.2, beta: 1.2, gamma: 0.2 };
  }
}

/**
 * Small batches give more steps in the same time: in two minutes on 8,000 faces, batches of 16 reached a smaller
 * held-out error than batches of 32. A GPU takes as long for a small batch as for a large one, and the estimate of
 * total correlation needs larger ones.
 */
function batchSizeFor(goal: FittedGoal, images: number, { kind }: Processor): number {
  if (images < 1000) return 16;
  if (kind === 'gpu') return images < 10_000 ? 64 : 128;
  if (goal === 'disentangle') return 64;
  return images < 10_000 ? 16 : 32;
}

/** One held-out image in twenty, as the paper has it; of small data more, because a few images measure nothing. */
function heldOutFractionFor(images: number): number {
  return images < 1000 ? 0.1 : PAPERS_SETTINGS.heldOutFraction;
}

/** The settings of a goal, with one epoch. */
function settingsOf(goal: FittedGoal, architecture: Architecture, facts: GoalFacts): TrainingConfig {
  const { images, processor } = facts;
  const isMixed = architecture !== 'burgess' && processor.multipliesBfloat16 === true;
  return {
    ...PAPERS_SETTINGS,
    objective: goalObjective(goal),
    // Of all weights of the squared error the one of the ELBO, which the data's own error gives.
    ...(goal === 'pictures' ? { decoder: { kind: 'gaussian-optimal' } as const } : {}),
    architecture,
    latentDim: goal === 'disentangle' ? 10 : 32,
    epochs: 1,
    batchSize: batchSizeFor(goal, images, processor),
    learningRate: goal === 'disentangle' ? 1e-3 : 5e-4,
    precision: isMixed ? 'mixed' : 'full',
    heldOutFraction: heldOutFractionFor(images),
  };
}

/** What is expected of a training: its length, and its time at the measured rate or else at the prior one. */
export function expectTraining(config: TrainingConfig, facts: GoalFacts): ExpectedTraining {
  const measured = facts.measuredRate?.(config);
  const isMeasured = measured !== undefined && measured > 0;
  const imagesPerSecond = isMeasured ? measured : priorRate(config, facts, facts.processor);
  const { stepsPerEpoch, steps, imagesSeen } = trainingLength(facts, config);
  const seconds = expectedSeconds(facts, config, imagesPerSecond);
  return { config, stepsPerEpoch, steps, imagesSeen, imagesPerSecond, isMeasured, seconds };
}

/** The number of epochs that is closest to a time, and not much more than it. */
function epochsInTime(budget: number, seconds: number): number {
  const closest = Math.round(budget / seconds);
  return closest * seconds <= TOLERANCE * budget ? closest : Math.floor(budget / seconds);
}

/**
 * As many epochs as the goal's time allows, and no more passes over the images than are useful. A model that has
 * learned something matters more than the time, so there are never too few steps for that.
 */
function fitEpochs(goal: FittedGoal, config: TrainingConfig, facts: GoalFacts): TrainingConfig {
  const once = expectTraining({ ...config, epochs: 1 }, facts);
  const useful = Math.min(
    epochsInTime(describeGoal(goal).budgetSeconds!, once.seconds),
    MOST_PASSES[goal][likeArchitecture(config.architecture)],
  );
  const needed = Math.ceil((LEARNED_TIMES * leastSteps(config)) / once.stepsPerEpoch);
  return { ...config, epochs: Math.max(1, useful, needed) };
}

/** The architectures of a goal, the best first; each needs more time for an epoch than the next. */
const ARCHITECTURES: Readonly<Record<FittedGoal, readonly ArchitectureName[]>> = {
  quick: ['paper', 'burgess'],
  pictures: ['residual', 'paper', 'burgess'],
  disentangle: ['burgess'],
};

/** The first architecture of a goal of which an epoch fits into its time. */
function architectureFor(goal: FittedGoal, facts: GoalFacts): ArchitectureName {
  const budget = TOLERANCE * describeGoal(goal).budgetSeconds!;
  const order = ARCHITECTURES[goal];
  const fits = (architecture: ArchitectureName): boolean =>
    expectTraining(settingsOf(goal, architecture, facts), facts).seconds <= budget;
  return order.find(fits) ?? order.at(-1)!;
}

/**
 * Turns a goal into complete settings and what is expected of them, by the images, the processor and the measured
 * speed.
 *
 * @param changes - settings that are fixed; what the goal chooses otherwise follows from them. Without epochs among
 *   them, the epochs are fitted to the goal's time.
 */
export function planGoal(goal: Goal, facts: GoalFacts, changes: Partial<TrainingConfig> = {}): GoalPlan {
  const trainings = configsOf(goal, facts, changes).map((config) => expectTraining(config, facts));
  return { goal, trainings, seconds: trainings.reduce((sum, { seconds }) => sum + seconds, 0) };
}

function configsOf(goal: Goal, facts: GoalFacts, changes: Partial<TrainingConfig>): TrainingConfig[] {
  if (goal === 'paper') {
    const objectives = changes.objective
      ? [changes.objective]
      : papersModels().map((model): Objective => ({ model, ...defaultWeights(model) }));
    return objectives.map((objective) => ({ ...PAPERS_SETTINGS, ...changes, objective }));
  }
  const architecture = changes.architecture ?? architectureFor(goal, facts);
  const config = { ...settingsOf(goal, architecture, facts), ...changes };
  return [changes.epochs === undefined ? fitEpochs(goal, config, facts) : config];
}
