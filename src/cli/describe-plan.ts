import { tooFewSteps } from '../contract/goals/few-steps.ts';
import { describeGoal } from '../contract/goals/goal.ts';
import type { ExpectedTraining, GoalPlan } from '../contract/goals/plan.ts';
import type { TrainingConfig } from '../contract/run.ts';
import { trainingLength, type SplitFacts } from '../contract/training-length.ts';
import { counted, duration, whole } from './format.ts';

/** How the steps of a training come about: `12 epochs × 47 = 564 steps`. */
export function describeLength(images: SplitFacts, config: TrainingConfig): string {
  const { stepsPerEpoch, steps } = trainingLength(images, config);
  return `${counted(config.epochs, 'epoch')} × ${whole(stepsPerEpoch)} = ${counted(steps, 'step')}`;
}

/** A goal and what it became: its steps, and its time in words. */
export function describePlan({ goal, trainings, seconds }: GoalPlan): string {
  const { title } = describeGoal(goal);
  const [only] = trainings;
  if (!only || trainings.length > 1) {
    return `${title}: ${counted(trainings.length, 'model')}, about ${duration(seconds)} together.`;
  }
  const { imagesSeen, steps, imagesPerSecond, isMeasured } = only;
  const speed = `${whole(imagesPerSecond)} images a second`;
  return (
    `${title}: ${counted(steps, 'step')}, in which ${counted(imagesSeen, 'image')} are seen; about ` +
    `${duration(seconds)} at ${isMeasured ? `the measured ${speed}` : `an assumed ${speed}`}.`
  );
}

/** The fields of the event `plan`, for scripts. */
export function planFields(
  { goal }: Pick<GoalPlan, 'goal'>,
  { config, steps, imagesSeen, imagesPerSecond, isMeasured, seconds }: ExpectedTraining,
): object {
  return { goal, config, steps, imagesSeen, imagesPerSecond, isMeasured, seconds };
}

/** A warning where a training has too few steps to learn anything, with the options that would do. */
export function fewStepsWarning(images: SplitFacts, config: TrainingConfig): string | undefined {
  const few = tooFewSteps(images, config);
  if (!few) return undefined;
  const { batchSize, learningRate, epochs, steps } = few.enough;
  const options = [
    ...(batchSize === config.batchSize ? [] : [`--batch ${batchSize}`]),
    ...(learningRate === config.learningRate ? [] : [`--lr ${learningRate}`]),
    ...(epochs === config.epochs ? [] : [`--epochs ${epochs}`]),
  ].join(' ');
  return (
    `${counted(few.steps, 'step')}: too few to learn anything. ` +
    `Use ${options}, which makes ${counted(steps, 'step')}, or --goal quick.`
  );
}
