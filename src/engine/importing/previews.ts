import { createRandom } from '../basics/random.ts';
import type { ImageForm } from '../image-files/read-image.ts';

/** As many previews as a sheet shows. */
export const MOST_PREVIEWS = 64;

/** What an import will be asked for, and which of the images are shown before. */
export interface InspectOptions extends ImageForm {
  /** Which images are shown. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/**
 * Some of `count` things, spread over all of them: one at random out of each of as many equal parts.
 *
 * @returns rising, at most `most`
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
