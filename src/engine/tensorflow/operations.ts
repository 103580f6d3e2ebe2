import {
  attributes,
  Dtype,
  free,
  intVector,
  run,
  runMany,
  upload,
  type Attributes,
  type Tensor,
} from './tensors.ts';

/** Stride and padding of a convolution; kernels and strides are square. */
export interface ConvGeometry {
  readonly stride: number;
  /** A number: so many pixels on every side. */
  readonly padding: 'same' | 'valid' | number;
}

const cache = new Map<string, Attributes>();

/** Attributes are cached by key, because making them takes as long as a small operation. */
function cached(key: string, make: () => Attributes): Attributes {
  let found = cache.get(key);
  if (!found) {
    found = make();
    cache.set(key, found);
  }
  return found;
}

const typed = (dtype: Dtype): Attributes =>
  cached(`T${String(dtype)}`, () => attributes({ types: { T: dtype } }));

function conv(geometry: ConvGeometry, dtype: Dtype): Attributes {
  const { stride, padding } = geometry;
  const explicit = typeof padding === 'number' ? [0, 0, padding, padding, padding, padding, 0, 0] : undefined;
  return cached(`conv ${stride} ${padding} ${dtype}`, () =>
    attributes({
      types: { T: dtype },
      ints: {
        strides: [1, stride, stride, 1],
        dilations: [1, 1, 1, 1],
        ...(explicit && { explicit_paddings: explicit }),
      },
      strings: {
        padding: typeof padding === 'number' ? 'EXPLICIT' : padding.toUpperCase(),
        data_format: 'NHWC',
      },
      bools: { use_cudnn_on_gpu: true },
    }),
  );
}

/** x `[N,H,W,in]` ∗ filter `[k,k,in,out]`. */
export function conv2d(x: Tensor, filter: Tensor, geometry: ConvGeometry, dtype: Dtype): Tensor {
  return run('Conv2D', conv(geometry, dtype), x, filter);
}

/** The gradient of {@link conv2d} in its filter. `filterShape` is a tensor of four int32. */
export function conv2dFilterGradient(
  x: Tensor,
  filterShape: Tensor,
  dy: Tensor,
  geometry: ConvGeometry,
  dtype: Dtype,
): Tensor {
  return run('Conv2DBackpropFilter', conv(geometry, dtype), x, filterShape, dy);
}

/** The gradient of {@link conv2d} in its input, which is also the transposed convolution of `dy`. */
export function conv2dInputGradient(
  inputShape: Tensor,
  filter: Tensor,
  dy: Tensor,
  geometry: ConvGeometry,
  dtype: Dtype,
): Tensor {
  return run('Conv2DBackpropInput', conv(geometry, dtype), inputShape, filter, dy);
}

