import type { LatentValue } from '../../contract/operations/codes.ts';
import type { ModelSpec } from './architecture.ts';
import { LATENT_FREQUENCIES, LATENT_VALUES, type Statistics, type Weights } from './weights.ts';

/** Codes and the values that they were quantised to. */
export interface Quantised {
  /** The values, `[batch, latentDim]`. */
  readonly codes: Float32Array;
  /** For each code the place of its value in {@link LatentValues.data}. */
  readonly places: Int32Array;
}

/**
 * The values that the dimensions of a quantised model can take (Hsu et al. 2023): each number of a code is replaced by the
 * nearest value of its dimension.
 */
export class LatentValues {
  /** `[latentDim, count]`. */
  readonly data: Float32Array;
  readonly latentDim: number;
  readonly count: number;

  constructor(data: Float32Array, latentDim: number) {
    this.data = data;
    this.latentDim = latentDim;
    this.count = data.length / latentDim;
  }

  /** The values among a model's weights; undefined if it is not quantised. */
  static of(spec: Pick<ModelSpec, 'shape'>, weights: Weights): LatentValues | undefined {
    if (spec.shape.valuesPerDimension === undefined) return undefined;
    const values = weights.get(LATENT_VALUES);
    if (!values) throw new Error(`No weight ${LATENT_VALUES}.`);
    return new LatentValues(values.data, spec.shape.latentDim);
  }

  /** Quantises codes, `[batch, latentDim]`. Of two values that are equally near, the first is taken. */
  quantise(codes: Float32Array): Quantised {
    const { data, latentDim, count } = this;
    const quantised = new Float32Array(codes.length);
    const places = new Int32Array(codes.length);
    for (let i = 0; i < codes.length; i++) {
      const first = (i % latentDim) * count;
      let place = first;
      // Distances in single precision, as an exported graph computes them.
      let least = Math.fround(Math.abs(Math.fround(codes[i]! - data[first]!)));
      for (let at = first + 1; at < first + count; at++) {
        const distance = Math.fround(Math.abs(Math.fround(codes[i]! - data[at]!)));
        if (distance < least) [least, place] = [distance, at];
      }
      quantised[i] = data[place]!;
      places[i] = place;
    }
    return { codes: quantised, places };
  }

  /**
   * Sums a gradient in quantised codes over the codes that have the same value.
   *
   * @param gradient - `[batch, latentDim]`
   * @returns the gradient in the values, `[latentDim, count]`
   */
  gather(gradient: Float64Array, { places }: Quantised): Float32Array {
    const sums = new Float64Array(this.data.length);
    gradient.forEach((value, i) => (sums[places[i]!]! += value));
    return Float32Array.from(sums);
  }

  /**
   * The values of each dimension in ascending order.
   *
   * @param statistics - the model's; without frequencies, all values are taken to be equally frequent
   */
  inOrder(statistics: Statistics): LatentValue[][] {
    const frequencies = statistics.get(LATENT_FREQUENCIES)?.data;
    return Array.from({ length: this.latentDim }, (_, l) => {
      const own = Array.from({ length: this.count }, (_, k) => l * this.count + k);
      const sum = own.reduce((total, at) => total + (frequencies?.[at] ?? 0), 0);
      return own
        .map((at) => ({
          value: this.data[at]!,
          share: sum > 0 ? frequencies![at]! / sum : 1 / this.count,
        }))
        .sort((a, b) => a.value - b.value);
    });
  }
}
