// Just enough of an assembler to write one small WebAssembly module in TypeScript, instruction by instruction.
// Numbers are from the specification, https://webassembly.github.io/spec/core/binary/.

/** A piece of a module's code. */
export type Code = readonly number[];

/** An integer without sign in LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** A signed integer in LEB128. */
function signed(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -0x40 && rest < 0x40) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** An address is a pushed i32 plus this constant; memory is not assumed to be aligned. */
const at = (offset: number): Code => [0, ...unsigned(offset)];
const simd = (code: number, ...immediates: number[]): Code => [0xfd, ...unsigned(code), ...immediates];

/** Instructions: operands first, as the machine takes them from its stack. */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a],
  isLess: [0x49],
  load: (offset: number): Code => [0x28, ...at(offset)],
  /** Does `body` over and over for as long as the number it leaves is not 0. */
  repeat: (...body: Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b],
  v128: {
    load: (offset: number): Code => simd(0, ...at(offset)),
    /** Eight bytes as eight 16-bit lanes. */
    load8x8: (offset: number): Code => simd(2, ...at(offset)),
    store: (offset: number): Code => simd(11, ...at(offset)),
    /** Only the first 32 bits. */
    store32: (offset: number): Code => simd(90, ...at(offset), 0),
    /** Sixteen bytes out of two vectors: 0 to 15 are the first's, 16 to 31 the second's. */
    shuffle: (...bytes: number[]): Code => simd(13, ...bytes),
    zero: simd(12, ...new Array<number>(16).fill(0)),
    splat16: simd(16),
    splat32: simd(17),
    add16: simd(142),
    multiply16: simd(149),
    add32: simd(174),
    /** Products of 16-bit lanes, each with its neighbour's added, in 32 bits. */
    dot: simd(186),
    shiftRight64: simd(205),
    /** Products of the lower two 32-bit lanes in 64 bits, without sign, and of the upper two. */
    multiplyLow64: simd(222),
    multiplyHigh64: simd(223),
  },
} as const;

const I32 = 0x7f;
const V128 = 0x7b;

function section(id: number, ...content: Code[]): Code {
  const bytes = content.flat();
  return [id, ...unsigned(bytes.length), ...bytes];
}

function name(text: string): Code {
  return [text.length, ...Buffer.from(text, 'latin1')];
}

/**
 * A module with one function, `run`, and its own memory, `memory`.
 *
 * @param parameters - number of the function's parameters, all i32; it returns nothing
 * @param locals - number of its further variables: i32 ones are numbered after the parameters, v128 ones after those
 * @param pages - size of the memory, in pages of 64 KiB
 * @returns the module's bytes
 */
export function wasmModule(
  parameters: number,
  locals: { readonly i32: number; readonly v128: number },
  pages: number,
  ...body: Code[]
): Uint8Array {
  const declarations = [2, ...unsigned(locals.i32), I32, ...unsigned(locals.v128), V128];
  const code = [...declarations, ...body.flat(), 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(I32), 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2], name('run'), [0x00, 0], name('memory'), [0x02, 0]),
    ...section(10, [1], unsigned(code.length), code),
  ]);
}
