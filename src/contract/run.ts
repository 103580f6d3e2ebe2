import * as v from 'valibot';
import { architectureName, ArchitectureSchema } from './architecture.ts';
import { ErrorPayloadSchema, type ErrorPayload, type Remedy } from './errors.ts';
import { StretchSchema } from './contrast.ts';
import { ConditionSchema } from './condition.ts';
import { CropSchema, MOST_COLUMN_NAME, OfficialSplitSchema } from './dataset.ts';
import { DecoderSchema } from './decoder.ts';
import { DeviationSchema } from './deviation.ts';
import { IdSchema } from './ids.ts';
import { ImageSizeSchema } from './image-size.ts';
import { NetworkSchema } from './network.ts';
import { MOST_DIMENSIONS } from './numbers.ts';
import { ObjectiveSchema } from './objective.ts';
import { OptimiserSchema } from './optimiser.ts';
import { SharpeningSchema } from './sharpening.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export {
  architectureName,
  ArchitectureNameSchema,
  ArchitectureSchema,
  likeArchitecture,
  type Architecture,
  type ArchitectureName,
} from './architecture.ts';
export { ConditionSchema, type Condition } from './condition.ts';
export {
  DECODER_TITLES,
  DecoderKindSchema,
  DecoderSchema,
  type Decoder,
  type DecoderKind,
} from './decoder.ts';
export {
  brokenRule,
  defaultWeights,
  descriptorOf,
  furtherModels,
  isVariational,
  klOfTerms,
  labelWeights,
  modelKinds,
  ModelKindSchema,
  objectiveTitle,
  ObjectiveSchema,
  papersModels,
  SamplingSchema,
  suggestedOptimiser,
  valuesPerDimension,
  weightEntries,
  weightLabel,
  weightNames,
  weightsOf,
  type ModelKind,
  type Objective,
  type Sampling,
  type WeightName,
  type WeightNameOf,
} from './objective.ts';
import { ShownTextSchema } from './shown-text.ts';

/** `full` computes in float32; `mixed` runs the networks in bfloat16 over float32 weights. */
export const PrecisionSchema = v.picklist(['full', 'mixed']);
export type Precision = v.InferOutput<typeof PrecisionSchema>;

/** Maximum number of epochs of a training. */
export const MOST_EPOCHS = 100_000;

/** All settings of a training: the same config on the same data gives the same run. */
export const TrainingConfigSchema = v.object({
  objective: ObjectiveSchema,
  /** If left out, the paper's: a Gaussian with variance ½. */
  decoder: v.optional(DecoderSchema),
  /** How the posterior's standard deviation follows from what the encoder gives; `exp` if left out. */
  deviation: v.exactOptional(DeviationSchema),
  /** The data set's column that is the model's condition; if left out, the model is not conditional. */
  condition: v.optional(v.pipe(ShownTextSchema, v.minLength(1), v.maxLength(MOST_COLUMN_NAME))),
  architecture: ArchitectureSchema,
  latentDim: v.pipe(positive, v.maxValue(MOST_DIMENSIONS)),
  epochs: v.pipe(positive, v.maxValue(MOST_EPOCHS)),
  batchSize: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)),
  learningRate: v.pipe(v.number(), v.finite(), v.minValue(1e-9), v.maxValue(1)),
  /** Settings of Adam that the paper does not use; a plain Adam if left out. */
  optimiser: v.exactOptional(OptimiserSchema),
  precision: PrecisionSchema,
  seed: count,
  /** Part of the images that is held out of the training and used to measure the model. */
  heldOutFraction: v.pipe(v.number(), v.minValue(0.001), v.maxValue(0.5)),
  /**
   * Number of steps between checkpoints, in addition to the one at the end of each epoch; 0 for none between.
   */
  checkpointEverySteps: count,
});
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;

