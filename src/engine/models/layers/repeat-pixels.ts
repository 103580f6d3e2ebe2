import * as ops from '../../tensorflow/operations.ts';
import { Dtype, free, scalar, type Tensor } from '../../tensorflow/tensors.ts';
import type { Volume } from '../architecture.ts';
import { convert, type Sizes } from './layer.ts';

/**
 * Repeats every pixel of x, `[batch, ...volume]`, along both axes; twice as fast as TensorFlow's own resizing.
 *
 * @param sizes - of the layer, which frees them
 */
export function repeatPixels(
  x: Tensor,
  {
    batch,
    volume: [height, width, channels],
    times,
  }: { readonly batch: number; readonly volume: Volume; readonly times: number },
  sizes: Sizes,
  dtype: Dtype,
): Tensor {
  // An axis of length 1 after each of height and width, of which broadcasting makes copies.
  const apart = ops.reshape(x, sizes.of(batch, height, 1, width, 1, channels), dtype);
  const repeated = ops.broadcast(apart, sizes.of(batch, height, times, width, times, channels), dtype);
  const y = ops.reshape(repeated, sizes.of(batch, height * times, width * times, channels), dtype);
  free(apart, repeated);
  return y;
}

/** x times a number. */
export function scaled(x: Tensor, factor: number, dtype: Dtype): Tensor {
  const exact = scalar(factor);
  const converted = convert(exact, Dtype.float, dtype);
  const y = ops.multiply(x, converted, dtype);
  free(exact, converted === exact ? undefined : converted);
  return y;
}
