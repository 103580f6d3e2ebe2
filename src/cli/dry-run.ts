import { architectureName } from '../contract/architecture.ts';
import { expectedSeconds } from '../contract/goals/speed.ts';
import type { PlannedPart } from '../contract/operations/models.ts';
import { trainingLength } from '../contract/training-length.ts';
import type { Dataset } from '../engine/data/dataset.ts';
import { describePlan } from '../engine/models/describe-plan.ts';
import { specOfRun } from '../engine/runs/spec.ts';
import { newRun } from '../engine/training/train.ts';
import { describeLength, fewStepsWarning } from './describe-plan.ts';
import { describeConfig, describeObjective } from './describe-run.ts';
import { counted, duration, whole } from './format.ts';
import { measureSpeed } from './measure-speed.ts';
import type { Planned } from './plan-trainings.ts';
import type { Session } from './session.ts';

/** A layer in a line: `conv          32×32×64      12,352`. */
function partLine({ kind, output, parameters }: PlannedPart): string {
  const weights = parameters === 0 ? '' : whole(parameters).padStart(12);
  return `  ${kind.padEnd(16)}${output.join('×').padEnd(14)}${weights}`.trimEnd();
}

/** Says what trainings would be, and measures the speed of a few steps of each; nothing is stored. */
export async function describeDryRun(
  session: Session,
  dataset: Dataset,
  planned: readonly Planned[],
): Promise<void> {
  const trainings: object[] = [];
  for (const each of planned) trainings.push(await describeTraining(session, dataset, each));
  session.reporter.done({ trainings }, 'Nothing was trained.');
}

/** @returns the fields for scripts */
async function describeTraining(
  session: Session,
  dataset: Dataset,
  { config, measuredRate }: Planned,
): Promise<object> {
  const plan = describePlan(specOfRun(await newRun(dataset, config)));
  const imagesPerSecond = measuredRate ?? (await measureSpeed(session, dataset, config));
  const { batchSize } = trainingLength(dataset.info, config);
  const secondsPerStep = batchSize / imagesPerSecond;
  const seconds = expectedSeconds(dataset.info, config, imagesPerSecond);
  const warning = fewStepsWarning(dataset.info, config);
  session.reporter.say(
    `${describeObjective(config.objective)} on ${dataset.info.name}: ${describeConfig(config)}.`,
    `Encoder of ${architectureName(config.architecture)}: layers, what they give, their weights`,
    ...plan.encoder.map(partLine),
    'Decoder',
    ...plan.decoder.map(partLine),
    `${counted(plan.parameters, 'weight')}; ${whole(plan.multiplications / 1e6)} million multiplications for an image.`,
    `A step of ${counted(batchSize, 'image')} takes ${whole(1000 * secondsPerStep)} ms here: ${whole(imagesPerSecond)} images a second.`,
    `${describeLength(dataset.info, config)}, about ${duration(seconds)}.`,
    ...(warning === undefined ? [] : [warning]),
    '',
  );
  return { config, ...plan, imagesPerSecond, secondsPerStep, seconds };
}
