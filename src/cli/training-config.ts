import * as v from 'valibot';
import { UnravelError } from '../contract/errors.ts';
import {
  ObjectiveSchema,
  TrainingConfigSchema,
  weightNames,
  type ArchitectureName,
  type DecoderKind,
  type ModelKind,
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

/** The options of `unravel train`, weights included; the paper's value is used for each that is left out. */
export interface TrainingChoices extends Readonly<Partial<Record<WeightName, number>>> {
  readonly model: ModelKind;
  readonly sampling?: Sampling;
  readonly decoder?: DecoderKind;
  readonly variance?: number;
  readonly condition?: string;
  readonly architecture?: ArchitectureName;
  readonly latent?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly precision?: Precision;
  readonly seed?: number;
  readonly heldOut?: number;
  readonly checkpointEvery?: number;
}

/** The option that a part of the config comes from. */
const optionOf: Readonly<Record<string, string>> = {
  latentDim: '--latent',
  epochs: '--epochs',
  batchSize: '--batch',
  learningRate: '--lr',
  seed: '--seed',
  heldOutFraction: '--held-out',
  checkpointEverySteps: '--checkpoint-every',
  variance: '--variance',
  condition: '--condition',
};

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
  const option = optionOf[key] ?? (isWeight ? weightOption(key) : 'An option');
  switch (issue.type) {
    case 'min_value':
      return `${option} must be at least ${shown(issue.requirement)}.`;
    case 'max_value':
      return `${option} must be at most ${shown(issue.requirement)}.`;
    case 'integer':
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

/**
 * The config of a command line: the paper's values, replaced by those of the options. The contract's schema checks
 * which values are allowed.
 *
 * @throws UsageError naming the option that is out of range, or the weight that the model does not have
 */
export function trainingConfig(choices: TrainingChoices): TrainingConfig {
  const { model, sampling } = choices;
  const weights = chosen(Object.fromEntries(weightNames().map((name) => [name, choices[name]])));
  const inRange = v.safeParse(ObjectiveSchema, { model, ...weights });
  if (!inRange.success) throw new UsageError(complaint(inRange.issues[0]));
  let objective;
  let decoder;
  try {
    objective = makeObjective(model, { ...weights, sampling });
    decoder = makeDecoder(model, { kind: choices.decoder, variance: choices.variance });
  } catch (error) {
    if (!(error instanceof UnravelError)) throw error;
    throw new UsageError(error.message, commandHint(error));
  }
  const config = {
    ...defaultConfig(objective),
    ...chosen({
      decoder,
      condition: choices.condition,
      architecture: choices.architecture,
      latentDim: choices.latent,
      epochs: choices.epochs,
      batchSize: choices.batch,
      learningRate: choices.lr,
      precision: choices.precision,
      seed: choices.seed,
      heldOutFraction: choices.heldOut,
      checkpointEverySteps: choices.checkpointEvery,
    }),
  };
  const checked = v.safeParse(TrainingConfigSchema, config);
  if (checked.success) return checked.output;
  throw new UsageError(complaint(checked.issues[0]));
}
