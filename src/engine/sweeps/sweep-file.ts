import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import {
  modelKinds,
  ModelKindSchema,
  SamplingSchema,
  TrainingConfigSchema,
  weightNames,
  type ModelKind,
  type Sampling,
  type WeightName,
} from '../../contract/run.ts';
import { readJsonFile } from '../../system/read-file.ts';

/** Maximum size of a sweep file, which is written by hand. */
const MOST_SWEEP_BYTES = 1_000_000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

function listOf<T extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(item: T) {
  return v.pipe(
    v.array(item),
    v.minLength(1, 'is empty'),
    v.maxLength(100),
    v.check(
      (list) => new Set(list.map((each) => JSON.stringify(each))).size === list.length,
      'names one twice',
    ),
  );
}

/** An objective as a person writes it: a model, and weights that some model has. */
type WrittenObjective = { readonly model: ModelKind } & {
  readonly [weight in WeightName]?: number | undefined;
} & { readonly sampling?: Sampling | undefined };

/** Which weights its model has, and which values they may have, is checked when the trainings are planned. */
const WrittenObjectiveSchema: v.GenericSchema<unknown, WrittenObjective> = v.lazy(() =>
  v.strictObject({
    model: ModelKindSchema,
    ...Object.fromEntries(weightNames().map((name) => [name, v.optional(v.pipe(v.number(), v.finite()))])),
    sampling: v.optional(SamplingSchema),
  }),
);

/**
 * `sweep.json`: every model with every β that it has a weight for, and every seed. Unknown entries are refused, so
 * that misspelt ones are reported.
 */
export const SweepSchema = v.strictObject({
  /** Id or name of the data set that is trained on and measured on. */
  dataset: v.pipe(v.string(), v.minLength(1)),
  /** What the runs' names begin with. */
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
  /** What all trainings share; what is left out is the paper's. */
  config: v.optional(
    v.strictObject(v.partial(v.omit(TrainingConfigSchema, ['objective', 'seed'])).entries),
    {},
  ),
  /** Names of models, or objectives with weights of their own; a β given there stays. */
  models: listOf(
    v.union(
      [ModelKindSchema, WrittenObjectiveSchema],
      () => `must be ${modelKinds().join(', ')}, or an object with "model" and weights that it has`,
    ),
  ),
  /** Values of β for the models that have one; the default if left out. */
  betas: v.optional(listOf(v.pipe(v.number(), v.finite(), v.minValue(0)))),
  seeds: v.optional(listOf(count), [1]),
  /** Names of metrics, `elbo`, and `udr`; everything that can be measured if left out. */
  metrics: v.optional(listOf(v.pipe(v.string(), v.minLength(1)))),
  /** Seed of the evaluations. */
  evaluationSeed: v.optional(count, 0),
});
export type Sweep = v.InferOutput<typeof SweepSchema>;

/** Says what is wrong with a sweep, where, and what may stand there. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `“${place ?? ''}” means nothing in a sweep`;
  if (place === null) return 'it holds no object';
  if (issue.received === 'undefined') return `it has no “${place}”`;
  return issue.message.startsWith('Invalid') ? `“${place}”: ${issue.message}` : `“${place}” ${issue.message}`;
}

/**
 * Checks what describes a sweep.
 *
 * @param path - what to call it in errors
 * @throws UnravelError `bad-input`
 */
export function parseSweep(json: unknown, path: string): Sweep {
  const parsed = v.safeParse(SweepSchema, json);
  if (parsed.success) return parsed.output;
  throw new UnravelError('bad-input', `Could not use ${path}: ${complaint(parsed.issues[0])}.`, {
    path,
    hint: 'It needs "dataset" and "models", and may have "name", "config", "betas", "seeds", "metrics" and "evaluationSeed".',
  });
}

/**
 * Reads `sweep.json`.
 *
 * @throws UnravelError `not-found`, or `bad-input` where it describes no sweep
 */
export async function readSweep(path: string): Promise<Sweep> {
  const json = await readJsonFile(path, {
    schema: v.unknown(),
    mostBytes: MOST_SWEEP_BYTES,
    followLinks: true,
    otherwise: 'holds nothing',
    hint: 'Look for a comma too many or too few.',
  });
  return parseSweep(json, path);
}
