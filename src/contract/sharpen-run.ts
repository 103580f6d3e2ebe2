import * as v from 'valibot';
import { UnravelError } from './errors.ts';
import { descriptorOf, TrainingConfigSchema, type RunInfo, type TrainingConfig } from './run.ts';
import { SHARPENING_DEFAULTS, SharpeningWeightsSchema } from './sharpening.ts';

const { epochs, learningRate, batchSize, precision, seed } = TrainingConfigSchema.entries;
const { adversarial, perceptual } = SharpeningWeightsSchema.entries;

/** What a person may choose for a sharpening; what is left out is that of `SHARPENING_DEFAULTS`, or of the run. */
export const SharpeningChoicesSchema = v.object({
  adversarial: v.optional(adversarial),
  perceptual: v.optional(perceptual),
  epochs: v.optional(epochs),
  learningRate: v.optional(learningRate),
  batchSize: v.optional(batchSize),
  precision: v.optional(precision),
  seed: v.optional(seed),
});
export type SharpeningChoices = v.InferOutput<typeof SharpeningChoicesSchema>;

/** The weights of Adam's moving average: what the discriminator does from step to step cancels in it. */
const AVERAGE_DECAY = 0.995;

/**
 * The settings of a sharpening, from those of the run that it starts from.
 *
 * @throws UnravelError `bad-input` for a choice that is out of range
 */
export function sharpeningConfig(
  { optimiser: _own, ...origin }: TrainingConfig,
  choices: SharpeningChoices,
): TrainingConfig {
  const { epochs = SHARPENING_DEFAULTS.epochs, learningRate = SHARPENING_DEFAULTS.learningRate } = choices;
  const { batchSize = Math.min(origin.batchSize, SHARPENING_DEFAULTS.batchSize) } = choices;
  const { precision = origin.precision, seed = origin.seed } = choices;
  const config = v.safeParse(TrainingConfigSchema, {
    ...origin,
    ...{ epochs, learningRate, batchSize, precision, seed },
    optimiser: { schedule: 'cosine', averageDecay: AVERAGE_DECAY },
  });
  if (config.success) return config.output;
  const [issue] = config.issues;
  throw new UnravelError(
    'bad-input',
    `A sharpening cannot have this ${v.getDotPath(issue) ?? 'setting'}: ${issue.message}.`,
  );
}

/** Why a run's decoder cannot be sharpened. */
export interface SharpeningRefusal {
  /** Ends a sentence: `it has codes only`. */
  readonly why: string;
  readonly hint: string;
}

/** @returns undefined for a run whose decoder can be sharpened, as far as its model decides */
export function sharpeningRefusal({
  config,
  network,
  hasCodesOnly,
}: Pick<RunInfo, 'config' | 'network' | 'hasCodesOnly'>): SharpeningRefusal | undefined {
  if (hasCodesOnly) return { why: 'the run has codes only', hint: 'Choose a run with a model.' };
  if (network) {
    return {
      why: 'its layers are those of another program, which Unravel decodes with but does not train',
      hint: 'Choose a run of one of Unravel’s architectures.',
    };
  }
  if (descriptorOf(config.objective.model).discriminator === 'images') {
    return {
      why: 'it has been trained against a discriminator of images already',
      hint: 'Choose a model that was trained by a likelihood, such as a VAE.',
    };
  }
  return undefined;
}
