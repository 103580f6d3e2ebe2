import { tooFewSteps, type FewSteps } from '../../../../contract/goals/few-steps.ts';
import type { GoalPlan } from '../../../../contract/goals/plan.ts';
import { listed } from '../../../../contract/listed.ts';
import type { TrainingConfig } from '../../../../contract/run.ts';
import { trainingLength, type SplitFacts } from '../../../../contract/training-length.ts';
import { aboutDuration, counted, wholeNumber } from '../../../components/format.ts';

/** What a goal costs: `about 2 min`, and `1,136 steps` or `4 × 60 steps`. */
export function goalCost({ trainings, seconds }: GoalPlan): {
  readonly time: string;
  readonly steps: string;
} {
  const steps = counted(trainings[0]?.steps ?? 0, 'step');
  return {
    time: aboutDuration(seconds),
    steps: trainings.length > 1 ? `${trainings.length} × ${steps}` : steps,
  };
}

/** Whether one of a goal's trainings is too short to learn anything. */
export function isTooShort(plan: GoalPlan, images: SplitFacts): boolean {
  return plan.trainings.some(({ config }) => tooFewSteps(images, config) !== undefined);
}

/** How the steps of a training come about: `12 epochs × 47 = 564 steps`. */
export function stepWords(images: SplitFacts, config: TrainingConfig): string {
  const { stepsPerEpoch, steps } = trainingLength(images, config);
  return `${counted(config.epochs, 'epoch')} × ${wholeNumber(stepsPerEpoch)} = ${counted(steps, 'step')}`;
}

/** What would do in place of too few steps: `Use batches of 16 and 60 epochs: 1,020 steps`. */
export function enoughWords({ enough }: FewSteps, config: TrainingConfig): string {
  const { batchSize, learningRate, epochs, steps } = enough;
  const changes = [
    ...(batchSize === config.batchSize ? [] : [`batches of ${wholeNumber(batchSize)}`]),
    ...(learningRate === config.learningRate ? [] : [`learning rate ${learningRate}`]),
    ...(epochs === config.epochs ? [] : [counted(epochs, 'epoch')]),
  ];
  return `Use ${listed(changes)}: ${counted(steps, 'step')}`;
}
