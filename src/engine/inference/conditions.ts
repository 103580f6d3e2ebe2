import { encodeCondition } from '../../contract/condition.ts';
import { UnravelError } from '../../contract/errors.ts';
import { rescaleDate, type LabelKind } from '../../contract/label-values.ts';
import type { Condition } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { findNamed } from '../basics/find-named.ts';
import type { TrainedModel } from './model.ts';

/** Returns the conditions of the given images of a data set, `[indices.length, conditionWidth]`. */
export type ConditionsOf = (indices: ArrayLike<number>) => Float32Array | undefined;

/**
 * Describes a data set's column as a condition.
 *
 * @param name - the column's name, or the beginning of it
 * @throws UnravelError `not-found` with the nearest names; `bad-input` for a constant column
 */
export async function describeCondition(dataset: Dataset, name: string): Promise<Condition> {
  const { columns, name: title } = dataset.info;
  const column = findNamed(
    columns.map((each) => ({ id: each.name, ...each })),
    name,
    { noun: 'column', none: `The data set ${title} has no labels or factors.` },
  );
  const known = (await dataset.column(column)).filter((value) => !Number.isNaN(value));
  const { type, categories, unit, date } = column;
  const described = {
    column: column.name,
    type,
    ...(categories ? { categories } : {}),
    ...(unit === undefined ? {} : { unit }),
    ...(date ? { date } : {}),
  };
  if (type === 'continuous') {
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const square = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
    if (square > 0) return { ...described, mean, deviation: Math.sqrt(square), usual: mean };
  } else {
    const counts = new Map<number, number>();
    for (const value of known) counts.set(value, (counts.get(value) ?? 0) + 1);
    const [usual] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [];
    if (usual !== undefined && counts.size > 1) return { ...described, usual };
  }
  throw new UnravelError('bad-input', `The column ${column.name} is the same for every image.`, {
    hint: 'A condition must differ between images: choose another column.',
  });
}

/**
 * Reads the column of a model's condition in a data set, `[images]`, with the values that the condition has for the
 * same words and dates; undefined if the data set has no such column.
 */
export async function readOwnColumn(
  condition: Condition | undefined,
  dataset: Dataset,
): Promise<ArrayLike<number> | undefined> {
  const column = condition && dataset.info.columns.find(({ name }) => name === condition.column);
  if (!condition || column?.type !== condition.type) return undefined;
  const translate = translation(column, condition);
  return translate && (await dataset.column(column)).map(translate);
}

/**
 * Reads the conditions of a data set's images from the column of the model's condition.
 *
 * @returns a function that returns undefined for a model without a condition, and if the data set has no such
 * column
 */
export async function readConditions(
  condition: Condition | undefined,
  dataset: Dataset,
): Promise<ConditionsOf> {
  const values = await readOwnColumn(condition, dataset);
  if (!condition || !values) return () => undefined;
  return (indices) =>
    encodeCondition(
      condition,
      Array.from(indices, (index) => values[index]!),
    );
}

/**
 * Reads an image's label from the column of a model's condition.
 *
 * @returns undefined for a model without a condition, and if the label is unknown
 */
export async function readOwnLabel(
  condition: Condition | undefined,
  dataset: Dataset,
  index: number,
): Promise<number | undefined> {
  const value = (await readOwnColumn(condition, dataset))?.[index];
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

/**
 * Encodes values of the column as conditions of a conditional model.
 *
 * @param values - one for all images, or one for each
 * @returns `[values, conditionWidth]`; undefined for no value, so that the default is used
 * @throws UnravelError `bad-input` for a model that is not conditional, or a category that does not exist
 */
export function conditionRow(
  { condition }: Pick<TrainedModel, 'condition'>,
  values: number | readonly number[] | undefined,
): Float32Array | undefined {
  if (values === undefined) return undefined;
  if (!condition) throw new UnravelError('bad-input', 'The model takes no condition.');
  const { column, type, categories = [] } = condition;
  const all = [values].flat();
  const none = type === 'categorical' ? all.find((value) => categories[value] === undefined) : undefined;
  if (none !== undefined) {
    throw new UnravelError('bad-input', `${column} has no category number ${none}.`, {
      hint: `It is one of ${categories.join(', ')}.`,
    });
  }
  return encodeCondition(condition, all);
}

/**
 * Translates a column's values to a condition's. Two imports may have the same words in another order, and the same
 * dates from another first day.
 *
 * @returns undefined if the two do not have the same words, units and kinds of dates
 */
function translation(column: LabelKind, condition: LabelKind): ((value: number) => number) | undefined {
  if (column.unit !== condition.unit || column.date?.step !== condition.date?.step) return undefined;
  const { date } = column;
  const scale = condition.date;
  if (date && scale) return (value) => rescaleDate(value, date, scale);
  const [words, wanted] = [column.categories, condition.categories];
  if (!words || !wanted) return words === wanted ? (value) => value : undefined;
  const places = words.map((word) => wanted.indexOf(word));
  if (words.length !== wanted.length || places.includes(-1)) return undefined;
  return (value) => places[value] ?? Number.NaN;
}
