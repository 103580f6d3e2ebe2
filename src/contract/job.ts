import * as v from 'valibot';
import { ContrastSchema } from './contrast.ts';
import { CropSchema } from './dataset.ts';
import { ErrorPayloadSchema } from './errors.ts';
import { FiguresOrderSchema } from './figures.ts';
import { GrantSchema, IdSchema } from './ids.ts';
import { ImageSizeSchema } from './image-size.ts';
import { LabelChoiceSchema } from './label-choice.ts';
import { codesEntries } from './operations/sources.ts';
import { RecipeSchema } from './recipe.ts';
import { ContinuationSchema, TrainingConfigSchema } from './run.ts';
import { SavedItemSchema } from './saved-file.ts';
import { SharpeningChoicesSchema } from './sharpen-run.ts';
import { shownText, ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.transform(shownText));

/** Jobs that name no files outside the workspace. */
const pathless = [
  v.object({
    kind: v.literal('sample-data'),
    what: v.picklist(['faces', 'sprites']),
    /** All sprites if left out. */
    count: v.optional(v.pipe(count, v.minValue(1), v.maxValue(1_000_000))),
    seed: count,
    name: v.optional(text),
  }),
  v.object({
    kind: v.literal('train'),
    dataset: IdSchema,
    config: TrainingConfigSchema,
    name: v.optional(text),
  }),
  /** Continues a run that was interrupted, or with changes one that is done. */
  v.object({ kind: v.literal('resume'), run: IdSchema, changes: v.exactOptional(ContinuationSchema) }),
  /** Makes a new run whose decoder is the given run's, trained further for sharper pictures of the same codes. */
  v.object({
    kind: v.literal('sharpen'),
    run: IdSchema,
    /** The images that it learns on; the run's own if left out. */
    dataset: v.exactOptional(IdSchema),
    choices: SharpeningChoicesSchema,
    name: v.exactOptional(text),
  }),
  /** Measures the time of a few training steps, to estimate how long a training will take. */
  v.object({ kind: v.literal('measure'), dataset: IdSchema, config: TrainingConfigSchema }),
  /** Computes and stores a run's codes of a data set's images. */
  v.object({ kind: v.literal('encode'), run: IdSchema, dataset: IdSchema }),
  /** Finds and stores the independent axes of a run's codes of a data set, for `codes.axes`. */
  v.object({ kind: v.literal('axes'), run: IdSchema, dataset: IdSchema }),
  /** Measures a run on a data set, and stores the results for `runs.evaluation`. */
  v.object({
    kind: v.literal('evaluate'),
    run: IdSchema,
    dataset: IdSchema,
    seed: count,
    /** Names of metrics or scores, or `elbo`; if left out, everything that can be measured. */
    metrics: v.optional(v.pipe(v.array(text), v.minLength(1), v.maxLength(100))),
  }),
] as const;

/** Settings of an import. */
const importEntries = {
  name: v.optional(text),
  crop: CropSchema,
  /** `none` if left out. */
  contrast: v.optional(ContrastSchema),
  /** Width and height of the images; the default size if left out. */
  imageSize: v.optional(ImageSizeSchema),
  /** Which labels are joined; all that were found and fit if left out. */
  labels: v.optional(LabelChoiceSchema),
};

/** Settings of an import of codes. */
const importCodesEntries = {
  name: v.optional(text),
  ...codesEntries,
};

/** A client's request for a job. Clients name files by their grants only. */
export const JobRequestSchema = v.variant('kind', [
  ...pathless,
  v.object({ kind: v.literal('import'), source: GrantSchema, ...importEntries }),
  /** Makes a run of codes that another program computed: of a data set's images, of a folder's, or of none. */
  v.object({
    kind: v.literal('import-codes'),
    source: GrantSchema,
    images: v.optional(
      v.variant('kind', [
        v.object({ kind: v.literal('dataset'), dataset: IdSchema }),
        v.object({ kind: v.literal('source'), source: GrantSchema }),
      ]),
    ),
    ...importCodesEntries,
  }),
  /**
   * Writes a recipe's GIF to `destination`. If it is left out, the client downloads the file with `files.read`.
   */
  v.object({ kind: v.literal('export'), recipe: RecipeSchema, destination: v.optional(GrantSchema) }),
  /**
   * Draws figures into one file at `destination`. If it is left out, the client downloads the file with
   * `files.read`.
   */
  v.object({
    kind: v.literal('figures'),
    ...FiguresOrderSchema.entries,
    destination: v.optional(GrantSchema),
  }),
  /**
   * Writes a model, codes or a data set into one file at `destination`. If it is left out, the client downloads the file
   * with `files.read`.
   */
  v.object({ kind: v.literal('save'), saved: SavedItemSchema, destination: v.optional(GrantSchema) }),
]);
export type JobRequest = v.InferOutput<typeof JobRequestSchema>;
export type JobKind = JobRequest['kind'];

