import { UNKNOWN_CLASS } from './mutual-information.ts';
import type { Sample } from './sample.ts';

/** Codes of the images for which a factor is known, with its values and classes. */
export interface KnownRows {
  /** `[rows, latentDim]`. */
  readonly table: Float32Array;
  readonly values: Float32Array;
  readonly classes: Uint16Array;
}

/** Selects the rows for which a factor is known. */
export function knownRows({ codes, latentDim, factors }: Sample, factor: number): KnownRows {
  const { classes, values, known } = factors[factor]!;
  if (known === classes.length) return { table: codes, values, classes };
  const rows = Uint32Array.from(classes.keys()).filter((row) => classes[row] !== UNKNOWN_CLASS);
  const table = new Float32Array(rows.length * latentDim);
  rows.forEach((row, i) => table.set(codes.subarray(row * latentDim, (row + 1) * latentDim), i * latentDim));
  return {
    table,
    values: Float32Array.from(rows, (row) => values[row]!),
    classes: Uint16Array.from(rows, (row) => classes[row]!),
  };
}
