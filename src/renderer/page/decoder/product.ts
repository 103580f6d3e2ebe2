import module from './product.wat';

/** Rows and columns of the blocks in which matrices are multiplied: sizes are rounded up to multiples of them. */
export const ROWS = 4;
export const COLUMNS = 8;

/**
 * Writes the product of two matrices into the memory. All three are addressed in numbers, not bytes.
 *
 * @param a - `[rows, depth]`
 * @param b - `[depth, columns]` in panels, `[columns / 8, depth, 8]`; see {@link packPanels}
 * @param c - `[rows, columns]`
 * @param rows - a multiple of {@link ROWS}
 * @param columns - a multiple of {@link COLUMNS}
 */
export type Multiply = (
  a: number,
  b: number,
  c: number,
  rows: number,
  depth: number,
  columns: number,
) => void;

/** Memory for matrices, and the product of those in it. */
export interface Arithmetic {
  readonly memory: Float32Array<ArrayBuffer>;
  readonly multiply: Multiply;
}

const PAGE_BYTES = 65_536;

/** The used part of WebAssembly: the decoder is tested in Node, too, where TypeScript knows of none. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { readonly page: { readonly memory: object } },
  ) => { readonly exports: { readonly multiply: Multiply } };
};

/**
 * Memory for so many numbers. Products are computed by WebAssembly's vector instructions, or, in a browser that has none or
 * has them switched off, by loops, which take about ten times as long.
 */
export function makeArithmetic(numbers: number, isVectorised = canVectorise()): Arithmetic {
  if (!isVectorised) {
    const memory = new Float32Array(numbers);
    return { memory, multiply: (...matrices) => multiplyByLoops(memory, ...matrices) };
  }
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil((numbers * 4) / PAGE_BYTES)) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { page: { memory } });
  return {
    memory: new Float32Array(memory.buffer),
    multiply: (a, b, c, rows, depth, columns) => exports.multiply(a * 4, b * 4, c * 4, rows, depth, columns),
  };
}

function canVectorise(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(module);
}

function multiplyByLoops(
  memory: Float32Array,
  a: number,
  b: number,
  c: number,
  rows: number,
  depth: number,
  columns: number,
): void {
  memory.fill(0, c, c + rows * columns);
  for (let panel = 0; panel < columns; panel += COLUMNS) {
    for (let row = 0; row < rows; row++) {
      const to = c + row * columns + panel;
      let from = b + panel * depth;
      for (let d = 0; d < depth; d++, from += COLUMNS) {
        const factor = memory[a + row * depth + d]!;
        if (factor === 0) continue;
        for (let i = 0; i < COLUMNS; i++) memory[to + i]! += factor * memory[from + i]!;
      }
    }
  }
}

/**
 * Puts a matrix into panels of eight columns, the last one filled up with zeros.
 *
 * @param matrix - `[depth, columns]`
 * @param into - where the panels begin
 */
export function packPanels(
  matrix: Float32Array,
  depth: number,
  columns: number,
  memory: Float32Array,
  into: number,
): void {
  for (let column = 0; column < columns; column++) {
    const to = into + Math.floor(column / COLUMNS) * depth * COLUMNS + (column % COLUMNS);
    for (let row = 0; row < depth; row++) memory[to + row * COLUMNS] = matrix[row * columns + column]!;
  }
}

/** A size rounded up to a multiple. */
export function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}
