import type { AnyTensor } from './safetensors.ts';

/** A tensor's type by its name in NumPy and PyTorch. */
export function typeName(data: AnyTensor['data']): string {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Int32Array ? 'int32' : 'uint8';
}
