import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import {
  modelKinds,
  ModelKindSchema,
  SamplingSchema,
  weightNames,
  type ModelKind,
  type Sampling,
  type WeightName,
} from '../../contract/run.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { nearNames } from '../basics/near-names.ts';
import { AXIS_FIELDS, checkAxes, numericAxes, SWEEP_CONFIG_ENTRIES, type Axes } from './sweep-axes.ts';

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
 * `sweep.json`: every model at every point of the grid of axes, with every β that it has a weight for, and every seed.
 * Unknown entries are refused, so that misspelt ones are reported.
 */
export const SweepSchema = v.strictObject({
  /** Id or name of the data set that is trained on and measured on. */
  dataset: v.pipe(v.string(), v.minLength(1)),
  /** What the runs' names begin with. */
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
  /** What all trainings share; what is left out is the paper's. */
  config: v.optional(v.strictObject(v.partial(v.object(SWEEP_CONFIG_ENTRIES)).entries), {}),
  /** Names of models, or objectives with weights of their own; a β given there stays. */
  models: listOf(
    v.union(
      [ModelKindSchema, WrittenObjectiveSchema],
      () => `must be ${modelKinds().join(', ')}, or an object with "model" and weights that it has`,
    ),
  ),
  /** Values of β for the models that have one; the default if left out. */
  betas: v.optional(listOf(v.pipe(v.number(), v.finite(), v.minValue(0)))),
  /**
   * Fields of the config with the values that each takes: every model is trained at every point of their grid. Null leaves
   * an optional field out. Fields and values are checked by {@link checkAxes}.
   */
  axes: v.optional(v.record(v.string(), listOf(v.unknown())), {}),
  /** What the plots are drawn against: `beta`, or an axis of numbers; the first such axis, or β, if left out. */
  against: v.optional(v.pipe(v.string(), v.minLength(1))),
  seeds: v.optional(listOf(count), [1]),
  /** Names of metrics, `elbo`, and `udr`; everything that can be measured if left out. */
  metrics: v.optional(listOf(v.pipe(v.string(), v.minLength(1)))),
  /** Seed of the evaluations. */
  evaluationSeed: v.optional(count, 0),
});
export type Sweep = Omit<v.InferOutput<typeof SweepSchema>, 'axes'> & { readonly axes: Axes };

/** What plots show β against, and what `against` says for it. */
export const BETA = 'beta';

const HINT = `It needs "dataset" and "models", and may have ${Object.keys(SweepSchema.entries)
  .filter((name) => name !== 'dataset' && name !== 'models')
  .map((name) => `"${name}"`)
  .join(', ')}.`;

/** The names that an unknown entry may have been meant to have. */
function hintFor(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== 'strict_object' || issue.expected !== 'never') return HINT;
  const path = issue.path?.map(({ key }) => String(key)) ?? [];
  const names = path[0] === 'config' ? AXIS_FIELDS : Object.keys(SweepSchema.entries);
  const near = nearNames(path.slice(path[0] === 'config' ? 1 : 0).join('.'), names);
  return near.length ? `Did you mean ${near.join(' or ')}?` : HINT;
}

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
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw unusable(path, complaint(issue), hintFor(issue));
  }
  const { axes, config, against } = parsed.output;
  try {
    checkAxes(axes, config);
  } catch (error) {
    if (!(error instanceof UnravelError)) throw error;
    throw unusable(path, error.message, error.hint ?? HINT);
  }
  const known = [BETA, ...numericAxes(axes)];
  if (against !== undefined && !known.includes(against)) {
    throw unusable(path, `nothing is drawn against “${against}”`, `“against” may be ${known.join(', ')}.`);
  }
  return parsed.output;
}

function unusable(path: string, message: string, hint: string): UnravelError {
  return new UnravelError('bad-input', `Could not use ${path}: ${message}.`, { path, hint });
}

/** What a sweep's plots are drawn against: `beta`, or a field. */
export function plottedAgainst({ against, axes }: Pick<Sweep, 'against' | 'axes'>): string {
  return against ?? numericAxes(axes)[0] ?? BETA;
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
