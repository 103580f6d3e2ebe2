import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { DecoderSchema } from '../../contract/decoder.ts';
import { OptimiserSchema } from '../../contract/optimiser.ts';
import { TrainingConfigSchema, weightNames, type TrainingConfig } from '../../contract/run.ts';
import { nearNames } from '../basics/near-names.ts';

/** Everything that a sweep may set in a training's config: what `models` and `seeds` say is left out. */
const { objective: _models, seed: _seeds, ...fields } = TrainingConfigSchema.entries;

/** The entries of a sweep's `config`. Unknown entries of nested objects are refused, too. */
export const SWEEP_CONFIG_ENTRIES = {
  ...fields,
  decoder: v.optional(v.strictObject(DecoderSchema.entries)),
  optimiser: v.exactOptional(v.strictObject(OptimiserSchema.entries)),
};

/** A field of a training's config that can be an axis of a sweep, or an entry of a field that has entries. */
export type AxisField =
  | keyof typeof SWEEP_CONFIG_ENTRIES
  | `decoder.${keyof typeof DecoderSchema.entries}`
  | `optimiser.${keyof typeof OptimiserSchema.entries}`;

/** What fields are called in names of runs, tables and plots. */
const TITLES: Readonly<Record<AxisField, string>> = {
  latentDim: 'latent dimensions',
  batchSize: 'batch',
  learningRate: 'learning rate',
  epochs: 'epochs',
  architecture: 'architecture',
  precision: 'precision',
  condition: 'condition',
  heldOutFraction: 'held-out part',
  checkpointEverySteps: 'steps between checkpoints',
  deviation: 'deviation',
  decoder: 'decoder',
  'decoder.kind': 'decoder',
  'decoder.variance': 'decoder variance',
  optimiser: 'optimiser',
  'optimiser.schedule': 'schedule',
  'optimiser.warmUpSteps': 'warm-up steps',
  'optimiser.clipNorm': 'clipping',
  'optimiser.weightDecay': 'weight decay',
  'optimiser.averageDecay': 'averaging',
};

/** All fields that can be an axis. */
export const AXIS_FIELDS = Object.keys(TITLES) as readonly AxisField[];

const SCHEMAS: Readonly<Record<AxisField, v.GenericSchema>> = {
  ...SWEEP_CONFIG_ENTRIES,
  ...(Object.fromEntries([
    ...Object.entries(DecoderSchema.entries).map(([name, schema]) => [`decoder.${name}`, schema]),
    ...Object.entries(OptimiserSchema.entries).map(([name, schema]) => [`optimiser.${name}`, schema]),
  ]) as Record<Exclude<AxisField, keyof typeof SWEEP_CONFIG_ENTRIES>, v.GenericSchema>),
};

/** The axes of a sweep as its file has them, in its order. Null leaves an optional field out. */
export type Axes = Readonly<Partial<Record<AxisField, readonly unknown[]>>>;

/** Where a trial lies on each axis: numbers, and for everything else what it is called. */
export type AxisPlace = Readonly<Record<string, string | number>>;

/** What a field is called: `latent dimensions`. */
export function axisTitle(field: string): string {
  return TITLES[field as AxisField];
}

/** The number or the short text for a value: `8`, `burgess`, `gaussian, variance 0.1`, `none`. */
export function axisValue(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value === null) return 'none';
  if (typeof value !== 'object') return JSON.stringify(value);
  if ('name' in value && typeof value.name === 'string') return value.name;
  return Object.entries(value)
    .map(([key, part]) => (key === 'kind' ? String(part) : `${key} ${String(part)}`))
    .join(', ');
}

/** Says why an axis cannot be used, with a hint. */
function refused(message: string, hint: string): UnravelError {
  return new UnravelError('bad-input', message, { hint });
}

