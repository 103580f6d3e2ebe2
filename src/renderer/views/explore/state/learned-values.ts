import { counted, signed } from '../../../components/format.ts';
import { traversedValues, type LatentValue } from '../../../../contract/operations/codes.ts';

/** At most so many of a dimension's learned values, evenly chosen, with the least and the greatest. */
export function spreadValues(values: readonly LatentValue[], most: number): number[] {
  return traversedValues(values, Math.min(most, values.length));
}

/** What a traversal goes over in place of a range: `10 learned values`. */
export function learnedWords(values: readonly LatentValue[]): string {
  return counted(values.length, 'learned value');
}

/** Where a traversal of so many codes is in a frame: a value for one dimension, its place for several. */
export function learnedPlace(
  values: readonly LatentValue[],
  { frames, frame, dimensions }: { frames: number; frame: number; dimensions: readonly number[] },
): string {
  const value = traversedValues(values, frames)[frame] ?? 0;
  if (dimensions.length === 1) return `z${dimensions[0]} ${signed(value)}`;
  const place = values.findIndex((each) => each.value === value);
  return `value ${place + 1} of ${values.length}`;
}
