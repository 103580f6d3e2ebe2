import * as v from 'valibot';
import { DamagedSchema } from '../damaged.ts';
import { IdSchema } from '../ids.ts';
import { ImageSizeSchema } from '../image-size.ts';
import { operation } from '../operation.ts';
import { RecipeSchema } from '../recipe.ts';
import { DecompositionSchema, HeldOutSchema, RunInfoSchema, TrainingConfigSchema } from '../run.ts';
import { SharpeningMeasurementSchema } from '../sharpening.ts';
import { shownText } from '../shown-text.ts';
import { tensorOf } from '../tensor.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Loss terms by name, unweighted, nats per image, and their weighted sum. */
export const LossSchema = v.object({ total: v.number(), terms: v.record(v.string(), v.number()) });

/** One point of a run's curves. */
export const StepMetricSchema = v.object({
  step: count,
  epoch: count,
  loss: LossSchema,
  imagesPerSecond: v.number(),
});
export type StepMetric = v.InferOutput<typeof StepMetricSchema>;

export const EpochMetricSchema = v.object({
  epoch: count,
  step: count,
  loss: LossSchema,
  heldOut: HeldOutSchema,
  decomposition: v.optional(DecompositionSchema),
  seconds: v.number(),
});
export type EpochMetric = v.InferOutput<typeof EpochMetricSchema>;

/** Codes and images that were stored at the end of an epoch. */
export const SnapshotSchema = v.object({
  epoch: count,
  /** The images, `[n]`. */
  indices: tensorOf('i32', 1),
  /** Their codes on three principal components, `[n, 3]`, aligned with the epoch before. */
  positions: tensorOf('f32', 2),
  /** Part of the codes' variance that each component explains, in descending order. */
  variance: v.tuple([v.number(), v.number(), v.number()]),
  /** Held-out images, `[k, size, size, channels]`, and their reconstructions. */
  originals: tensorOf('u8', 4),
  reconstructions: tensorOf('u8', 4),
  /** Decoded from the same codes of the prior in every epoch. */
  samples: tensorOf('u8', 4),
});
export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

export const runOperations = {
  /** Newest first. */
  'runs.list': operation('engine', v.object({}), v.array(RunInfoSchema)),
  /** Runs that cannot be opened and are in no other list. */
  'runs.damaged': operation('engine', v.object({}), v.array(DamagedSchema)),
  /**
   * Removes a run, which may be damaged. It can be restored for `UNDO_MS`, then its files are deleted.
   *
   * @throws `conflict` while a job or command uses it
   */
  'runs.remove': operation('engine', v.object({ run: IdSchema }), v.object({})),
  /**
   * Restores a run that was removed less than `UNDO_MS` ago.
   *
   * @throws `not-found` if its files are deleted
   */
  'runs.restore': operation('engine', v.object({ run: IdSchema }), v.object({})),
  'runs.rename': operation(
    'engine',
    v.object({
      run: IdSchema,
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.transform(shownText)),
    }),
    RunInfoSchema,
  ),
  /** Steps are thinned to at most a thousand. */
  'runs.metrics': operation(
    'engine',
    v.object({ run: IdSchema }),
    v.object({
      steps: v.array(StepMetricSchema),
      epochs: v.array(EpochMetricSchema),
      /** Number of damaged lines of `metrics.jsonl`, which are in neither list; 0 if left out. */
      passedOver: v.optional(count),
    }),
  ),
  /** The epochs that have a snapshot, in ascending order. */
  'runs.snapshots': operation('engine', v.object({ run: IdSchema }), v.array(count)),
  'runs.snapshot': operation('engine', v.object({ run: IdSchema, epoch: count }), SnapshotSchema),
  /** What a sharpening has changed; null for another run, and while it was not measured at the run's last step. */
  'runs.sharpening': operation(
    'engine',
    v.object({ run: IdSchema }),
    v.nullable(SharpeningMeasurementSchema),
  ),
  /** Recipes of the GIFs that were exported from a run, newest first. */
  'runs.recipes': operation('engine', v.object({ run: IdSchema }), v.array(RecipeSchema)),
  /**
   * Images per second that earlier trainings of this kind on such images reached here; null if there was none.
   */
  'runs.rate': operation(
    'engine',
    v.object({
      config: TrainingConfigSchema,
      imageSize: ImageSizeSchema,
      channels: v.picklist([1, 3]),
      /** Whether it sharpens a decoder, which takes longer than a training. */
      isSharpening: v.exactOptional(v.boolean()),
    }),
    v.nullable(v.number()),
  ),
};