/** @throws UnravelError `bad-input` for a field that cannot be an axis, with the fields of similar names */
function checkField(field: string): asserts field is AxisField {
  if (Object.hasOwn(SCHEMAS, field)) return;
  if (field === 'seed') throw refused('“axes.seed” is no axis', 'Seeds stand in “seeds”.');
  if (field === 'objective' || field === 'model' || weightNames().some((name) => name === field)) {
    throw refused(
      `“axes.${field}” is no axis`,
      'Models and their weights stand in “models”, values of β in “betas”.',
    );
  }
  const near = nearNames(
    field,
    AXIS_FIELDS.filter((known) => known.includes('.') === field.includes('.')),
  );
  throw refused(
    `“axes.${field}” is no field of a training’s settings`,
    near.length ? `Did you mean ${near.join(' or ')}?` : `There are ${AXIS_FIELDS.join(', ')}.`,
  );
}

/** @throws UnravelError `bad-input` for a value that the config's schema refuses, or that is called like another */
function checkValues(field: AxisField, values: readonly unknown[]): void {
  const schema = SCHEMAS[field];
  const isOptional = schema.type === 'optional' || schema.type === 'exact_optional';
  const names = values.map(axisValue);
  values.forEach((value, i) => {
    const place = `“axes.${field}.${i}”`;
    if (value === null && isOptional) return;
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      const inside = v.getDotPath(issue);
      const what = inside === null ? place : `${place.slice(0, -1)}.${inside}”`;
      throw refused(`${what}: ${issue.message}`, `The values are those of “config.${field}”.`);
    }
    if (names.indexOf(names[i]!) < i) {
      throw refused(
        `“axes.${field}” has two values that are called ${names[i]!}`,
        'Give each a name of its own.',
      );
    }
  });
}

/**
 * Checks the axes of a sweep: their fields, their values, and that each field is set in one place.
 *
 * @throws UnravelError `bad-input`, whose message has no full stop
 */
export function checkAxes(axes: Readonly<Record<string, readonly unknown[]>>, config: object): void {
  for (const [field, values] of Object.entries(axes)) {
    checkField(field);
    checkValues(field, values);
    const [whole, part] = field.split('.') as [string, string?];
    if (part !== undefined && Object.hasOwn(axes, whole)) {
      throw refused(`“axes” has both ${whole} and ${field}`, 'Leave one of the two out.');
    }
    const set = (config as Readonly<Record<string, object | undefined>>)[whole];
    if (set !== undefined && (part === undefined || Object.hasOwn(set, part))) {
      throw refused(`“config” and “axes” both say ${field}`, 'Leave it out of “config”.');
    }
  }
}

/** The axes whose values all are numbers, of which there are several. */
export function numericAxes(axes: Axes): string[] {
  return Object.entries(axes).flatMap(([field, values]) =>
    values.length > 1 && values.every((value) => typeof value === 'number') ? [field] : [],
  );
}

/** A point of the grid of all axes. */
export interface GridPoint {
  readonly place: AxisPlace;
  /** The values as the config has them. */
  readonly values: readonly (readonly [field: string, value: unknown])[];
}

/** Every point of the grid, the last axis changing first; one point without axes. */
export function gridOf(axes: Axes): GridPoint[] {
  let points: GridPoint[] = [{ place: {}, values: [] }];
  for (const [field, values] of Object.entries(axes)) {
    points = points.flatMap((point) =>
      values.map((value) => ({
        place: { ...point.place, [field]: axisValue(value) },
        values: [...point.values, [field, value] as const],
      })),
    );
  }
  return points;
}

/** An object with an entry set, or without it for null. */
function withEntry(object: object, key: string, value: unknown): object {
  const { [key]: _before, ...others } = object as Record<string, unknown>;
  return value === null ? others : { ...others, [key]: value };
}

/** A config with the values of a point of the grid. */
export function withValues(
  config: Omit<TrainingConfig, 'objective'>,
  values: GridPoint['values'],
): Omit<TrainingConfig, 'objective'> {
  let result: object = config;
  for (const [field, value] of values) {
    const [whole, part] = field.split('.') as [string, string?];
    const inner = (result as Record<string, object | undefined>)[whole] ?? {};
    const own = part === undefined ? value : withEntry(inner, part, value);
    const isEmpty = part !== undefined && Object.keys(own as object).length === 0;
    result = withEntry(result, whole, isEmpty ? null : own);
  }
  return result as Omit<TrainingConfig, 'objective'>;
}
