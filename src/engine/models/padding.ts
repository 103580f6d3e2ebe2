import type { ConvSpec } from './architecture.ts';

/**
 * The pixels that TensorFlow adds around the images of a convolution: nothing, or as many as `same` needs, of which a
 * surplus one comes at the end (Conv2D's documentation). A transposed convolution removes as many from its result.
 */
export function paddingOf(
  { padding, kernel, stride }: ConvSpec,
  large: number,
): { begin: number; end: number } {
  if (padding === 'valid') return { begin: 0, end: 0 };
  if (typeof padding === 'number') return { begin: padding, end: padding };
  const small = Math.ceil(large / stride);
  const total = Math.max((small - 1) * stride + kernel - large, 0);
  return { begin: Math.floor(total / 2), end: total - Math.floor(total / 2) };
}