/** The changes with which a training is continued. */
export const ContinuationSchema = v.object({
  /** Number of epochs in all. */
  epochs: v.exactOptional(TrainingConfigSchema.entries.epochs),
  learningRate: v.exactOptional(TrainingConfigSchema.entries.learningRate),
});
export type Continuation = v.InferOutput<typeof ContinuationSchema>;

/** A part of a training with settings of its own, after which it was continued with others. */
export const EarlierStageSchema = v.object({
  /** The number of steps at its end. */
  step: count,
  /** What the training's config said in it. */
  epochs: TrainingConfigSchema.entries.epochs,
  learningRate: TrainingConfigSchema.entries.learningRate,
});

/** The paper's settings except the objective, with 5 % of the images held out. */
export const PAPERS_SETTINGS: Omit<TrainingConfig, 'objective'> = {
  architecture: 'paper',
  latentDim: 32,
  epochs: 30,
  batchSize: 128,
  learningRate: 1e-4,
  precision: 'full',
  seed: 1,
  heldOutFraction: 0.05,
  checkpointEverySteps: 0,
};

/** Measurements on images that the model was not trained on, in nats per image. */
export const HeldOutSchema = v.object({
  images: count,
  /** Squared error ‖x − x̂‖² with z = mu, summed over pixels and channels. */
  reconstruction: v.number(),
  /**
   * Squared error of the mean training image in the place of x̂, the baseline of `reconstruction`: a model whose
   * codes tell nothing cannot do better. Runs of early versions do not have it.
   */
  meanImage: v.optional(v.number()),
  /** KL(q(z|x) ‖ p(z)), summed over dimensions; 0 for an AE, which has no posterior. */
  kl: v.number(),
  klPerDimension: v.array(v.number()),
  /** Active dimensions: see `contract/activity.ts`. */
  activeDimensions: count,
});
export type HeldOut = v.InferOutput<typeof HeldOutSchema>;

/**
 * The decomposition of KL, measured with an aggregate posterior, in nats per image (Chen et al. 2018, eq. 2).
 */
export const DecompositionSchema = v.object({
  /** Index-code mutual information I(n; z); at most the log of the number of images. */
  mutualInformation: v.number(),
  /** KL(q(z) ‖ Πₗ q(zₗ)). */
  totalCorrelation: v.number(),
  /** Σₗ KL(q(zₗ) ‖ p(zₗ)). */
  dimensionwiseKl: v.number(),
});
export type Decomposition = v.InferOutput<typeof DecompositionSchema>;

export const RunStateSchema = v.picklist(['running', 'interrupted', 'done', 'failed', 'imported']);

