/**
 * An image in bytes, `[height, width, channels]`: rows from the top, pixels from the left, channels interleaved.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: red, green, blue; both sRGB. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** A colour in sRGB, each part 0 … 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * An image of one colour.
 *
 * @param colour - for a grey image, its luma is used
 */
export function fillPicture(width: number, height: number, channels: 1 | 3, colour: Colour): Picture {
  const data = new Uint8Array(width * height * channels);
  if (channels === 1) data.fill(luma(colour));
  else for (let i = 0; i < data.length; i += 3) data.set(colour, i);
  return { width, height, channels, data };
}

/** The grey value of a colour: Rec. 601 luma, as in Pillow's `convert('L')` and TensorFlow's `rgb_to_grayscale`. */
export function luma([red, green, blue]: Colour): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/** The byte nearest to a value in [0, 1], halves rounded up; values outside are clipped, NaN gives 0. */
export function unitToByte(value: number): number {
  return value > 0 ? Math.min(255, Math.floor(value * 255 + 0.5)) : 0;
}

/**
 * Splits a batch of images into pictures.
 *
 * @param shape - `[images, height, width, channels]`
 * @param data - bytes, whose memory the pictures share; or floats in [0, 1], which are rounded
 * @throws RangeError when the shape is not a batch of grey or colour images, or does not fit the data
 */
export function picturesFromBatch(shape: readonly number[], data: Uint8Array | Float32Array): Picture[] {
  const [count = 0, height = 0, width = 0, channels = 0] = shape;
  const size = height * width * channels;
  if (shape.length !== 4 || (channels !== 1 && channels !== 3) || data.length !== count * size) {
    throw new RangeError(`[${shape.join(', ')}] is not a batch of ${data.length} grey or colour values.`);
  }
  const bytes = data instanceof Uint8Array ? data : Uint8Array.from(data, unitToByte);
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels,
    data: bytes.subarray(i * size, (i + 1) * size),
  }));
}

/** Converts an image to a number of channels: grey is repeated, colour becomes its luma. */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, data: from } = picture;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    if (channels === 3) data.fill(from[i]!, 3 * i, 3 * i + 3);
    else data[i] = luma([from[3 * i]!, from[3 * i + 1]!, from[3 * i + 2]!]);
  }
  return { width, height, channels, data };
}

/**
 * Copies an image onto another one.
 *
 * @param x - left edge in whole pixels; the copy must be inside
 * @throws RangeError if it would extend over an edge
 */
export function paste(onto: Picture, picture: Picture, x: number, y: number): void {
  if (x < 0 || y < 0 || x + picture.width > onto.width || y + picture.height > onto.height) {
    throw new RangeError(
      `${picture.width}×${picture.height} at ${x}, ${y} does not fit ${onto.width}×${onto.height}.`,
    );
  }
  const { data, width } = withChannels(picture, onto.channels);
  const row = width * onto.channels;
  for (let line = 0; line < picture.height; line++) {
    onto.data.set(data.subarray(line * row, (line + 1) * row), ((y + line) * onto.width + x) * onto.channels);
  }
}

/**
 * Blends a colour into one pixel.
 *
 * @param coverage - 0 leaves the pixel unchanged, 1 replaces it
 */
export function blendPixel(onto: Picture, x: number, y: number, colour: Colour, coverage: number): void {
  if (x < 0 || y < 0 || x >= onto.width || y >= onto.height || coverage <= 0) return;
  const at = (y * onto.width + x) * onto.channels;
  const source = onto.channels === 1 ? [luma(colour)] : colour;
  source.forEach((value, channel) => {
    const old = onto.data[at + channel]!;
    onto.data[at + channel] = Math.round(old + (value - old) * Math.min(1, coverage));
  });
}

/** Fills a rectangle of whole pixels with a colour. */
export function fillRectangle(
  onto: Picture,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) blendPixel(onto, column, row, colour, 1);
  }
}

/**
 * Fills a disc with anti-aliased edges.
 *
 * @param centreX - in pixels from the left edge of the image: 0.5 is the middle of its first pixel
 */
export function fillDisc(
  onto: Picture,
  centreX: number,
  centreY: number,
  radius: number,
  colour: Colour,
): void {
  for (let y = Math.floor(centreY - radius - 1); y <= centreY + radius + 1; y++) {
    for (let x = Math.floor(centreX - radius - 1); x <= centreX + radius + 1; x++) {
      const distance = Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY);
      // The part of the pixel that a straight edge at this distance covers, within 3 % of the disc's exact
      // coverage.
      blendPixel(onto, x, y, colour, radius - distance + 0.5);
    }
  }
}
