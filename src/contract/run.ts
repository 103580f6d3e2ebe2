import * as v from 'valibot';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const weight = v.pipe(v.number(), v.finite(), v.minValue(0));

/** The paper's four models. */
export const ModelKindSchema = v.picklist(['ae', 'vae', 'beta-vae', 'beta-tcvae']);
export type ModelKind = v.InferOutput<typeof ModelKindSchema>;

export const ArchitectureNameSchema = v.picklist(['paper', 'burgess']);
export type ArchitectureName = v.InferOutput<typeof ArchitectureNameSchema>;

/** `full` computes in float32; `mixed` runs the networks in bfloat16 over float32 weights. */
export const PrecisionSchema = v.picklist(['full', 'mixed']);
export type Precision = v.InferOutput<typeof PrecisionSchema>;

/** The weights of an objective's terms; those a model does not have are left out. */
export const ObjectiveSchema = v.object({
  model: ModelKindSchema,
  /** Weight of KL (β-VAE) or of total correlation (β-TCVAE). */
  beta: v.optional(weight),
  /** Weight of the index-code mutual information (β-TCVAE). */
  alpha: v.optional(weight),
  /** Weight of the dimension-wise KL (β-TCVAE). */
  gamma: v.optional(weight),
});
export type Objective = v.InferOutput<typeof ObjectiveSchema>;

/** Everything that decides how a model is trained: the same config on the same data gives the same run. */
export const TrainingConfigSchema = v.object({
  objective: ObjectiveSchema,
  architecture: ArchitectureNameSchema,
  latentDim: v.pipe(positive, v.maxValue(512)),
  epochs: v.pipe(positive, v.maxValue(100_000)),
  batchSize: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(4096)),
  learningRate: v.pipe(v.number(), v.finite(), v.minValue(1e-9), v.maxValue(1)),
  precision: PrecisionSchema,
  seed: v.pipe(count, v.maxValue(Number.MAX_SAFE_INTEGER)),
  /** Part of the images held out for honest numbers. */
  heldOutFraction: v.pipe(v.number(), v.minValue(0.001), v.maxValue(0.5)),
  /** Write a checkpoint after so many steps, beside the one at each epoch's end; 0: only at the end. */
  checkpointEverySteps: count,
});
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;

/** Honest numbers on images the model was not trained on. Nats per image. */
export const HeldOutSchema = v.object({
  images: count,
  /** Squared error ‖x − x̂‖² with z = mu, summed over pixels and channels. */
  reconstruction: v.number(),
  /** KL(q(z|x) ‖ p(z)), summed over dimensions; 0 for an AE, which has no posterior. */
  kl: v.number(),
  klPerDimension: v.array(v.number()),
  /** Dimensions with a KL above 0.01 nats; for an AE, whose codes vary. */
  activeDimensions: count,
});
export type HeldOut = v.InferOutput<typeof HeldOutSchema>;

/** KL's three parts, measured with an aggregate posterior; nats per image (Chen et al. 2018, eq. 2). */
export const DecompositionSchema = v.object({
  /** Index-code mutual information I(n; z); at most log of the number of images measured with. */
  mutualInformation: v.number(),
  /** KL(q(z) ‖ Πₗ q(zₗ)). */
  totalCorrelation: v.number(),
  /** Σₗ KL(q(zₗ) ‖ p(zₗ)). */
  dimensionwiseKl: v.number(),
});
export type Decomposition = v.InferOutput<typeof DecompositionSchema>;

export const RunStateSchema = v.picklist(['running', 'interrupted', 'done', 'failed', 'imported']);

/** `run.json`: what a run is and where it stands. Its weights lie in `checkpoint.safetensors`. */
export const RunInfoSchema = v.object({
  version: v.literal(1),
  id: v.string(),
  name: v.string(),
  created: v.string(),
  state: RunStateSchema,
  /** The process that trains it, while `state` is `running`. */
  pid: v.optional(count),
  /** Why it failed, in words. */
  failure: v.optional(v.string()),
  dataset: v.nullable(v.object({ id: v.string(), name: v.string(), images: count })),
  config: TrainingConfigSchema,
  imageSize: v.picklist([32, 64]),
  channels: v.picklist([1, 3]),
  /** Epochs and steps that the checkpoint holds. */
  epoch: count,
  step: count,
  heldOut: v.optional(HeldOutSchema),
  /** By the aggregate posterior of the last snapshot's images; an AE has none. */
  decomposition: v.optional(DecompositionSchema),
  versions: v.object({ unravel: v.string(), tensorflow: v.string() }),
  /** For a model trained elsewhere: what its own file says of it. */
  importedFrom: v.optional(v.string()),
});
export type RunInfo = v.InferOutput<typeof RunInfoSchema>;

/** The value of each named term of the objective, unweighted, nats per image, and their weighted sum. */
export interface LossTerms {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** What a training tells its watchers. The same objects are the lines of `metrics.jsonl` (steps and epochs). */
export type TrainingEvent =
  | { readonly event: 'started'; readonly run: string; readonly steps: number; readonly device: string }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly loss: LossTerms;
      /** KL of this batch per dimension, nats. */
      readonly klPerDimension: readonly number[];
      /** Undefined for an AE, which has no KL to tell by. */
      readonly activeDimensions: number | undefined;
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
      /** KL's parts by the aggregate posterior of the snapshot's images; undefined for an AE. */
      readonly decomposition: Decomposition | undefined;
      readonly seconds: number;
    }
  | { readonly event: 'sheet'; readonly kind: 'reconstructions' | 'samples'; readonly path: string }
  | { readonly event: 'checkpoint'; readonly step: number; readonly epoch: number }
  | { readonly event: 'warning'; readonly message: string };
