import { LEAST_NAMED_SHARE } from '../../contract/activity.ts';
import type { DimensionName } from '../../contract/metrics.ts';
import type { ColumnValues } from '../data/columns.ts';
import { checkCodes } from './code-table.ts';
import { makeFactor, type Factor } from './factor.ts';
import { Sample } from './sample.ts';

/** Codes, and the columns of their images. */
export interface NamingInput {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  readonly columns: readonly ColumnValues[];
  /** Whether each dimension is active; all are if left out. An inactive dimension has no name. */
  readonly active?: readonly boolean[];
}

/**
 * Names every active dimension after the label or factor about which it has most information beyond chance, in bits:
 * `smile, 0.71 bits`. Labels of whose information it tells less than a twentieth do not count (`LEAST_NAMED_SHARE`).
 * The name of a dimension without such information is its number.
 *
 * @returns a name for each dimension, in order
 * @throws UnravelError `bad-input` for codes that are not numbers
 */
export function nameDimensions({ codes, count, latentDim, columns, active }: NamingInput): DimensionName[] {
  checkCodes(codes, count, latentDim);
  const factors = columns.map(makeFactor).filter((one): one is Factor => !('leftOut' in one));
  return namesOf(new Sample(codes, latentDim, factors), active);
}

/** The names of a sample's dimensions; see {@link nameDimensions}. */
export function namesOf(sample: Sample, active?: readonly boolean[]): DimensionName[] {
  const { factors, latentDim, information } = sample;
  return Array.from({ length: latentDim }, (_, dimension) => {
    let [best, most, share] = [-1, 0, 0];
    for (let f = 0; f < factors.length && active?.[dimension] !== false; f++) {
      const nats = information.beyondChance[dimension * factors.length + f]!;
      const part = nats / information.entropies[f]!;
      if (part >= LEAST_NAMED_SHARE && nats > most) [best, most, share] = [f, nats, part];
    }
    const column = factors[best]?.name;
    if (column === undefined) return { dimension, name: `z${dimension}`, bits: 0, column: null };
    const bits = most / Math.LN2;
    return { dimension, name: `${column}, ${bits.toFixed(2)} bits`, bits, share, column };
  });
}
