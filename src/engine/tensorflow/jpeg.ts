import { loadNative, type AttributeName, type NativeBinding, type OpAttribute } from './binding.ts';

/** A rectangle of whole pixels. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Decoded pixels and which part of the picture they are. */
export interface JpegPixels extends PixelBox {
  /** `[height, width, channels]`; a few bytes after those mean nothing. */
  readonly data: Uint8Array;
}

/**
 * Pixels decoded around the box that is wanted. At the cut, libjpeg smooths colour without the neighbours
 * outside, so that the outermost columns differ from those of the whole picture.
 */
const MARGIN_PX = 2;
/**
 * libjpeg decodes from the edge of a block of so many columns; what lies left of the wanted ones TensorFlow cuts off
 * by copying every row. Nearly all JPEGs have blocks of eight or sixteen.
 */
const BLOCK_PX = 16;
/** Numbers that are read back take so many bytes. */
const WORD_BYTES = 4;

interface Attributes {
  readonly decode: Readonly<Record<1 | 3, readonly OpAttribute[]>>;
  readonly pad: readonly OpAttribute[];
  readonly reshape: readonly OpAttribute[];
  readonly bitcast: readonly OpAttribute[];
}

let attributes: Attributes | undefined;

/** Sizes as tensors. Pictures of one data set are mostly of one size, so the last ones are kept. */
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
    // Measured no slower than INTEGER_FAST, and every other reader's choice.
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
 * The part of a picture to decode for a box: with the margin, from a block's edge.
 *
 * An odd number of columns, where there is room for it: libjpeg-turbo writes a row that begins at a multiple of 32
 * bytes past the caches, and reading it again then takes longer than decoding it. So hardly any row begins there.
 * Then rows in fours, to have whole words all the same.
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
 * Decodes part of a JPEG with TensorFlow's `DecodeAndCropJpeg`: libjpeg-turbo, which passes over the rows and
 * columns outside.
 *
 * @param bytes - the file
 * @param picture - its size as its header states it
 * @param box - the part that is wanted; a little more is decoded
 * @param channels - 1 for grey, 3 for red, green and blue
 * @returns at least the part asked for
 * @throws Error with TensorFlow's words where it cannot be decoded
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
    // Rows below make whole words of a number of bytes that is none.
    const rows = bytesOver === 0 ? height : Math.ceil(height / WORD_BYTES) * WORD_BYTES;
    if (rows !== height) {
      pixels = run('Pad', attributes.pad, pixels, ints('padding', [3, 2], 0, rows - height, 0, 0, 0, 0));
    }
    // The addon cannot read bytes back, only 32-bit numbers: four bytes are taken for one of those, as they lie.
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
