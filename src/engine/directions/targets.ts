import type { Column } from '../../contract/dataset.ts';
import type { DirectionTarget } from '../../contract/direction.ts';
import { UnravelError } from '../../contract/errors.ts';
import { wordsOf } from '../../contract/label-values.ts';
import { findNamed } from '../basics/find-named.ts';
import type { Dataset } from '../data/dataset.ts';

/** Fewest images of each side of a label: with fewer, a direction shows those images, not the label. */
export const FEWEST_OF_A_SIDE = 10;

/** A label of images as a direction needs it. */
export interface TargetValues {
  readonly target: DirectionTarget;
  /** As people read it: `Smiling`, `treatment: drug A`. */
  readonly title: string;
  readonly isNumber: boolean;
  /** For every image of the data set: 0 or 1, a number, or NaN where it is not known. */
  readonly values: Float32Array;
}

/** A target as people read it. */
export function targetTitle(
  { column, value }: DirectionTarget,
  of: Pick<Column, 'type' | 'categories'>,
): string {
  return value === undefined ? column : `${column}: ${wordsOf(of)[value] ?? value}`;
}

/**
 * A label's values of every image of a data set.
 *
 * @param name - the column's name, or the beginning of it
 * @param value - of a label with several words: the one that is told from the others
 * @throws UnravelError `not-found` for a column or word that there is not; `bad-input` where a word is missing
 */
export async function readTarget(
  dataset: Dataset,
  name: string,
  value?: string | number,
): Promise<TargetValues> {
  const { columns, name: title } = dataset.info;
  const column = findNamed(
    columns.map((each) => ({ id: each.name, ...each })),
    name,
    { noun: 'column', none: `The data set ${title} has no labels or factors.` },
  );
  const all = Float32Array.from(await dataset.column(column));
  const chosen = value === undefined ? undefined : placeOf(column, value);
  if (column.type === 'continuous') {
    return { target: { column: column.name }, title: column.name, isNumber: true, values: all };
  }
  if (column.type === 'binary' && chosen === undefined) {
    const target = { column: column.name };
    return { target, title: targetTitle(target, column), isNumber: false, values: all };
  }
  if (chosen === undefined) {
    throw new UnravelError('bad-input', `${column.name} has ${wordsOf(column).length} values.`, {
      hint: `Name the one to tell from the others: ${some(wordsOf(column))}.`,
    });
  }
  const target = { column: column.name, value: chosen };
  const values = all.map((each) => (Number.isNaN(each) ? each : each === chosen ? 1 : 0));
  return { target, title: targetTitle(target, column), isNumber: false, values };
}

function placeOf(column: Column, value: string | number): number {
  const words = wordsOf(column);
  if (column.type === 'continuous') {
    throw new UnravelError('bad-input', `${column.name} is a number, which has no single values.`, {
      hint: 'Leave the value out.',
    });
  }
  const place =
    typeof value === 'number' ? value : words.findIndex((word) => word.toLowerCase() === value.toLowerCase());
  if (words[place] !== undefined) return place;
  throw new UnravelError('not-found', `${column.name} has no value “${value}”.`, {
    hint: `Its values are ${some(words)}.`,
  });
}

function some(words: readonly string[]): string {
  const most = 12;
  return words.length <= most
    ? words.join(', ')
    : `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}
