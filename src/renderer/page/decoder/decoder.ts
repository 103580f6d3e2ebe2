import type {
  PageActivation,
  PageDescription,
  PageLayer,
  PageProduct,
  PageRepeat,
} from '../../../contract/page.ts';
import { readHalves } from './halves.ts';
import { COLUMNS, makeArithmetic, packPanels, roundUp, ROWS, type Arithmetic } from './product.ts';

/** What a decoder is made from. */
export type DecoderShape = Pick<PageDescription, 'latentDim' | 'layers' | 'output'>;

/** Matrices of patches and of results have at most about so many numbers: large ones are computed strip by strip. */
const MOST_PRODUCT = 1 << 20;

/** A product with the address of its matrix. */
interface Placed {
  readonly kind: 'product';
  readonly spec: PageProduct;
  readonly matrix: number;
  /** Depth and columns of the product. */
  readonly depth: number;
  readonly columns: number;
  /** Rows that are multiplied at a time. */
  readonly strip: number;
}

function sizesOf({ kind, input, output, kernel }: PageProduct): {
  rows: number;
  depth: number;
  columns: number;
} {
  const area = kernel * kernel;
  switch (kind) {
    case 'dense':
      return { rows: 1, depth: input[0] * input[1] * input[2], columns: output[2] };
    case 'conv':
      return { rows: output[0] * output[1], depth: area * input[2], columns: output[2] };
    case 'conv-transpose':
      return { rows: input[0] * input[1], depth: input[2], columns: area * output[2] };
  }
}

function isProduct(layer: PageLayer): layer is PageProduct {
  return 'scale' in layer;
}

/** How many numbers a matrix has in the stored weights. */
function storedSize(layer: PageLayer): number {
  if (!isProduct(layer)) return 0;
  const { depth, columns } = sizesOf(layer);
  return depth * columns;
}

/**
 * Runs a model's decoder, one code at a time. Every layer is a product of matrices; all of them lie in one memory, with the
 * weights at its beginning.
 */
export class Decoder {
  readonly #shape: DecoderShape;
  readonly #steps: readonly (Placed | Exclude<PageLayer, PageProduct>)[];
  readonly #arithmetic: Arithmetic;
  /** Addresses: patches of a convolution, and the product. The values between layers lie outside. */
  readonly #left: number;
  readonly #product: number;

