import * as ops from '../tensorflow/operations.ts';
import { Dtype, free, scalar, upload, type Tensor } from '../tensorflow/tensors.ts';

/** Images of bytes as a tensor of numbers in [0, 1]. The bytes must not be changed while it is computed. */
export function uploadUnit(shape: readonly number[], images: Uint8Array): Tensor {
  const bytes = upload(shape, images);
  const numbers = ops.cast(bytes, Dtype.uint8, Dtype.float);
  const toUnit = scalar(1 / 255);
  const unit = ops.multiply(numbers, toUnit);
  free(bytes, numbers, toUnit);
  return unit;
}
