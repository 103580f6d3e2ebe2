import { listed } from '../../../contract/listed.ts';
import { offsetText } from './numbers.ts';

/** A dimension that is not where the path begins. */
export interface MovedDimension {
  /** `z5 Background hue`. */
  readonly name: string;
  readonly offset: number;
}

/** What Explore shows, in words for people who do not see it. */
export interface Seen {
  /** `face-00012, Smiling, train`; undefined at a sample of the prior. */
  readonly pinned: string | undefined;
  /** Another one with another image or sample: the path begins anew. */
  readonly start: unknown;
  readonly moved: readonly MovedDimension[];
  /** From the code that the path begins at. */
  readonly distance: number;
  /** The other end of an interpolation. */
  readonly second: string | undefined;
  /** `PC 1, 18 %`. */
  readonly axes: readonly string[];
  readonly pointsAs: 'dots' | 'faces';
  readonly colouredBy: string;
  /** `20,000 codes`. */
  readonly codes: string;
}

/**
 * What is different from before, in sentences; empty where nothing is.
 *
 * @param isSliding - whether a slider has the focus, which says its own value
 */
export function whatChanged(before: Seen, now: Seen, isSliding: boolean): string {
  const sentences: string[] = [];
  if (now.start !== before.start) {
    sentences.push(
      now.pinned === undefined ? 'The live code is a sample of the prior.' : `Pinned ${now.pinned}.`,
    );
  } else sentences.push(...movement(before, now, isSliding));
  if (now.second !== before.second && now.second !== undefined) {
    sentences.push(`The other end of the interpolation is ${now.second}.`);
  }
  if (now.axes.join() !== before.axes.join()) {
    sentences.push(
      `The scatter shows ${now.axes.length === 2 ? 'two axes' : 'three axes'}: ${now.axes.join('; ')}.`,
    );
  }
  if (now.pointsAs !== before.pointsAs) sentences.push(`Points are drawn as ${now.pointsAs}.`);
  if (now.colouredBy !== before.colouredBy) sentences.push(`Points are coloured by ${now.colouredBy}.`);
  if (now.codes !== before.codes) sentences.push(`The scatter shows ${now.codes}.`);
  return sentences.join(' ');
}

/** How the live code has moved. */
function movement(before: Seen, { moved, distance, pinned }: Seen, isSliding: boolean): string[] {
  const text = (each: readonly MovedDimension[]): string =>
    each.map(({ name, offset }) => `${name} ${offsetText(offset)}`).join();
  if (text(moved) === text(before.moved)) return [];
  const start = pinned === undefined ? 'the sample' : 'the image';
  if (moved.length === 0) return [`The live code is back at ${start}.`];
  if (moved.length === 1) {
    const [{ name, offset }] = moved as readonly [MovedDimension];
    return isSliding ? [] : [`${name} is moved by ${offsetText(offset)}.`];
  }
  if (isSliding) return [];
  const names = listed(
    moved.map(({ name }) => name),
    4,
  );
  return [`The live code is ${distance.toFixed(2)} away from ${start}: ${names} are moved.`];
}