/** The matrix product a · b, each optionally transposed first. */
export function matMul(
  a: Tensor,
  b: Tensor,
  dtype: Dtype,
  { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  const attrs = cached(`matmul ${dtype} ${transposeA} ${transposeB}`, () =>
    attributes({ types: { T: dtype }, bools: { transpose_a: transposeA, transpose_b: transposeB } }),
  );
  return run('MatMul', attrs, a, b);
}

/** Adds a bias `[C]` to the last axis. */
export function biasAdd(x: Tensor, bias: Tensor, dtype: Dtype): Tensor {
  const attrs = cached(`bias ${dtype}`, () =>
    attributes({ types: { T: dtype }, strings: { data_format: 'NHWC' } }),
  );
  return run('BiasAdd', attrs, x, bias);
}

/** The gradient of {@link biasAdd} in its bias. */
export function biasGradient(dy: Tensor, dtype: Dtype): Tensor {
  const attrs = cached(`biasgrad ${dtype}`, () =>
    attributes({ types: { T: dtype }, strings: { data_format: 'NHWC' } }),
  );
  return run('BiasAddGrad', attrs, dy);
}

/** The result of {@link batchNorm}, the batch's mean and variance, and the values that its gradient needs. */
export interface BatchNormResult {
  readonly y: Tensor;
  readonly mean: Tensor;
  /** The unbiased variance: n/(n−1) times the biased variance that is used for the normalisation. */
  readonly variance: Tensor;
  readonly reserved: readonly [Tensor, Tensor, Tensor];
}

function batchNormAttributes(epsilon: number, dtype: Dtype): Attributes {
  return cached(`bn ${epsilon} ${dtype}`, () =>
    attributes({
      types: { T: dtype, U: Dtype.float },
      floats: { epsilon },
      strings: { data_format: 'NHWC' },
      bools: { is_training: true },
    }),
  );
}

/**
 * Normalises x `[N,H,W,C]` by the batch's statistics: (x − mean)/√(variance + ε) · scale + offset, in one operation
 * (Ioffe & Szegedy 2015). `empty` is a float tensor of no elements, in place of running statistics.
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  empty: Tensor,
  epsilon: number,
  dtype: Dtype,
): BatchNormResult {
  const attrs = cached(`bn forward ${epsilon} ${dtype}`, () => [
    ...batchNormAttributes(epsilon, dtype),
    ...attributes({ floats: { exponential_avg_factor: 1 } }),
  ]);
  const [y, mean, variance, r1, r2, r3] = runMany(
    'FusedBatchNormV3',
    attrs,
    [x, scale, offset, empty, empty],
    6,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  return { y, mean, variance, reserved: [r1, r2, r3] };
}

/** The gradient of {@link batchNorm}: in x, scale and offset. */
export function batchNormGradient(
  dy: Tensor,
  x: Tensor,
  scale: Tensor,
  reserved: readonly [Tensor, Tensor, Tensor],
  epsilon: number,
  dtype: Dtype,
): { dx: Tensor; dScale: Tensor; dOffset: Tensor } {
  const inputs = [dy, x, scale, ...reserved];
  const results = runMany('FusedBatchNormGradV3', batchNormAttributes(epsilon, dtype), inputs, 5);
  const [dx, dScale, dOffset, ...placeholders] = results as [Tensor, Tensor, Tensor, Tensor, Tensor];
  free(...placeholders);
  return { dx, dScale, dOffset };
}

/** max(x, αx); α = 0 is ReLU. */
export function leakyRelu(x: Tensor, alpha: number, dtype: Dtype): Tensor {
  const attrs = cached(`lrelu ${alpha} ${dtype}`, () =>
    attributes({ types: { T: dtype }, floats: { alpha } }),
  );
  return run('LeakyRelu', attrs, x);
}

/**
 * The gradient of {@link leakyRelu}; `y` is its result or its argument: they have the same sign for α > 0, and for
 * α = 0 both give the gradient.
 */
export function leakyReluGradient(dy: Tensor, y: Tensor, alpha: number, dtype: Dtype): Tensor {
  const attrs = cached(`lrelu ${alpha} ${dtype}`, () =>
    attributes({ types: { T: dtype }, floats: { alpha } }),
  );
  return run('LeakyReluGrad', attrs, dy, y);
}

/** 1/(1 + e⁻ˣ). */
export function sigmoid(x: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('Sigmoid', typed(dtype), x);
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('Tanh', typed(dtype), x);
}

/** The gradient of {@link tanh} from its result y: dy · (1 − y²). */
export function tanhGradient(y: Tensor, dy: Tensor, dtype: Dtype): Tensor {
  return run('TanhGrad', typed(dtype), y, dy);
}

/** x for positive numbers, eˣ − 1 for others. */
export function elu(x: Tensor): Tensor {
  return run('Elu', typed(Dtype.float), x);
}

function resizing(name: string): Attributes {
  return cached(name, () =>
    attributes({ types: { T: Dtype.float }, bools: { align_corners: false, half_pixel_centers: true } }),
  );
}

/** Changes the size of images `[N,H,W,C]` to that in the vector tensor `size`, as PyTorch's `interpolate` does. */
export function resizeBilinear(x: Tensor, size: Tensor): Tensor {
  return run('ResizeBilinear', resizing('resize bilinear'), x, size);
}

/** The same by repeating or leaving out pixels. */
export function resizeNearest(x: Tensor, size: Tensor): Tensor {
  return run('ResizeNearestNeighbor', resizing('resize nearest'), x, size);
}

/** The gradient of {@link sigmoid} from its result y: dy · y · (1 − y). */
export function sigmoidGradient(y: Tensor, dy: Tensor): Tensor {
  return run('SigmoidGrad', typed(Dtype.float), y, dy);
}

/** a − b. */
export function subtract(a: Tensor, b: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('Sub', typed(dtype), a, b);
}

/** a · b, elementwise; either may be a scalar. */
export function multiply(a: Tensor, b: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('Mul', typed(dtype), a, b);
}

/** a / b, elementwise; either may be a scalar. */
export function divide(a: Tensor, b: Tensor): Tensor {
  return run('RealDiv', typed(Dtype.float), a, b);
}

/** The larger one of a and b, elementwise. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return run('Maximum', typed(Dtype.float), a, b);
}

/** √x. */
export function squareRoot(x: Tensor): Tensor {
  return run('Sqrt', typed(Dtype.float), x);
}

/** The sum of tensors of one shape. */
export function addAll(tensors: readonly Tensor[]): Tensor {
  const attrs = cached(`addn ${tensors.length}`, () =>
    attributes({ types: { T: Dtype.float }, ints: { N: tensors.length } }),
  );
  return run('AddN', attrs, ...tensors);
}

/** log(1 + eˣ). */
export function softplus(x: Tensor): Tensor {
  return run('Softplus', typed(Dtype.float), x);
}

/** |x|. */
export function absolute(x: Tensor): Tensor {
  return run('Abs', typed(Dtype.float), x);
}

/** −1, 0 or 1. */
export function sign(x: Tensor): Tensor {
  return run('Sign', typed(Dtype.float), x);
}

/** Σ x over the axes in the vector tensor `axes`. */
export function sum(x: Tensor, axes: Tensor): Tensor {
  const attrs = cached('sum', () =>
    attributes({ types: { T: Dtype.float, Tidx: Dtype.int32 }, bools: { keep_dims: false } }),
  );
  return run('Sum', attrs, x, axes);
}

/** Concatenates tensors along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const attrs = cached(`concat ${tensors.length}`, () =>
    attributes({ types: { T: Dtype.float, Tidx: Dtype.int32 }, ints: { N: tensors.length } }),
  );
  const along = upload([], Int32Array.of(axis));
  const y = run('ConcatV2', attrs, ...tensors, along);
  free(along);
  return y;
}

/** A second tensor with the same numbers, which is owned and freed separately. */
export function identity(x: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('Identity', typed(dtype), x);
}

/** a + b. */
export function add(a: Tensor, b: Tensor, dtype: Dtype = Dtype.float): Tensor {
  return run('AddV2', typed(dtype), a, b);
}

/** A part of x that starts at `begin` and has the shape `size`; both are vector tensors. */
export function slice(x: Tensor, begin: Tensor, size: Tensor): Tensor {
  const attrs = cached('slice', () => attributes({ types: { T: Dtype.float, Index: Dtype.int32 } }));
  return run('Slice', attrs, x, begin, size);
}

/** Rows of x, starting at row `from`; `shape` is the shape of the result, with its number of rows first. */
export function rows(x: Tensor, from: number, shape: readonly number[]): Tensor {
  const [begin, size] = [intVector(shape.map((_, i) => (i === 0 ? from : 0))), intVector(shape)];
  const part = slice(x, begin, size);
  free(begin, size);
  return part;
}

/** Shifts pictures `[N,H,W,C]` down and to the right, cyclically. */
export function roll(x: Tensor, [down, right]: readonly [number, number]): Tensor {
  const attrs = cached('roll', () =>
    attributes({ types: { T: Dtype.float, Tshift: Dtype.int32, Taxis: Dtype.int32 } }),
  );
  const [shift, axis] = [intVector([down, right]), intVector([1, 2])];
  const y = run('Roll', attrs, x, shift, axis);
  free(shift, axis);
  return y;
}

/** ½ Σ x² over all elements: a single number. */
export function halfSquareSum(x: Tensor): Tensor {
  return run('L2Loss', typed(Dtype.float), x);
}

/** x repeated along axes of length 1, up to the shape in a vector tensor. */
export function broadcast(x: Tensor, shape: Tensor, dtype: Dtype): Tensor {
  const attrs = cached(`broadcast ${dtype}`, () => attributes({ types: { T: dtype, Tidx: Dtype.int32 } }));
  return run('BroadcastTo', attrs, x, shape);
}

/** The mean of each square of `side` by `side` pixels of x `[N,H,W,C]`. */
export function averagePool(x: Tensor, side: number, dtype: Dtype): Tensor {
  const attrs = cached(`pool ${side} ${dtype}`, () =>
    attributes({
      types: { T: dtype },
      ints: { ksize: [1, side, side, 1], strides: [1, side, side, 1] },
      strings: { padding: 'VALID', data_format: 'NHWC' },
    }),
  );
  return run('AvgPool', attrs, x);
}

/** The number of elements of x, as a float. */
export function size(x: Tensor): Tensor {
  const attrs = cached('size', () => attributes({ types: { T: Dtype.float, out_type: Dtype.int32 } }));
  const whole = run('Size', attrs, x);
  const y = cast(whole, Dtype.int32, Dtype.float);
  free(whole);
  return y;
}

/** Converts x to another dtype. */
export function cast(x: Tensor, from: Dtype, to: Dtype): Tensor {
  const attrs = cached(`cast ${from} ${to}`, () =>
    attributes({ types: { SrcT: from, DstT: to }, bools: { Truncate: false } }),
  );
  return run('Cast', attrs, x);
}

/** The same numbers in another shape, given as a vector tensor. The memory is shared. */
export function reshape(x: Tensor, shape: Tensor, dtype: Dtype): Tensor {
  const attrs = cached(`reshape ${dtype}`, () => attributes({ types: { T: dtype, Tshape: Dtype.int32 } }));
  return run('Reshape', attrs, x, shape);
}
