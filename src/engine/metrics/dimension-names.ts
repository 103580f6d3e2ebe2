import type { DimensionName } from '../../contract/metrics.ts';
import type { ColumnValues } from '../data/columns.ts';
import { checkCodes } from './code-table.ts';
import { makeFactor, type Factor } from './factor.ts';
import { Sample } from './sample.ts';

/** Minimum information for a dimension to be named after a column. */
const LEAST_BITS = 0.05;

/** Codes, and the columns of their images. */
export interface NamingInput {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  readonly columns: readonly ColumnValues[];
}

/**
 * Names every dimension after the label or factor about which it has most information beyond chance, in bits:
 * `smile, 0.71 bits`. The name of a dimension without such information is its number.
 *
 * @returns a name for each dimension, in order
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
