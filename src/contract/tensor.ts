import * as v from 'valibot';

/** The types of numbers that are sent between processes, and their arrays. */
export const ARRAYS = { u8: Uint8Array, i32: Int32Array, f32: Float32Array } as const;
export type Dtype = keyof typeof ARRAYS;
/** The typed array of a dtype. */
export type ArrayOf<D extends Dtype> = { u8: Uint8Array; i32: Int32Array; f32: Float32Array }[D];

/** An array with its shape, row-major. Tensors have this form outside the engine. */
export interface Tensor<D extends Dtype = Dtype> {
  readonly shape: readonly number[];
  readonly dtype: D;
  readonly data: ArrayOf<D>;
}

/** The number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Makes a tensor; the array's length must match the shape. */
export function tensor<D extends Dtype>(dtype: D, shape: readonly number[], data: ArrayOf<D>): Tensor<D> {
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(`A tensor of shape [${shape.join(', ')}] does not hold ${data.length} values.`);
  }
  return { shape, dtype, data };
}

/**
 * A schema for tensors of one dtype. The array's type must match the dtype and its length the shape.
 *
 * @param rank - how many axes; any number if left out
 */
export function tensorOf<D extends Dtype>(dtype: D, rank?: number) {
  return v.pipe(
    v.custom<Tensor<D>>(
      (input) => isTensor(input, dtype, rank),
      `is not a tensor of ${dtype}${rank === undefined ? '' : ` with ${rank} axes`}`,
    ),
    // Other entries that were sent with the tensor are dropped.
    v.transform(({ shape, data }): Tensor<D> => ({ shape, dtype, data })),
  );
}

function isTensor(input: unknown, dtype: Dtype, rank: number | undefined): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { shape, dtype: given, data } = input as Record<string, unknown>;
  return (
    given === dtype &&
    Array.isArray(shape) &&
    (rank === undefined || shape.length === rank) &&
    shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 0) &&
    data instanceof ARRAYS[dtype] &&
    data.length === sizeOf(shape as number[])
  );
}
