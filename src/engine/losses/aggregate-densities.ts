import type { Random } from '../basics/random.ts';
import { JointMixture } from './joint-mixture.ts';
import { logMarginal } from './marginal-mixture.ts';

const LOG_TWO_PI = Math.log(2 * Math.PI);
/** Number of pairs of a code and an image per step, which takes some tens of milliseconds. */
const PAIRS_IN_A_STEP = 4_000_000;
/** The part of the work that is for the joint density. */
const JOINT_SHARE = 0.8;

/** Log densities at codes, `[codes]` each, nats. */
export interface CodeDensities {
  /** log q(z|n) of the image that each code was drawn from. */
  readonly conditional: Float64Array;
  /** log q(z) of the aggregate posterior. */
  readonly aggregate: Float64Array;
  /** log Πₗ q(zₗ). */
  readonly product: Float64Array;
  /** log p(z). */
  readonly prior: Float64Array;
}

/**
 * Draws a code for each of the given images, z = μ + √Σ·ε.
 *
 * @returns `[images.length, latentDim]`
 */
export function drawCodes(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  images: Uint32Array,
  random: Random,
): Float64Array {
  const codes = new Float64Array(images.length * latentDim);
  for (let i = 0; i < images.length; i++) {
    for (let l = 0; l < latentDim; l++) {
      const from = images[i]! * latentDim + l;
      codes[i * latentDim + l] = mu[from]! + Math.exp(0.5 * logVar[from]!) * random.normal();
    }
  }
  return codes;
}

/** Σₗ log N(zₗ; μₗ, Σₗ) of each code with its own image's posterior. */
export function logConditional(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  images: Uint32Array,
  codes: Float64Array,
): Float64Array {
  return Float64Array.from(images, (image, i) => {
    let sum = 0;
    for (let l = 0; l < latentDim; l++) {
      const from = image * latentDim + l;
      const distance = codes[i * latentDim + l]! - mu[from]!;
      sum -= 0.5 * (LOG_TWO_PI + logVar[from]! + distance * distance * Math.exp(-logVar[from]!));
    }
    return sum;
  });
}

/** Σₗ log N(zₗ; 0, 1) of each code. */
export function logPrior(codes: Float64Array, latentDim: number): Float64Array {
  const sums = new Float64Array(codes.length / latentDim);
  for (let at = 0; at < codes.length; at++) {
    sums[Math.floor(at / latentDim)]! -= 0.5 * (LOG_TWO_PI + codes[at]! * codes[at]!);
  }
  return sums;
}

/** One column of a table, `[rows, width]`, in double precision. */
export function columnOf(table: ArrayLike<number>, width: number, column: number): Float64Array {
  return Float64Array.from({ length: table.length / width }, (_, row) => table[row * width + column]!);
}

/** Adds log q(zₗ) of one dimension at each code to `product`. */
function addMarginal(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  dimension: number,
  codes: Float64Array,
  product: Float64Array,
): void {
  const column = (table: ArrayLike<number>): Float64Array => columnOf(table, latentDim, dimension);
  const logs = logMarginal(column(mu), column(logVar), column(codes));
  for (let i = 0; i < logs.length; i++) product[i]! += logs[i]!;
}

/**
 * Computes all densities of codes in steps, with the aggregate posterior of all images.
 *
 * @param images - the image that each code was drawn from
 * @param codes - `[images.length, latentDim]`
 * @returns a generator that yields the part of the work that is done, from 0 to 1, and returns the densities
 */
export function* evaluateCodesInSteps(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  images: Uint32Array,
  codes: Float64Array,
): Generator<number, CodeDensities> {
  const aggregate = new Float64Array(images.length);
  const mixture = new JointMixture(mu, logVar, latentDim);
  const size = Math.max(64, Math.floor(PAIRS_IN_A_STEP / (mu.length / latentDim)));
  for (let from = 0; from < images.length; from += size) {
    const to = Math.min(images.length, from + size);
    const some = codes.subarray(from * latentDim, to * latentDim);
    mixture.logDensities(some, images.subarray(from, to), aggregate.subarray(from, to));
    yield (JOINT_SHARE * to) / images.length;
  }
  const product = new Float64Array(images.length);
  for (let l = 0; l < latentDim; l++) {
    addMarginal(mu, logVar, latentDim, l, codes, product);
    yield JOINT_SHARE + ((1 - JOINT_SHARE) * (l + 1)) / latentDim;
  }
  return {
    conditional: logConditional(mu, logVar, latentDim, images, codes),
    aggregate,
    product,
    prior: logPrior(codes, latentDim),
  };
}

/** Runs all steps of {@link evaluateCodesInSteps}. */
export function evaluateCodes(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  images: Uint32Array,
  codes: Float64Array,
): CodeDensities {
  const steps = evaluateCodesInSteps(mu, logVar, latentDim, images, codes);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
