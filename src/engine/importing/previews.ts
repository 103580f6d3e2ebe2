import { createRandom } from '../basics/random.ts';
import type { Bounds } from '../../contract/contrast.ts';
import type { LabelChoice } from '../../contract/label-choice.ts';
import type { ImageForm } from '../image-files/read-image.ts';

/** Maximum number of previews. */
export const MOST_PREVIEWS = 64;

/** Options of an inspection. */
export interface InspectOptions extends Omit<ImageForm, 'bounds'> {
  /** As in `sources.inspect`. */
  readonly contrast?: 'auto' | Bounds | undefined;
  /** Which of the tables are joined; as in `sources.inspect`. */
  readonly labels?: LabelChoice | undefined;
  /** Seed for the choice of previews. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/**
 * Chooses indices below `count` that are spread over the whole range: one at random from each of equal parts.
 *
 * @returns at most `most` indices in ascending order
 */
export function spread(count: number, most: number, seed: number): number[] {
  const parts = Math.min(count, most);
  const random = createRandom(seed, 'previews');
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * count) / parts);
    const to = Math.floor(((part + 1) * count) / parts);
    return from + random.integer(to - from);
  });
}
