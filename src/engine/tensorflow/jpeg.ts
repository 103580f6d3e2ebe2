import { loadNative, type AttributeName, type NativeBinding, type OpAttribute } from './binding.ts';

/** A rectangle of whole pixels. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Decoded pixels and their position in the picture. */
export interface JpegPixels extends PixelBox {
  /** `[height, width, channels]`, possibly followed by a few padding bytes. */
  readonly data: Uint8Array;
}

/**
 * Number of pixels decoded around the requested box. At its edges, libjpeg interpolates colour without the
 * neighbours outside, so that the outermost columns differ from those of the whole picture.
 */
const MARGIN_PX = 2;
/**
 * Number of columns of a block. libjpeg decodes from the edge of a block, and TensorFlow removes the columns before
 * the requested ones by copying every row. Nearly all JPEGs have blocks of eight or sixteen columns.
 */
const BLOCK_PX = 16;
/** Number of bytes of each number that is read back. */
const WORD_BYTES = 4;

interface Attributes {
  readonly decode: Readonly<Record<1 | 3, readonly OpAttribute[]>>;
  readonly pad: readonly OpAttribute[];
  readonly reshape: readonly OpAttribute[];
  readonly bitcast: readonly OpAttribute[];
}

let attributes: Attributes | undefined;

/**
 * Cached tensors with sizes. Most pictures of a data set have the same size, so the last tensor of each use is
 * kept.
 */
const kept = new Map<string, { readonly key: string; readonly id: number }>();

function keptInts(
  binding: NativeBinding,
  use: string,
  shape: readonly number[],
  ...values: number[]
): number {
  const key = values.join(' ');
  const last = kept.get(use);
  if (last?.key === key) return last.id;
  if (last) binding.deleteTensor(last.id);
  const id = binding.createTensor(shape, binding.TF_INT32, Int32Array.from(values));
  kept.set(use, { key, id });
  return id;
}

function makeAttributes(binding: NativeBinding): Attributes {
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_UINT8, TF_INT32 } =
    binding;
  const attribute = (name: AttributeName, type: number, value: unknown): OpAttribute => ({
    name,
    type,
    value,
  });
  const decode = (channels: number): OpAttribute[] => [
    attribute('channels', TF_ATTR_INT, channels),
    attribute('ratio', TF_ATTR_INT, 1),
    attribute('fancy_upscaling', TF_ATTR_BOOL, true),
    attribute('try_recover_truncated', TF_ATTR_BOOL, false),
    attribute('acceptable_fraction', TF_ATTR_FLOAT, 1),
    // The default of other JPEG readers; measured to be no slower than INTEGER_FAST.
    attribute('dct_method', TF_ATTR_STRING, 'INTEGER_ACCURATE'),
  ];
  const type = attribute('T', TF_ATTR_TYPE, TF_UINT8);
  return {
    decode: { 1: decode(1), 3: decode(3) },
    pad: [type, attribute('Tpaddings', TF_ATTR_TYPE, TF_INT32)],
    reshape: [type, attribute('Tshape', TF_ATTR_TYPE, TF_INT32)],
    bitcast: [type, attribute('type', TF_ATTR_TYPE, TF_INT32)],
  };
}

/**
 * The part of a picture to decode for a box: with the margin, starting at a block's edge.
 *
 * The number of columns is odd if possible, so that few rows begin at a multiple of 32 bytes: libjpeg-turbo writes
 * such rows bypassing the caches, and reading them takes longer than decoding them. The number of rows is a
 * multiple of four if possible, so that the size is a whole number of words.
 */
function cover(box: PixelBox, pictureWidth: number, pictureHeight: number): PixelBox {
  const left = Math.max(0, Math.floor((box.left - MARGIN_PX) / BLOCK_PX) * BLOCK_PX);
  const right = Math.min(pictureWidth, (box.left + box.width + MARGIN_PX) | 1);
  const top = Math.max(0, box.top - MARGIN_PX);
  const bottom = Math.min(pictureHeight, box.top + box.height + MARGIN_PX);
  const height = Math.min(pictureHeight, Math.ceil((bottom - top) / WORD_BYTES) * WORD_BYTES);
  return { left, top: Math.min(top, pictureHeight - height), width: right - left, height };
}

/**
 * Decodes part of a JPEG with TensorFlow's `DecodeAndCropJpeg`, which uses libjpeg-turbo and skips rows and columns
 * outside the part.
 *
 * @param bytes - the file
 * @param picture - its size as its header states it
 * @param box - the requested part; a little more is decoded
 * @param channels - 1 for grey, 3 for red, green and blue
 * @returns at least the requested part
 * @throws Error with TensorFlow's message if it cannot be decoded
 */
export function decodeJpeg(
  bytes: Buffer,
  picture: { readonly width: number; readonly height: number },
  box: PixelBox,
  channels: 1 | 3,
): JpegPixels {
  const { binding } = loadNative();
  attributes ??= makeAttributes(binding);
  const decoded = cover(box, picture.width, picture.height);
  const { left, top, width, height } = decoded;
  const bytesOver = (height * width * channels) % WORD_BYTES;
  const owned: number[] = [];
  const own = (id: number): number => {
    owned.push(id);
    return id;
  };
  const ints = (use: string, shape: readonly number[], ...values: number[]): number =>
    keptInts(binding, use, shape, ...values);
  const run = (name: string, attrs: readonly OpAttribute[], ...inputs: number[]): number =>
    own(binding.executeOp(name, attrs, inputs, 1)[0]!.id);
  try {
    const contents = own(binding.createTensor([], binding.TF_STRING, [bytes]));
    let pixels = run(
      'DecodeAndCropJpeg',
      attributes.decode[channels],
      contents,
      ints('window', [4], top, left, height, width),
    );
    // If the size is not a whole number of words, rows are added at the bottom.
    const rows = bytesOver === 0 ? height : Math.ceil(height / WORD_BYTES) * WORD_BYTES;
    if (rows !== height) {
      pixels = run('Pad', attributes.pad, pixels, ints('padding', [3, 2], 0, rows - height, 0, 0, 0, 0));
    }
    // The addon can read back 32-bit numbers only, not bytes, so each four bytes are reinterpreted as one number.
    const words = run(
      'Reshape',
      attributes.reshape,
      pixels,
      ints('words', [2], (rows * width * channels) / WORD_BYTES, WORD_BYTES),
    );
    const data = binding.tensorDataSync(run('Bitcast', attributes.bitcast, words));
    return {
      left,
      top,
      width,
      height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } finally {
    for (const id of owned) binding.deleteTensor(id);
  }
}
