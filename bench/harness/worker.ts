import * as v from 'valibot';

/** A line that a worker writes. */
export const AnswerSchema = v.object({
  /** How long each step took. */
  ms: v.pipe(v.array(v.number()), v.minLength(1)),
  /** The last step's loss, where there is one. */
  loss: v.optional(v.number()),
  /** Calls into TensorFlow of the last step. */
  calls: v.optional(v.number()),
  /** Id of the data set that the last step imported, and its number of images. */
  dataset: v.optional(v.string()),
  images: v.optional(v.number()),
  /** The last step's mutual information gap. */
  mig: v.optional(v.number()),
  /** A description of the settings that a peer found to be its fastest. */
  settings: v.optional(v.string()),
});
/** A worker's answer. */
export type Answer = v.InferOutput<typeof AnswerSchema>;

/** A process or a window that does steps on request. */
export interface Worker {
  /** Its name in tables and results. */
  readonly name: string;
  /** Does a number of steps. */
  ask(steps: number): Promise<Answer>;
  /** Processor time used so far, in seconds. */
  cpuSeconds(): number;
  /** The most memory that it has held, in bytes; undefined where unknown. */
  peakBytes(): number | undefined;
}
