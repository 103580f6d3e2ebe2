/** The start data of a worker that draws faces. */
export interface FacesWorkerData {
  readonly seed: number;
  /** Index of the first face. */
  readonly start: number;
  readonly count: number;
  readonly sizePx: number;
  /** Memory for {@link BLOCKS_IN_FLIGHT} blocks; block b is at position b modulo that number. */
  readonly buffer: SharedArrayBuffer;
  /** Two counters: blocks taken by a worker, and blocks that the reader has copied out. */
  readonly next: Int32Array;
}

/** A worker's message that a block is in the buffer. */
export interface BlockDrawn {
  readonly block: number;
}

/** Number of faces in a block. */
export const FACES_PER_BLOCK = 128;
/** Maximum number of blocks that are drawn ahead of the reader, which limits the memory. */
export const BLOCKS_IN_FLIGHT = 8;
/** Positions in `next`. */
export const TAKEN = 0;
export const COPIED = 1;
