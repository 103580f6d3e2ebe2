import * as v from 'valibot';
import { CropSchema } from './dataset.ts';
import { ErrorPayloadSchema } from './errors.ts';
import { FiguresOrderSchema } from './figures.ts';
import { GrantSchema, IdSchema } from './ids.ts';
import { ImageSizeSchema } from './image-size.ts';
import { RecipeSchema } from './recipe.ts';
import { TrainingConfigSchema } from './run.ts';
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
  /** Goes on with a run that was interrupted. */
  v.object({ kind: v.literal('resume'), run: IdSchema }),
  /** Times a few steps of a training, to say beforehand how long it will take. */
  v.object({ kind: v.literal('measure'), dataset: IdSchema, config: TrainingConfigSchema }),
  /** Computes and keeps the codes of a data set's images under a run. */
  v.object({ kind: v.literal('encode'), run: IdSchema, dataset: IdSchema }),
  /** Measures a run on a data set, and keeps what was found for `runs.evaluation`. */
  v.object({
    kind: v.literal('evaluate'),
    run: IdSchema,
    dataset: IdSchema,
    seed: count,
    /** Names of metrics or scores, and `elbo`; everything that can be measured if left out. */
    metrics: v.optional(v.pipe(v.array(text), v.minLength(1), v.maxLength(100))),
  }),
] as const;

/** How an import makes a data set of its source. */
const importEntries = {
  name: v.optional(text),
  crop: CropSchema,
  /** Width and height of the images; the usual if left out. */
  imageSize: v.optional(ImageSizeSchema),
};

/** What a long job is asked to do by a client, which knows files by their grants only. */
export const JobRequestSchema = v.variant('kind', [
  ...pathless,
  v.object({ kind: v.literal('import'), source: GrantSchema, ...importEntries }),
  /** Writes a recipe's GIF, to `destination` or, without one, where the client can fetch it. */
  v.object({ kind: v.literal('export'), recipe: RecipeSchema, destination: v.optional(GrantSchema) }),
  /** Draws the figures of a paper into one file, to `destination` or, without one, where the client can fetch it. */
  v.object({
    kind: v.literal('figures'),
    ...FiguresOrderSchema.entries,
    destination: v.optional(GrantSchema),
  }),
]);
export type JobRequest = v.InferOutput<typeof JobRequestSchema>;
export type JobKind = JobRequest['kind'];

/** The same as a job process gets it: with the paths that the grants stand for. */
export const JobOrderSchema = v.variant('kind', [
  ...pathless,
  v.object({
    kind: v.literal('import'),
    paths: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
    ...importEntries,
  }),
  v.object({ kind: v.literal('export'), recipe: RecipeSchema, path: v.pipe(v.string(), v.minLength(1)) }),
  v.object({
    kind: v.literal('figures'),
    ...FiguresOrderSchema.entries,
    path: v.pipe(v.string(), v.minLength(1)),
  }),
]);
export type JobOrder = v.InferOutput<typeof JobOrderSchema>;

/** What a job has made, by kind: a data set, a run, a file. */
export const JobResultSchema = v.object({
  dataset: v.optional(IdSchema),
  run: v.optional(IdSchema),
  /** A written file's grant, for `files.read` and `files.reveal`, and its name. */
  file: v.optional(GrantSchema),
  fileName: v.optional(ShownTextSchema),
  imagesPerSecond: v.optional(v.number()),
  images: v.optional(count),
  skipped: v.optional(count),
});
export type JobResult = v.InferOutput<typeof JobResultSchema>;

export const JobProgressSchema = v.object({
  done: count,
  total: count,
  /** Pieces a second. */
  rate: v.number(),
  /** Undefined until there is something to estimate from. */
  secondsLeft: v.optional(v.number()),
  /** What is counted: `files`, `images`, `steps`, `frames`. */
  unit: v.string(),
});
export type JobProgress = v.InferOutput<typeof JobProgressSchema>;

/**
 * `queued` and `running` go on by themselves; `held` was left in the workspace by an earlier start and begins only when a
 * person confirms it; `paused` was stopped by a person or by quitting and `interrupted` lost its process, and both can be
 * resumed. `done`, `failed` and `cancelled` are ends: a job has exactly one.
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

/** Why a job is held, and the files that it would use, so that a person can decide whether to start it. */
export const HeldSchema = v.object({
  /** `files`: it names files; `elsewhere`: the queue was not written by this person's Unravel in this folder. */
  reason: v.picklist(['files', 'elsewhere']),
  /** Paths of what it would read outside the workspace. */
  reads: v.array(v.string()),
  /** Paths of what it would write outside the workspace. */
  writes: v.array(v.string()),
});
export type Held = v.InferOutput<typeof HeldSchema>;

/** A long piece of work: shown as a card, followed, stopped and resumed. */
export const JobSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^job-[0-9a-f]{8}$/)),
  /** Counts up; later ones stand later in the queue. */
  order: count,
  request: JobRequestSchema,
  /** One line for people: `Importing celeba`. */
  title: ShownTextSchema,
  state: JobStateSchema,
  /** While `state` is `held`. */
  held: v.optional(HeldSchema),
  progress: v.optional(JobProgressSchema),
  /** The last warning, in words. */
  warning: v.optional(ShownTextSchema),
  /** A training's run, as soon as there is one. */
  run: v.optional(IdSchema),
  result: v.optional(JobResultSchema),
  error: v.optional(ErrorPayloadSchema),
});
export type Job = v.InferOutput<typeof JobSchema>;

/** True for a state that nothing follows. */
export function isEnd(state: JobState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
