import type { GoalFacts, GoalPlan } from '../contract/goals/plan.ts';
import type { Processor } from '../contract/goals/speed.ts';
import type { TrainingConfig } from '../contract/run.ts';
import { multipliesBfloat16 } from '../engine/basics/processor.ts';
import type { Dataset } from '../engine/data/dataset.ts';
import { loadNative } from '../engine/tensorflow/binding.ts';
import { describePlan, planFields } from './describe-plan.ts';
import { measureSpeed } from './measure-speed.ts';
import type { Session } from './session.ts';

/** A training that is planned, and its speed, images per second, where it was measured. */
export interface Planned {
  readonly config: TrainingConfig;
  readonly measuredRate?: number | undefined;
}

/** The processor that trains here. */
function processorHere(): Processor {
  const { device } = loadNative();
  return { kind: device, multipliesBfloat16: device === 'gpu' ? true : (multipliesBfloat16() ?? null) };
}

/** Whether a step of two trainings takes as long. */
function isAsFast(config: TrainingConfig, other: TrainingConfig): boolean {
  const sameObjective = config.objective.model === other.objective.model;
  const names = ['architecture', 'latentDim', 'batchSize', 'precision'] as const;
  // An architecture of a person's own is an object.
  const isSame = (name: (typeof names)[number]): boolean =>
    JSON.stringify(config[name]) === JSON.stringify(other[name]);
  return sameObjective && names.every(isSame);
}

/**
 * Turns a goal into the trainings of these images on this processor, and reports them. Where epochs are fitted to the
 * goal's time, the speed of a few steps is measured first.
 *
 * @param planner - see `goalPlanner`
 * @param options - whether the epochs are fixed
 */
export async function planTrainings(
  session: Session,
  dataset: Dataset,
  planner: (facts: GoalFacts) => GoalPlan,
  { hasEpochs }: { readonly hasEpochs: boolean },
): Promise<Planned[]> {
  const { reporter } = session;
  const { images, imageSize, channels, split } = dataset.info;
  const facts: GoalFacts = { images, imageSize, channels, split, processor: processorHere() };
  let plan = planner(facts);
  const [first] = plan.trainings;
  if (plan.goal !== 'paper' && !hasEpochs && first) {
    const rate = await measureSpeed(session, dataset, first.config);
    plan = planner({
      ...facts,
      measuredRate: (config) => (isAsFast(config, first.config) ? rate : undefined),
    });
  }
  for (const training of plan.trainings) reporter.event('plan', planFields(plan, training));
  reporter.say(describePlan(plan), '');
  return plan.trainings.map(({ config, isMeasured, imagesPerSecond }) => ({
    config,
    measuredRate: isMeasured ? imagesPerSecond : undefined,
  }));
}