/** `run.json`: description and state of a run. Its weights are in `checkpoint.safetensors`. */
export const RunInfoSchema = v.object({
  version: v.literal(1),
  id: IdSchema,
  name: ShownTextSchema,
  created: ShownTextSchema,
  state: RunStateSchema,
  /** The process that trains it, while `state` is `running`. */
  pid: v.optional(count),
  /** Why it failed. Early versions wrote only a sentence. */
  failure: v.optional(
    v.union([
      ErrorPayloadSchema,
      v.pipe(
        ShownTextSchema,
        v.transform((message): ErrorPayload => ({ code: 'internal', message })),
      ),
    ]),
  ),
  /** The data set that it was trained on. */
  dataset: v.nullable(
    v.object({
      id: IdSchema,
      name: ShownTextSchema,
      images: count,
      /** How its images were cropped. Runs of early versions did not note it. */
      crop: v.optional(CropSchema),
      /** The contrast stretch of its images, which other files need too before this model sees them. */
      stretch: v.optional(StretchSchema),
      /** The split that the data set came with, which decided what was held out. */
      split: v.optional(OfficialSplitSchema),
    }),
  ),
  config: TrainingConfigSchema,
  /**
   * The earlier stages of a training that was continued with a change, in order; `config` has the settings of the last
   * one. A schedule of the objective, such as a warm-up of β, goes by the epochs of the first.
   */
  earlierStages: v.exactOptional(v.pipe(v.array(EarlierStageSchema), v.maxLength(1000))),
  /**
   * For a run whose decoder was sharpened: its encoder is that of another run, and only its decoder was trained. Epochs and
   * steps are those of the sharpening.
   */
  sharpening: v.exactOptional(SharpeningSchema),
  /** Description of the column `config.condition`, for a conditional model. */
  condition: v.optional(ConditionSchema),
  /**
   * The layers of a model that was imported and is none of Unravel's architectures. `config.architecture` does not apply
   * then.
   */
  network: v.optional(NetworkSchema),
  /**
   * True for codes that another program computed: there are the codes of `dataset`, but no encoder and no decoder.
   * `config` tells only the number of dimensions, and whether there are log variances.
   */
  hasCodesOnly: v.optional(v.literal(true)),
  imageSize: ImageSizeSchema,
  channels: v.picklist([1, 3]),
  /** Epochs and steps that the checkpoint was trained for. */
  epoch: count,
  step: count,
  heldOut: v.optional(HeldOutSchema),
  /** σ² of a decoder with learned variance, at the checkpoint. */
  decoderVariance: v.optional(v.number()),
  /** Measured with the aggregate posterior of the last snapshot's images; left out for an AE. */
  decomposition: v.optional(DecompositionSchema),
  versions: v.object({ unravel: ShownTextSchema, tensorflow: ShownTextSchema }),
  /** For a model that was trained elsewhere: the description in its own file. */
  importedFrom: v.optional(ShownTextSchema),
});
export type RunInfo = v.InferOutput<typeof RunInfoSchema>;

/** What the architecture of a run is called. */
export function architectureTitle({
  config,
  network,
  hasCodesOnly,
}: Pick<RunInfo, 'config' | 'network' | 'hasCodesOnly'>): string {
  if (hasCodesOnly) return 'codes only';
  return (
    network?.name ??
    (config.architecture === 'paper' ? 'paper’s architecture' : architectureName(config.architecture))
  );
}

/** A run with the name that its data set has now, which may have been renamed since the training. */
export function withDatasetName(
  run: RunInfo,
  datasets: readonly { readonly id: string; readonly name: string }[],
): RunInfo {
  const { dataset } = run;
  const now = dataset && datasets.find(({ id }) => id === dataset.id);
  return now && now.name !== dataset.name ? { ...run, dataset: { ...dataset, name: now.name } } : run;
}

/** The value of each named term of the objective, unweighted, nats per image, and their weighted sum. */
export interface LossTerms {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** An event of a training. The lines of `metrics.jsonl` are the events `step` and `epoch`. */
export type TrainingEvent =
  | { readonly event: 'started'; readonly run: string; readonly steps: number; readonly device: string }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly loss: LossTerms;
      /** KL of this batch per dimension, nats. */
      readonly klPerDimension: readonly number[];
      /** Undefined for an AE, which has no KL. */
      readonly activeDimensions: number | undefined;
      /** σ² with which the loss was computed, for a decoder with learned variance. */
      readonly decoderVariance?: number | undefined;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number | undefined;
    }
  | {
      readonly event: 'epoch';
      readonly epoch: number;
      readonly step: number;
      /** Means over the epoch's steps. */
      readonly loss: LossTerms;
      readonly heldOut: HeldOut;
      /** Measured with the aggregate posterior of the snapshot's images; undefined for an AE. */
      readonly decomposition: Decomposition | undefined;
      readonly seconds: number;
    }
  | { readonly event: 'sheet'; readonly kind: 'reconstructions' | 'samples'; readonly path: string }
  | { readonly event: 'checkpoint'; readonly step: number; readonly epoch: number }
  | {
      readonly event: 'warning';
      readonly message: string;
      /** What to do about it with the command line. */
      readonly remedy?: Remedy;
    };
