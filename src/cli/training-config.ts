import * as v from 'valibot';
import { withOwnDeviation, type Deviation } from '../contract/deviation.ts';
import { UnravelError } from '../contract/errors.ts';
import { describePreset, presetConfig, type PresetName } from '../contract/presets.ts';
import type { SplitFacts } from '../contract/training-length.ts';
import type { Goal } from '../contract/goals/goal.ts';
import { goalObjective, planGoal, type GoalFacts, type GoalPlan } from '../contract/goals/plan.ts';
import type { Optimiser, Schedule } from '../contract/optimiser.ts';
import {
  ContinuationSchema,
  isVariational,
  ObjectiveSchema,
  objectiveTitle,
  papersModels,
  PAPERS_SETTINGS,
  suggestedOptimiser,
  TrainingConfigSchema,
  weightNames,
  type Architecture,
  type Continuation,
  type DecoderKind,
  type ModelKind,
  type Objective,
  type Precision,
  type Sampling,
  type TrainingConfig,
  type WeightName,
} from '../contract/run.ts';
import { defaultConfig } from '../engine/training/config.ts';
import { makeDecoder } from '../engine/losses/decoders.ts';
import { makeObjective } from '../engine/losses/objectives.ts';
import { whole } from './format.ts';
import { commandHint } from './hints.ts';
import { UsageError } from './usage-error.ts';

/**
 * The options of `unravel train`, weights included. For each that is left out, the goal's value is used, or without a
 * goal the paper's.
 */
export interface TrainingChoices extends Readonly<Partial<Record<WeightName, number>>> {
  /** Left out only where there is a goal. */
  readonly model?: ModelKind;
  readonly sampling?: Sampling;
  readonly decoder?: DecoderKind;
  readonly variance?: number;
  readonly deviation?: Deviation;
  readonly condition?: string;
  readonly architecture?: Architecture;
  readonly latent?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly schedule?: Schedule;
  readonly lrWarmUp?: number;
  readonly clipNorm?: number;
  readonly weightDecay?: number;
  readonly average?: number;
  readonly precision?: Precision;
  readonly seed?: number;
  readonly heldOut?: number;
  readonly checkpointEvery?: number;
}

/** The option that a part of the config comes from. */
const optionOf = {
  latentDim: '--latent',
  epochs: '--epochs',
  batchSize: '--batch',
  learningRate: '--lr',
  warmUpSteps: '--lr-warm-up',
  clipNorm: '--clip-norm',
  weightDecay: '--weight-decay',
  averageDecay: '--average',
  seed: '--seed',
  heldOutFraction: '--held-out',
  checkpointEverySteps: '--checkpoint-every',
  variance: '--variance',
  condition: '--condition',
} as const satisfies Readonly<Record<string, string>>;

/** The option of a setting: `--lr` for `learningRate`. */
export function optionFor(setting: keyof typeof optionOf): string {
  return optionOf[setting];
}

/** A weight's option: `--lambda-diagonal` for `lambdaDiagonal`. */
export function weightOption(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function shown(requirement: unknown): string {
  return typeof requirement === 'number' && requirement >= 1 ? whole(requirement) : String(requirement);
}

/** A message for a value that the contract refuses. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const key = String(issue.path?.at(-1)?.key);
  const isWeight = weightNames().some((name) => name === key);
  const option =
    (optionOf as Readonly<Record<string, string>>)[key] ?? (isWeight ? weightOption(key) : 'An option');
  switch (issue.type) {
    case 'min_value':
      return `${option} must be at least ${shown(issue.requirement)}.`;
    case 'max_value':
      return `${option} must be at most ${shown(issue.requirement)}.`;
    case 'integer':
    case 'safe_integer':
      return `${option} must be a whole number.`;
    default:
      return `${option} cannot be ${issue.received}.`;
  }
}

/** Leaves out undefined values, so that the paper's are used. */
function chosen<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The weights among the options. */
function chosenWeights(choices: TrainingChoices): Partial<Record<WeightName, number>> {
  return chosen(Object.fromEntries(weightNames().map((name) => [name, choices[name]])));
}

/** Carries out what the engine may refuse; its refusal is wrong usage. */
function orUsageError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UnravelError)) throw error;
    throw new UsageError(error.message, commandHint(error));
  }
}

/** A model with the weights of the options, and those of `base` or the defaults for the rest. */
function objectiveFrom(model: ModelKind, choices: TrainingChoices, base?: Objective): Objective {
  const weights = chosenWeights(choices);
  const inRange = v.safeParse(ObjectiveSchema, { model, ...weights });
  if (!inRange.success) throw new UsageError(complaint(inRange.issues[0]));
  const { model: _named, sampling, ...others } = base?.model === model ? base : { model };
  return orUsageError(() =>
    makeObjective(model, { ...others, ...weights, sampling: choices.sampling ?? sampling }),
  );
}

