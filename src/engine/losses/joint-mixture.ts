/**
 * A Gaussian below e^−28 of the largest so far is neglected: the sum of a million of them is a millionth of the
 * largest.
 */
const NEGLIGIBLE = 28;
/** Number of dimensions after which a component is checked for being negligible. */
const STRIDE = 4;
/** Number of components and codes that are processed together, so that they stay in the processor's cache. */
const COMPONENTS = 512;
const CODES = 64;

/** e^−x at every 1/32 from 0 to {@link NEGLIGIBLE}. */
const STEPS = 32;
const TABLE = Float64Array.from({ length: NEGLIGIBLE * STEPS + 2 }, (_, i) => Math.exp(-i / STEPS));

/**
 * e^−x for 0 ≤ x ≤ {@link NEGLIGIBLE}, to 12 digits, from a table and five terms of the series. It takes a fraction
 * of the time of Math.exp.
 */
function exponential(x: number): number {
  const i = (x * STEPS) | 0;
  const r = i / STEPS - x;
  return TABLE[i]! * (1 + r * (1 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))))));
}

/** The density q(z) = 1/N Σₙ N(z; μₙ, diag Σₙ) of the posteriors of N images. */
export class JointMixture {
  readonly #count: number;
  readonly #latentDim: number;
  /** Dimensions, ordered by how well they distinguish images, best first. */
  readonly #order: Uint32Array;
  /** `latentDim`, padded to a multiple of the stride with dimensions that do not affect the result. */
  readonly #width: number;
  /** `[count, width]`, dimensions in `#order`: means, and ½/Σ. */
  readonly #mu: Float64Array;
  readonly #halfPrecision: Float64Array;
  /** log of each component's density at its mean, `[count]`. */
  readonly #peak: Float64Array;

  /**
   * @param mu - `[count, latentDim]`
   * @param logVar - `[count, latentDim]`
   */
  constructor(mu: Float32Array, logVar: Float32Array, latentDim: number) {
    this.#latentDim = latentDim;
    this.#count = mu.length / latentDim;
    this.#order = byInformation(mu, logVar, latentDim);
    this.#width = STRIDE * Math.ceil(latentDim / STRIDE);
    this.#mu = new Float64Array(this.#count * this.#width);
    this.#halfPrecision = new Float64Array(this.#count * this.#width);
    this.#peak = new Float64Array(this.#count);
    for (let n = 0; n < this.#count; n++) {
      for (let k = 0; k < latentDim; k++) {
        const from = n * latentDim + this.#order[k]!;
        this.#mu[n * this.#width + k] = mu[from]!;
        this.#halfPrecision[n * this.#width + k] = 0.5 * Math.exp(-logVar[from]!);
        this.#peak[n]! -= 0.5 * (Math.log(2 * Math.PI) + logVar[from]!);
      }
    }
  }

  /**
   * Computes log q(z) of codes. The sum is over all components, but the computation of a component stops as soon as
   * it is negligible beside the code's own.
   *
   * @param codes - `[own.length, latentDim]`
   * @param own - the component that each code was drawn from
   * @param into - receives the result, `[own.length]`
   */
  logDensities(codes: Float64Array, own: Uint32Array, into: Float64Array): void {
    const latentDim = this.#latentDim;
    const width = this.#width;
    const z = new Float64Array(CODES * width);
    for (let from = 0; from < own.length; from += CODES) {
      const size = Math.min(CODES, own.length - from);
      for (let i = 0; i < size; i++) {
        for (let k = 0; k < latentDim; k++) {
          z[i * width + k] = codes[(from + i) * latentDim + this.#order[k]!]!;
        }
      }
      this.#sumBlock(z, own.subarray(from, from + size), into.subarray(from, from + size));
    }
  }

  #sumBlock(z: Float64Array, own: Uint32Array, into: Float64Array): void {
    // The largest exponent so far, initially that of the code's own component, and the sum of exponentials relative
    // to it.
    const largest = new Float64Array(own.length);
    const sums = new Float64Array(own.length);
    for (let i = 0; i < own.length; i++) largest[i] = this.#exponent(z, i * this.#width, own[i]!);
    for (let first = 0; first < this.#count; first += COMPONENTS) {
      const last = Math.min(this.#count, first + COMPONENTS);
      for (let i = 0; i < own.length; i++) this.#addComponents(z, i, first, last, largest, sums);
    }
    for (let i = 0; i < own.length; i++) into[i] = largest[i]! + Math.log(sums[i]! / this.#count);
  }

  #exponent(z: Float64Array, from: number, n: number): number {
    let exponent = this.#peak[n]!;
    for (let k = 0, at = n * this.#width; k < this.#width; k++, at++) {
      const distance = z[from + k]! - this.#mu[at]!;
      exponent -= distance * distance * this.#halfPrecision[at]!;
    }
    return exponent;
  }

  #addComponents(
    z: Float64Array,
    i: number,
    first: number,
    last: number,
    largest: Float64Array,
    sums: Float64Array,
  ): void {
    const width = this.#width;
    const mu = this.#mu;
    const halfPrecision = this.#halfPrecision;
    const peak = this.#peak;
    const from = i * width;
    let top = largest[i]!;
    let sum = sums[i]!;
    for (let n = first; n < last; n++) {
      const least = top - NEGLIGIBLE;
      let exponent = peak[n]!;
      let at = n * width;
      for (let k = from, end = from + width; k < end && exponent > least; k += STRIDE, at += STRIDE) {
        // Unrolled: four dimensions without a branch are twice as fast.
        const d0 = z[k]! - mu[at]!;
        const d1 = z[k + 1]! - mu[at + 1]!;
        const d2 = z[k + 2]! - mu[at + 2]!;
        const d3 = z[k + 3]! - mu[at + 3]!;
        exponent -=
          d0 * d0 * halfPrecision[at]! +
          d1 * d1 * halfPrecision[at + 1]! +
          (d2 * d2 * halfPrecision[at + 2]! + d3 * d3 * halfPrecision[at + 3]!);
      }
      if (exponent <= least) continue;
      if (exponent <= top) sum += exponential(top - exponent);
      else {
        sum = sum * Math.exp(top - exponent) + 1;
        top = exponent;
      }
    }
    largest[i] = top;
    sums[i] = sum;
  }
}

/** Dimensions sorted by the spread of the means in standard deviations of the posteriors, largest first. */
function byInformation(mu: Float32Array, logVar: Float32Array, latentDim: number): Uint32Array {
  const count = mu.length / latentDim;
  const [sum, squares, precision] = [latentDim, latentDim, latentDim].map(
    (size) => new Float64Array(size),
  ) as [Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < mu.length; i++) {
    const l = i % latentDim;
    sum[l]! += mu[i]! / count;
    squares[l]! += mu[i]! ** 2 / count;
    precision[l]! += Math.exp(-logVar[i]!) / count;
  }
  const apart = squares.map((square, l) => Math.max(0, square - sum[l]! ** 2) * precision[l]!);
  return Uint32Array.from({ length: latentDim }, (_, l) => l).sort((a, b) => apart[b]! - apart[a]!);
}
