import { tooFewSteps } from '../contract/goals/few-steps.ts';
import { describeGoal } from '../contract/goals/goal.ts';
import type { ExpectedTraining, GoalPlan } from '../contract/goals/plan.ts';
import type { TrainingConfig } from '../contract/run.ts';
import { trainingLength } from '../contract/training-length.ts';
import { counted, duration, whole } from './format.ts';

/** How the steps of a training come about: `12 epochs × 47 = 564 steps`. */
export function describeLength(images: number, config: TrainingConfig): string {
  const { stepsPerEpoch, steps } = trainingLength(images, config);
  return `${counted(config.epochs, 'epoch')} × ${whole(stepsPerEpoch)} = ${counted(steps, 'step')}`;
}

/** What is expected of one of a goal's trainings, in a sentence. */
export function describeExpected({
  imagesSeen,
  imagesPerSecond,
  isMeasured,
  seconds,
}: ExpectedTraining): string {
  const speed = `${whole(imagesPerSecond)} images a second`;
  const source = isMeasured ? `at ${speed}, as measured now` : `at an assumed ${speed}`;
  return `${counted(imagesSeen, 'image')} seen, expected to take ${duration(seconds)} ${source}.`;
}

/** A goal and its time, in a line: `Quick look, 1 min 52 s.` */
export function describePlan({ goal, trainings, seconds }: GoalPlan): string {
  const models = trainings.length > 1 ? `${counted(trainings.length, 'model')}, ` : '';
  return `${describeGoal(goal).title}: ${models}expected to take ${duration(seconds)}.`;
}

/** The fields of the event `plan`, for scripts. */
export function planFields(
  { goal }: Pick<GoalPlan, 'goal'>,
  { config, steps, imagesSeen, imagesPerSecond, isMeasured, seconds }: ExpectedTraining,
): object {
  return { goal, config, steps, imagesSeen, imagesPerSecond, isMeasured, seconds };
}

/** A warning where a training has too few steps to learn anything, with the options that would do. */
export function fewStepsWarning(images: number, config: TrainingConfig): string | undefined {
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
