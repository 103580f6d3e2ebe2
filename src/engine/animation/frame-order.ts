/** Which values a traversal decodes and in which order its frames show them. */
export interface FrameOrder {
  /** How many values are decoded. */
  readonly values: number;
  /** `[frames]`: for each frame the index of its value. */
  readonly order: readonly number[];
}

/**
 * Forth and back without repeating the ends: 0 … n−1, n−2 … 1.
 *
 * @param n - how many there are, at least 1
 * @returns 2n − 2 indices; for n = 1 the one
 */
export function pingPong(n: number): number[] {
  const forth = [...Array(n).keys()];
  return [...forth, ...forth.slice(1, -1).reverse()];
}

/**
 * The frames of a traversal: `frames` is always the number of frames in the file.
 *
 * Without ping-pong each shows a value of its own. With it, an even number n shows n/2 + 1 values forth and back;
 * an odd one shows the last value twice.
 *
 * @param frames - how many the file shall have, at least 1
 */
export function traversalOrder(frames: number, isPingPong: boolean): FrameOrder {
  if (!isPingPong || frames < 3) return { values: frames, order: [...Array(frames).keys()] };
  const values = Math.floor(frames / 2) + 1;
  if (frames % 2 === 0) return { values, order: pingPong(values) };
  const forth = [...Array(values).keys()];
  return { values, order: [...forth, ...forth.slice(1).reverse()] };
}