  /**
   * @param weights - the matrices in half precision, in the order of the layers
   * @param isVectorised - whether to use WebAssembly; found out if left out
   */
  constructor(shape: DecoderShape, weights: Uint8Array, isVectorised?: boolean) {
    this.#shape = shape;
    let end = 0;
    let [leftSize, productSize] = [0, 0];
    this.#steps = shape.layers.map((spec) => {
      if (!isProduct(spec)) return spec;
      const { rows, depth, columns } = sizesOf(spec);
      const wide = roundUp(columns, COLUMNS);
      const most = Math.max(1, Math.floor(MOST_PRODUCT / Math.max(wide, depth)));
      const strip = roundUp(Math.min(rows, most), ROWS);
      const placed = { kind: 'product' as const, spec, matrix: end, depth, columns: wide, strip };
      end += depth * wide;
      leftSize = Math.max(leftSize, strip * depth);
      productSize = Math.max(productSize, strip * wide);
      return placed;
    });
    this.#left = end;
    this.#product = roundUp(end + leftSize, COLUMNS);
    this.#arithmetic = makeArithmetic(this.#product + productSize, isVectorised);
    this.#place(weights);
  }

  /** A decoder's number of weights, from which follows the size of the stored matrices. */
  static weightsOf({ layers }: Pick<DecoderShape, 'layers'>): number {
    return layers.reduce((sum, layer) => sum + storedSize(layer), 0);
  }

  /**
   * @param z - `[latentDim]`
   * @param condition - of a conditional model, as its encoding
   * @returns the image's bytes, `[size, size, channels]`
   */
  decode(z: Float32Array, condition?: Float32Array): Uint8Array<ArrayBuffer> {
    let x = z;
    let kept = z;
    for (const step of this.#steps) {
      switch (step.kind) {
        case 'append':
          if (!condition) throw new Error('The model is conditional, and no condition was given.');
          x = Float32Array.of(...x, ...condition);
          break;
        case 'repeat':
          x = repeat(x, step);
          break;
        case 'keep':
          kept = x;
          break;
        case 'add':
          x = x.map((value, i) => value + kept[i]!);
          activate(x, step.activation);
          break;
        case 'product':
          x = this.#apply(step, x);
      }
    }
    const isSigmoid = this.#shape.output === 'sigmoid';
    const bytes = new Uint8Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const value = isSigmoid ? 1 / (1 + Math.exp(-x[i]!)) : Math.min(1, Math.max(0, x[i]!));
      bytes[i] = Math.round(value * 255);
    }
    return bytes;
  }

  #place(weights: Uint8Array): void {
    let at = 0;
    for (const step of this.#steps) {
      if (step.kind !== 'product') continue;
      const { spec, matrix, depth } = step;
      const { columns } = sizesOf(spec);
      const stored = readHalves(weights.subarray(at * 2, (at + depth * columns) * 2));
      for (let i = 0; i < stored.length; i++) stored[i]! *= spec.scale;
      packPanels(stored, depth, columns, this.#arithmetic.memory, matrix);
      at += depth * columns;
    }
  }

  #apply(step: Placed, x: Float32Array): Float32Array {
    const { spec, depth, columns, strip } = step;
    const { memory } = this.#arithmetic;
    const { rows } = sizesOf(spec);
    const [height, width, channels] = spec.output;
    const y = new Float32Array(height * width * channels);
    for (let start = 0; start < rows; start += strip) {
      const end = Math.min(rows, start + strip);
      if (spec.kind === 'conv') this.#takePatches(spec, x, start, end);
      else memory.set(x.subarray(start * depth, end * depth), this.#left);
      // Rows that only fill up a block are multiplied too, and their results left out.
      this.#arithmetic.multiply(
        this.#left,
        step.matrix,
        this.#product,
        roundUp(end - start, ROWS),
        depth,
        columns,
      );
      if (spec.kind === 'conv-transpose') this.#addUp(spec, columns, y, start, end);
      else {
        for (let row = start; row < end; row++) {
          const from = this.#product + (row - start) * columns;
          y.set(memory.subarray(from, from + channels), row * channels);
        }
      }
    }
    finish(y, spec);
    return y;
  }

  /** Writes the patches of output pixels `start` to `end` as rows. */
  #takePatches(
    { input, output, kernel, stride, padding }: PageProduct,
    x: Float32Array,
    start: number,
    end: number,
  ): void {
    const { memory } = this.#arithmetic;
    const [height, width, channels] = input;
    const [top, left] = padding;
    let to = this.#left;
    memory.fill(0, to, to + (end - start) * kernel * kernel * channels);
    for (let pixel = start; pixel < end; pixel++) {
      const firstRow = Math.floor(pixel / output[1]) * stride - top;
      const firstColumn = (pixel % output[1]) * stride - left;
      // A patch's row is one piece of the image's row.
      const from = Math.max(0, -firstColumn);
      const until = Math.min(kernel, width - firstColumn);
      for (let i = 0; i < kernel; i++, to += kernel * channels) {
        const row = firstRow + i;
        if (row < 0 || row >= height) continue;
        const at = (row * width + firstColumn) * channels;
        for (let j = from * channels; j < until * channels; j++) memory[to + j] = x[at + j]!;
      }
    }
  }

  /** Adds what input pixels `start` to `end` give to each pixel of the output. */
  #addUp(
    { input, output, kernel, stride, padding }: PageProduct,
    columns: number,
    y: Float32Array,
    start: number,
    end: number,
  ): void {
    const { memory } = this.#arithmetic;
    const [height, width, channels] = output;
    const [top, left] = padding;
    for (let pixel = start; pixel < end; pixel++) {
      const firstRow = Math.floor(pixel / input[1]) * stride - top;
      const firstColumn = (pixel % input[1]) * stride - left;
      let from = this.#product + (pixel - start) * columns;
      const begin = Math.max(0, -firstColumn);
      const until = Math.min(kernel, width - firstColumn);
      for (let i = 0; i < kernel; i++, from += kernel * channels) {
        const row = firstRow + i;
        if (row < 0 || row >= height) continue;
        const to = (row * width + firstColumn) * channels;
        for (let j = begin * channels; j < until * channels; j++) y[to + j]! += memory[from + j]!;
      }
    }
  }
}

/** Adds the bias and applies the activation. */
function finish(y: Float32Array, { bias, activation }: PageProduct): void {
  const channels = bias.length;
  for (let i = 0; i < y.length; i += channels) {
    for (let c = 0; c < channels; c++) y[i + c]! += bias[c]!;
  }
  activate(y, activation);
}

function activate(y: Float32Array, activation: PageActivation): void {
  if (activation === 1) return;
  for (let i = 0; i < y.length; i++) {
    const value = y[i]!;
    if (activation === 'silu') y[i] = value / (1 + Math.exp(-value));
    else if (activation === 'tanh') y[i] = Math.tanh(value);
    else if (value < 0) y[i] = value * activation;
  }
}

/** Repeats every pixel along both axes. */
function repeat(x: Float32Array, { input, times }: PageRepeat): Float32Array {
  const [height, width, channels] = input;
  const y = new Float32Array(x.length * times * times);
  const rowLength = width * times * channels;
  for (let row = 0; row < height; row++) {
    const first = row * times * rowLength;
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * channels;
      const pixel = x.subarray(from, from + channels);
      for (let i = 0; i < times; i++) y.set(pixel, first + (column * times + i) * channels);
    }
    for (let i = 1; i < times; i++) y.copyWithin(first + i * rowLength, first, first + rowLength);
  }
  return y;
}