/** The settings that options fix, except the objective. */
function settingsFrom(model: ModelKind, choices: TrainingChoices): Partial<TrainingConfig> {
  const decoder = orUsageError(() =>
    makeDecoder(model, { kind: choices.decoder, variance: choices.variance }),
  );
  if (choices.deviation !== undefined && !isVariational({ model })) {
    throw new UsageError(
      `${objectiveTitle(model)} has no posterior, and so no standard deviation of one.`,
      'Leave --deviation out.',
    );
  }
  return chosen({
    decoder,
    deviation: choices.deviation,
    condition: choices.condition,
    architecture: choices.architecture,
    latentDim: choices.latent,
    epochs: choices.epochs,
    batchSize: choices.batch,
    learningRate: choices.lr,
    optimiser: optimiserFrom(model, choices),
    precision: choices.precision,
    seed: choices.seed,
    heldOutFraction: choices.heldOut,
    checkpointEverySteps: choices.checkpointEvery,
  });
}

/** What the options and the model add to Adam; undefined for nothing. */
function optimiserFrom(
  model: ModelKind,
  {
    schedule,
    lrWarmUp,
    clipNorm,
    weightDecay = suggestedOptimiser(model)?.weightDecay,
    average,
  }: TrainingChoices,
): Optimiser | undefined {
  const own = chosen({
    ...{ schedule, warmUpSteps: lrWarmUp },
    // 0 is for none, as in the form: a model may come with a weight decay.
    ...{ clipNorm, weightDecay: weightDecay === 0 ? undefined : weightDecay, averageDecay: average },
  });
  return Object.keys(own).length > 0 ? own : undefined;
}

/**
 * The changes with which a training is continued.
 *
 * @throws UsageError naming the option that is out of range
 */
export function continuation({ epochs, lr }: Record<'epochs' | 'lr', number | undefined>): Continuation {
  const result = v.safeParse(ContinuationSchema, chosen({ epochs, learningRate: lr }));
  if (result.success) return result.output;
  throw new UsageError(complaint(result.issues[0]));
}

/** @throws UsageError naming the option that is out of range */
function checked(config: TrainingConfig): TrainingConfig {
  const result = v.safeParse(TrainingConfigSchema, config);
  if (result.success) return result.output;
  throw new UsageError(complaint(result.issues[0]));
}

/**
 * The config of a command line without a goal: the paper's values, replaced by those of the options. The contract's
 * schema checks which values are allowed.
 *
 * @throws UsageError naming the option that is missing or out of range, or the weight that the model does not have
 */
export function trainingConfig(choices: TrainingChoices): TrainingConfig {
  const { model } = choices;
  if (model === undefined) {
    throw new UsageError(
      'Name a goal or a model.',
      'Use --goal quick, which chooses the settings for the images, or --model vae.',
    );
  }
  return checked({ ...defaultConfig(objectiveFrom(model, choices)), ...settingsFrom(model, choices) });
}

/**
 * The options of a command line with a goal, as changes to what the goal chooses.
 *
 * @throws UsageError as {@link trainingConfig} does
 */
function goalChanges(goal: Goal, choices: TrainingChoices): Partial<TrainingConfig> {
  const base = goal === 'paper' ? undefined : goalObjective(goal);
  const model = choices.model ?? base?.model;
  if (model !== undefined) {
    const changes = { ...settingsFrom(model, choices), objective: objectiveFrom(model, choices, base) };
    checked({ ...PAPERS_SETTINGS, ...changes });
    return changes;
  }
  const [weight] = Object.keys(chosenWeights(choices));
  const option = weight === undefined ? choices.sampling && '--sampling' : weightOption(weight);
  if (option !== undefined) {
    throw new UsageError(
      `${option} needs --model.`,
      `The paper's settings train ${papersModels().join(', ')}, which have different weights.`,
    );
  }
  const settings = papersModels().map((each) => settingsFrom(each, choices));
  checked({ ...defaultConfig({ model: 'vae' }), ...settings[0] });
  return settings[0]!;
}

/**
 * Checks the options of a command line with a goal.
 *
 * @returns turns them into settings, once the images are known
 * @throws UsageError as {@link trainingConfig} does
 */
export function goalPlanner(goal: Goal, choices: TrainingChoices): (facts: GoalFacts) => GoalPlan {
  const changes = goalChanges(goal, choices);
  return (facts) => planGoal(goal, facts, changes);
}

/**
 * Checks the options of a command line with published settings.
 *
 * @returns turns them into settings, once the images are known
 * @throws UsageError as {@link trainingConfig} does
 */
export function presetPlanner(
  name: PresetName,
  choices: TrainingChoices,
): (images: SplitFacts) => TrainingConfig {
  const { objectives } = describePreset(name);
  const model = choices.model ?? objectives[0]!.model;
  const published = objectives.find((each) => each.model === model);
  const changes = { ...settingsFrom(model, choices), objective: objectiveFrom(model, choices, published) };
  const plan = (images: SplitFacts): TrainingConfig =>
    checked(withOwnDeviation({ ...presetConfig(name, images, PAPERS_SETTINGS), ...changes }));
  // Options are refused before any data are opened, whatever their number of images.
  plan(100_000);
  return plan;
}
