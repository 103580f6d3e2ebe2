/** What a worker that draws faces is started with. */
export interface FacesWorkerData {
  readonly seed: number;
  /** Index of the first face. */
  readonly start: number;
  readonly count: number;
  readonly sizePx: number;
  /** Room for {@link BLOCKS_IN_FLIGHT} blocks; block b lies at place b modulo that. */
  readonly buffer: SharedArrayBuffer;
  /** Two counters: blocks taken by a worker, and blocks that the reader has copied out. */
  readonly next: Int32Array;
}

/** What a worker reports: this block lies in the buffer. */
export interface BlockDrawn {
  readonly block: number;
}

/** Faces drawn between two reports. */
export const FACES_PER_BLOCK = 128;
/** Blocks that may be drawn ahead of the reader; with it the memory held is bounded. */
export const BLOCKS_IN_FLIGHT = 8;
/** Positions in `next`. */
export const TAKEN = 0;
export const COPIED = 1;
