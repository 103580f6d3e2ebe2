import type { Dimension, IndependentAxes } from '../../../../contract/operations/codes.ts';
import { withCoordinate } from './live-code.svelte.ts';

/**
 * Coordinates of the live code that sliders move: its dimensions, or independent axes of the codes. Each has a number,
 * by which all methods name it.
 */
export interface SliderSet {
  readonly kind: 'dimensions' | 'axes';
  /** What a coordinate's number follows: `z3`, `a3`. */
  readonly symbol: 'z' | 'a';
  /** In the order of the list, the one that carries most first. */
  readonly rows: readonly SliderRow[];
  /** The name of the label or factor that a coordinate carries best; undefined if it has no name. */
  nameOf(number: number): string | undefined;
  /** A coordinate's value in a code. */
  valueOf(z: Float32Array, number: number): number;
  /** The code in which a coordinate has another value, and the other coordinates of the set are the same. */
  moved(z: Float32Array, number: number, value: number): Float32Array;
  /** The posterior's standard deviation along a coordinate. @param logVar - `[latentDim]` */
  deviationOf(logVar: Float32Array, number: number): number;
}

/** One slider. */
export interface SliderRow extends Dimension {
  /** An independent axis's part of the variance of the codes, 0 to 1; undefined for a dimension. */
  readonly variance?: number;
}

/** What a coordinate carries, such as `smile, 0.71 bits`; null if it has no name. */
export function carriedText({ name, bits }: Pick<Dimension, 'name' | 'bits'>): string | null {
  return name === undefined ? null : bits === undefined ? name : `${name}, ${bits.toFixed(2)} bits`;
}

/** The dimensions of a code. @param order - their numbers, the one that carries most first */
export function dimensionSet(dimensions: readonly Dimension[], order: readonly number[]): SliderSet {
  return {
    kind: 'dimensions',
    symbol: 'z',
    rows: order.flatMap((number) => dimensions[number] ?? []),
    nameOf: (number) => dimensions[number]?.name,
    valueOf: (z, number) => z[number] ?? 0,
    moved: (z, number, value) => withCoordinate(z, number, value),
    deviationOf: (logVar, number) => Math.exp((logVar[number] ?? 0) / 2),
  };
}

/** Values along an axis are sums of products in single precision; what differs by less is the same. */
const AXIS_PRECISION = 1e4;

/** Independent axes, whose values are in standard deviations of the codes along them. */
export function axisSet({ axes, mean, unmixing, mixing }: IndependentAxes): SliderSet {
  const latentDim = mean.data.length;
  const count = axes.length;
  const sumOver = (number: number, term: (weight: number, l: number) => number): number => {
    let sum = 0;
    for (let l = 0; l < latentDim; l++) sum += term(unmixing.data[number * latentDim + l]!, l);
    return sum;
  };
  const exact = (z: Float32Array, number: number): number =>
    sumOver(number, (weight, l) => weight * ((z[l] ?? 0) - mean.data[l]!));
  return {
    kind: 'axes',
    symbol: 'a',
    rows: axes.map(({ axis, variance, ...carried }) => ({
      ...{ dimension: axis, kl: 0, mean: 0, deviation: 1 },
      ...{ variance, ...carried },
    })),
    nameOf: (number) => axes[number]?.name,
    valueOf: (z, number) => Math.round(exact(z, number) * AXIS_PRECISION) / AXIS_PRECISION,
    moved: (z, number, value) => {
      const by = value - exact(z, number);
      return z.map((each, l) => each + by * mixing.data[l * count + number]!);
    },
    deviationOf: (logVar, number) =>
      Math.sqrt(sumOver(number, (weight, l) => weight ** 2 * Math.exp(logVar[l] ?? 0))),
  };
}

/** Whether two values of a coordinate are the same to the precision of its set. */
export function areSameValue({ kind }: SliderSet, a: number, b: number): boolean {
  return kind === 'dimensions' ? a === b : Math.abs(a - b) <= 1.5 / AXIS_PRECISION;
}
