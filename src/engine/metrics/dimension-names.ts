import type { DimensionName } from '../../contract/metrics.ts';
import type { ColumnValues } from '../data/columns.ts';
import { checkCodes } from './code-table.ts';
import { makeFactor, type Factor } from './factor.ts';
import { Sample } from './sample.ts';

/** A dimension that tells less is not named after anything. */
const LEAST_BITS = 0.05;

/** Codes and what is known of their images, as plain arrays. */
export interface NamingInput {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  readonly columns: readonly ColumnValues[];
}

/**
 * Names every dimension after the label or factor that it tells most about, with how much, in bits: `smile, 0.71 bits`.
 * Only what is not chance counts, so that a dimension of noise keeps its number for a name.
 *
 * @returns a name for each dimension, in their order
 * @throws UnravelError `bad-input` for codes that are not numbers
 */
export function nameDimensions({ codes, count, latentDim, columns }: NamingInput): DimensionName[] {
  checkCodes(codes, count, latentDim);
  const factors = columns.map(makeFactor).filter((one): one is Factor => !('leftOut' in one));
  return namesOf(new Sample(codes, latentDim, factors));
}

/** The names of a sample's dimensions; see {@link nameDimensions}. */
export function namesOf(sample: Sample): DimensionName[] {
  const { factors, latentDim, information } = sample;
  return Array.from({ length: latentDim }, (_, dimension) => {
    let [best, most] = [-1, LEAST_BITS];
    for (let f = 0; f < factors.length; f++) {
      const at = dimension * factors.length + f;
      const bits = information.beyondChance[at]! / Math.LN2;
      if (bits > most) [best, most] = [f, bits];
    }
    const column = factors[best]?.name;
    return column === undefined
      ? { dimension, name: `z${dimension}`, bits: 0, column: null }
      : { dimension, name: `${column}, ${most.toFixed(2)} bits`, bits: most, column };
  });
}
