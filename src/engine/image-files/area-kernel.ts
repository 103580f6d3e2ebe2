import type { Coverage } from './area-coverage.ts';
import module from './area-kernel.wat';
import type { Box, Pixels } from './pixels.ts';

// The resizing of small colour pictures, CelebA's among them, in WebAssembly's vector instructions: the third of an
// import's work that is our own arithmetic, in a quarter of the time. All of it is in integers and exact, so that
// the bytes are those of the loops in area-resize.ts.

/** The kernel is for results of this size alone. */
const SIZE = 64;
/** The longest side of a box, in pixels: its sums of bytes still fit signed 16 bits, and three rows cover a target. */
const MAX_SIDE = 128;

// Where things lie in the module's memory, as area-kernel.wat has it.
const ROWS = 0;
const ROW_BYTES = 16;
const COLUMNS = 1024;
const COLUMN_BYTES = 48;
const SUMS = 4096;
const RESULT = 8192;
const SOURCE = 24_576;
const MEMORY_BYTES = 2 * 65_536;
const SOURCE_BYTES = MEMORY_BYTES - SOURCE;
/** Vectors read so far beyond the bytes that count. */
const BEYOND = 16;

/**
 * Sums three rows by their weights, then three columns of that into each target, for all 64 rows.
 *
 * A row's entry in the table is the offset of its first source row and three weights; a column's is the address of
 * its first sum and the weights as the dot products want them. With weights that are whole 64ths of a pixel, and
 * `area` the sum of all that meet in a target, the mean is ⌊(total + ⌊area / 2⌋) / area⌋, and the division a
 * multiplication by 2^shift / area, rounded up (Granlund & Montgomery 1994).
 */
type Run = (
  source: number,
  rowBytes: number,
  sumsEnd: number,
  half: number,
  multiplier: number,
  shift: number,
) => void;

/** What is used of WebAssembly, whose types belong to browsers' libraries. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => {
    readonly exports: { readonly run: Run; readonly memory: { readonly buffer: ArrayBuffer } };
  };
};

interface Kernel {
  readonly run: Run;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  /** What the tables in its memory are of. */
  rows?: Coverage;
  rowBytes?: number;
  columns?: Coverage;
}

let made: Kernel | undefined;

/** @returns undefined on a processor, or in a Node, without vector instructions */
function kernel(): Kernel | undefined {
  if (made) return made;
  if (!WebAssembly.validate(module)) return undefined;
  const { run, memory } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  made = { run, bytes: new Uint8Array(memory.buffer), words: new Int32Array(memory.buffer) };
  return made;
}

function isIn64ths(from: number, side: number): boolean {
  return side <= MAX_SIDE && Number.isInteger(side) && Number.isInteger(from * SIZE);
}

/** True for what {@link resizeSmall} can do: pictures of three bytes a pixel, boxes that whole weights describe. */
export function isSmall({ pixelBytes, channels }: Pixels, box: Box, size: number): boolean {
  return (
    size === SIZE &&
    channels === 3 &&
    pixelBytes === 3 &&
    isIn64ths(box.left, box.right - box.left) &&
    isIn64ths(box.top, box.bottom - box.top)
  );
}

/** Weights in 64ths of a pixel are whole: a target's edges lie on whole 64ths. */
function fillRows(words: Int32Array, { first, threeWeights }: Coverage, rowBytes: number): void {
  for (let y = 0; y < SIZE; y++) {
    const entry = (ROWS + y * ROW_BYTES) / 4;
    words[entry] = (first[y]! - first[0]!) * rowBytes;
    for (let i = 0; i < 3; i++) words[entry + 1 + i] = threeWeights![y * 3 + i]! * SIZE;
  }
}

function fillColumns(words: Int32Array, { first, threeWeights }: Coverage): void {
  for (let x = 0; x < SIZE; x++) {
    const entry = (COLUMNS + x * COLUMN_BYTES) / 4;
    const [a, b, c] = [0, 1, 2].map((i) => threeWeights![x * 3 + i]! * SIZE) as [number, number, number];
    words[entry] = SUMS + (first[x]! - first[0]!) * 6;
    for (let channel = 0; channel < 3; channel++) {
      words[entry + 4 + channel] = a | (b << 16);
      words[entry + 8 + channel] = c;
    }
  }
}

/**
 * Resizes a picture for which {@link isSmall} is true.
 *
 * @returns false where it cannot after all, and nothing was done
 */
export function resizeSmall(
  { width, data }: Pixels,
  box: Box,
  rows: Coverage,
  columns: Coverage,
  into: Uint8Array,
): boolean {
  const able = kernel();
  const rowBytes = width * 3;
  const from = rows.first[0]! * rowBytes;
  const to = (rows.last[SIZE - 1]! + 1) * rowBytes;
  // A row that weighs nothing may lie below the last two.
  if (!able || to - from + 2 * rowBytes + BEYOND > SOURCE_BYTES) return false;
  if (able.rows !== rows || able.rowBytes !== rowBytes) {
    fillRows(able.words, rows, rowBytes);
    able.rows = rows;
    able.rowBytes = rowBytes;
  }
  if (able.columns !== columns) {
    fillColumns(able.words, columns);
    able.columns = columns;
  }
  able.bytes.set(data.subarray(from, to), SOURCE);
  const left = columns.first[0]!;
  const sums = (columns.last[SIZE - 1]! + 1 - left) * 3;
  const area = (box.right - box.left) * (box.bottom - box.top);
  const shift = 62 - Math.clz32(area);
  const multiplier = Math.ceil(2 ** shift / area);
  able.run(SOURCE + left * 3, rowBytes, SUMS + sums * 2, area >> 1, multiplier, shift);
  into.set(able.bytes.subarray(RESULT, RESULT + SIZE * SIZE * 3));
  return true;
}