/** Whether a request trains a model. Only one such job runs at a time, and it can be paused. */
export function isTraining({ kind }: Pick<JobRequest, 'kind'>): boolean {
  return kind === 'train' || kind === 'resume' || kind === 'sharpen';
}

/** The same request as it is sent to the job's process, with paths in place of grants. */
export const JobOrderSchema = v.variant('kind', [
  ...pathless,
  v.object({
    kind: v.literal('import'),
    paths: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
    ...importEntries,
  }),
  v.object({
    kind: v.literal('import-codes'),
    codes: v.pipe(v.string(), v.minLength(1)),
    images: v.optional(
      v.variant('kind', [
        v.object({ kind: v.literal('dataset'), dataset: IdSchema }),
        v.object({ kind: v.literal('source'), path: v.pipe(v.string(), v.minLength(1)) }),
      ]),
    ),
    ...importCodesEntries,
  }),
  v.object({ kind: v.literal('export'), recipe: RecipeSchema, path: v.pipe(v.string(), v.minLength(1)) }),
  v.object({
    kind: v.literal('figures'),
    ...FiguresOrderSchema.entries,
    path: v.pipe(v.string(), v.minLength(1)),
  }),
  v.object({ kind: v.literal('save'), saved: SavedItemSchema, path: v.pipe(v.string(), v.minLength(1)) }),
]);
export type JobOrder = v.InferOutput<typeof JobOrderSchema>;

/** The result of a job: a data set, a run or a file. */
export const JobResultSchema = v.object({
  dataset: v.optional(IdSchema),
  run: v.optional(IdSchema),
  /** A written file's grant, for `files.read` and `files.reveal`, and its name. */
  file: v.optional(GrantSchema),
  fileName: v.optional(ShownTextSchema),
  imagesPerSecond: v.optional(v.number()),
  images: v.optional(count),
  skipped: v.optional(count),
  /** What was recognised and left out, in sentences. */
  notes: v.optional(v.array(ShownTextSchema)),
});
export type JobResult = v.InferOutput<typeof JobResultSchema>;

export const JobProgressSchema = v.object({
  done: count,
  total: count,
  /** Items per second. */
  rate: v.number(),
  /** Undefined until an estimate is possible. */
  secondsLeft: v.optional(v.number()),
  /** The items that are counted: `files`, `images`, `steps`, `frames`. */
  unit: v.string(),
});
export type JobProgress = v.InferOutput<typeof JobProgressSchema>;

/**
 * `queued` and `running` jobs proceed by themselves. A `held` job was found in the workspace when Unravel
 * started; it begins only when a person confirms it. A `paused` job was stopped by a person or by quitting, and
 * the process of an `interrupted` job ended unexpectedly; both can be resumed. `done`, `failed` and `cancelled`
 * are final states.
 */
export const JobStateSchema = v.picklist([
  'held',
  'queued',
  'running',
  'pausing',
  'paused',
  'interrupted',
  'done',
  'failed',
  'cancelled',
]);
export type JobState = v.InferOutput<typeof JobStateSchema>;

/**
 * The reason why a job is held, and the files that it would use, so that a person can decide whether to start
 * it.
 */
export const HeldSchema = v.object({
  /**
   * `files`: it uses files outside the workspace; `elsewhere`: the queue was not written by this person's
   * Unravel in this folder.
   */
  reason: v.picklist(['files', 'elsewhere']),
  /** Paths outside the workspace that it would read. */
  reads: v.array(v.string()),
  /** Paths outside the workspace that it would write. */
  writes: v.array(v.string()),
});
export type Held = v.InferOutput<typeof HeldSchema>;

/** A long task, which can be observed, stopped and resumed. */
export const JobSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^job-[0-9a-f]{8}$/)),
  /** Position in the queue: increases with every new job. */
  order: count,
  request: JobRequestSchema,
  /** Title for display: `Importing celeba`. */
  title: ShownTextSchema,
  state: JobStateSchema,
  /** While `state` is `held`. */
  held: v.optional(HeldSchema),
  progress: v.optional(JobProgressSchema),
  /** The last warning. */
  warning: v.optional(ShownTextSchema),
  /** A training's run, as soon as it exists. */
  run: v.optional(IdSchema),
  result: v.optional(JobResultSchema),
  error: v.optional(ErrorPayloadSchema),
});
export type Job = v.InferOutput<typeof JobSchema>;

/** True for a final state. */
export function isEnd(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
