import { UnravelError, type Remedy } from '../../contract/errors.ts';
import { shownText } from '../../contract/shown-text.ts';
import { nearNames } from './near-names.ts';

/** An item with a unique id and a name that may occur several times. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** Words for messages about the items. */
interface Words {
  /** The singular: `data set`. */
  readonly noun: string;
  /** What to do if there are no items. */
  readonly none: string;
  /** The same for the command line. */
  readonly remedy?: Remedy;
}

/** How an item may be specified. */
interface Rule {
  /** False to accept only a whole id or a whole name, for items that are to be removed. */
  readonly beginnings?: boolean;
}

/**
 * Finds an item by its id, by a name that is unique, or by the beginning of its id if that is unique.
 *
 * @throws UnravelError `not-found` with the nearest names; `bad-input` if several match
 */
export function findNamed<T extends Named>(
  items: readonly T[],
  wanted: string,
  { noun, none, remedy }: Words,
  { beginnings = true }: Rule = {},
): T {
  const exact = items.find(({ id }) => id === wanted);
  if (exact) return exact;
  // The names of items have their control characters escaped.
  const named = items.filter(({ name }) => name === shownText(wanted));
  const begun = items.filter(({ id }) => wanted !== '' && id.startsWith(wanted));
  const matches = named.length || !beginnings ? named : begun;
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    throw new UnravelError('bad-input', `${matches.length} ${noun}s are called ${wanted}.`, {
      hint: `Use an id: ${matches.map(({ id }) => id).join(', ')}.`,
    });
  }
  if (begun.length > 0) {
    throw new UnravelError('not-found', `There is no ${noun} with the id or name ${wanted}.`, {
      hint: `Use a whole id: ${begun.map(({ id }) => id).join(', ')}.`,
    });
  }
  const near = nearNames(
    wanted,
    items.flatMap(({ id, name }) => [id, name]),
  );
  const some = items.slice(0, 3).map(({ id, name }) => (name === id ? id : `${name} (${id})`));
  const others = some.length
    ? { hint: `There is ${some.join(', ')}.` }
    : { hint: none, ...(remedy && { remedy }) };
  const details = near.length ? { hint: `Did you mean ${near.join(' or ')}?` } : others;
  throw new UnravelError('not-found', `There is no ${noun} ${wanted}.`, details);
}
