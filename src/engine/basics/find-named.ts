import { UnravelError, type Remedy } from '../../contract/errors.ts';
import { shownText } from '../../contract/shown-text.ts';
import { nearNames } from './near-names.ts';

/** What a person may mean by a word: things have an id of their own and a name that may repeat. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** How the things are spoken of. */
interface Words {
  /** One of them: `data set`. */
  readonly noun: string;
  /** What to do when there are none yet. */
  readonly none: string;
  /** The same for the command line. */
  readonly remedy?: Remedy;
}

/** How a thing may be named. */
interface Rule {
  /** False where only a whole id or a whole name will do: for what is to be removed. */
  readonly beginnings?: boolean;
}

/**
 * Finds what is meant by an id, a name that only one has, or the beginning of just one id.
 *
 * @throws UnravelError `not-found` with the nearest names; `bad-input` where several fit
 */
export function findNamed<T extends Named>(
  items: readonly T[],
  wanted: string,
  { noun, none, remedy }: Words,
  { beginnings = true }: Rule = {},
): T {
  const exact = items.find(({ id }) => id === wanted);
  if (exact) return exact;
  // Names of things that are there have their control characters written out.
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
