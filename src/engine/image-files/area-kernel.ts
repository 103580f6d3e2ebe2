import type { Coverage } from './area-coverage.ts';
import module from './area-kernel.wat';
import type { Box, Pixels } from './pixels.ts';

// Resizes small colour pictures, such as CelebA's, with WebAssembly's vector instructions, in a quarter of the
// time. Resizing in JavaScript takes a third of the time of an import. The integer arithmetic is exact, so that the
// bytes are the same as from the loops in area-resize.ts.

/** The kernel supports only this size of the result. */
const SIZE = 64;
/**
 * The longest side of a box, in pixels. Up to it, the sums of bytes fit into signed 16 bits, and a target covers at
 * most three rows.
 */
const MAX_SIDE = 128;

// Addresses in the module's memory, as in area-kernel.wat.
const ROWS = 0;
const ROW_BYTES = 16;
const COLUMNS = 1024;
const COLUMN_BYTES = 48;
const SUMS = 4096;
const RESULT = 8192;
const SOURCE = 24_576;
const MEMORY_BYTES = 2 * 65_536;
const SOURCE_BYTES = MEMORY_BYTES - SOURCE;
/** Number of bytes that vector loads may read beyond the data. */
const BEYOND = 16;

/**
 * For all 64 target rows, computes the weighted sum of three source rows, then of three columns of that for each
 * target.
 *
 * A row's entry in the table is the offset of its first source row and three weights; a column's is the address of
 * its first sum and the weights in the layout for the dot products. The weights are whole 64ths of a pixel, and
 * `area` is the sum of the weights of a target. The mean is ⌊(total + ⌊area / 2⌋) / area⌋, where the division is
 * done as a multiplication by 2^shift / area, rounded up (Granlund & Montgomery 1994).
 */
type Run = (
  source: number,
  rowBytes: number,
  sumsEnd: number,
  half: number,
  multiplier: number,
  shift: number,
) => void;

/** The used part of WebAssembly, whose types are declared only in TypeScript's browser library. */
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
  /** The arguments from which the tables in its memory were computed. */
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

/**
 * True if {@link resizeSmall} supports the arguments: three bytes per pixel, and a box whose weights are whole
 * numbers.
 */
export function isSmall({ pixelBytes, channels }: Pixels, box: Box, size: number): boolean {
  return (
    size === SIZE &&
    channels === 3 &&
    pixelBytes === 3 &&
    isIn64ths(box.left, box.right - box.left) &&
    isIn64ths(box.top, box.bottom - box.top)
  );
}

/** The edges of targets are at whole 64ths of a pixel, so weights in this unit are whole numbers. */
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
 * @returns false if it is not possible; then nothing was changed
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
  // The kernel may read a row of weight zero below the last two.
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
