/** A point in a window, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A part of a window, in pixels. */
export interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

/** The golden ratio's fraction: its multiples modulo 1 are spread evenly, and successive ones are far apart. */
const SPREAD = 0.618034;
/** Of the box, from its middle: further out there are few points. */
const REACH = 0.3;

/** Points around the middle of a box, the same in every run, each far from the one before. */
export function* placesIn({ x, y, width, height }: Box): Generator<Place, never> {
  for (let n = 1; ; n++) {
    const radius = REACH * Math.sqrt((n * SPREAD) % 1);
    const angle = n * 2.4;
    yield {
      x: x + width * (0.5 + radius * Math.cos(angle)),
      y: y + height * (0.5 + radius * Math.sin(angle)),
    };
  }
}

/**
 * Moves back and forth between two ends at a constant speed.
 *
 * @param part - of the way there and back: 0 and 1 are one end, ½ the other
 */
export function swing(from: number, to: number, part: number): number {
  return from + ((to - from) * (1 - Math.cos(2 * Math.PI * part))) / 2;
}
