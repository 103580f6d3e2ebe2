import type { Pixels } from './pixels.ts';
import { UnreadableImage } from './unreadable.ts';

const HEADER_BYTES = 54;
const UNCOMPRESSED = 0;
/** Uncompressed, with bit masks of the colours; in practice always blue, green, red. */
const BITFIELDS = 3;

/**
 * Decodes an uncompressed BMP of 8 bits with a palette, 24 or 32 bits. The canvas cannot be used, because it
 * decodes this format only asynchronously.
 *
 * @throws UnreadableImage for other kinds, which are obsolete
 */
export function decodeBmp(bytes: Buffer): Pixels {
  const offset = bytes.readUInt32LE(10);
  const headerBytes = bytes.readUInt32LE(14);
  const width = bytes.readInt32LE(18);
  const signedHeight = bytes.readInt32LE(22);
  const height = Math.abs(signedHeight);
  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  const isPlain = compression === UNCOMPRESSED || (compression === BITFIELDS && bits === 32);
  if (headerBytes < 40 || width <= 0 || !isPlain || ![8, 24, 32].includes(bits)) {
    throw new UnreadableImage(`it is a BMP of a kind that is not supported (${bits} bits); save it as PNG`);
  }
  // Rows are padded to whole 32-bit words.
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (offset < HEADER_BYTES || offset + rowBytes * height > bytes.length)
    throw new UnreadableImage('the BMP ends early');
  const palette = 14 + headerBytes;
  const step = bits / 8;
  const data = new Uint8Array(width * height * 3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    // Rows are stored from the bottom, unless the height is negative.
    const row = offset + (signedHeight < 0 ? y : height - 1 - y) * rowBytes;
    for (let x = 0; x < width; x++) {
      const at = bits === 8 ? palette + bytes[row + x]! * 4 : row + x * step;
      data[out++] = bytes[at + 2]!;
      data[out++] = bytes[at + 1]!;
      data[out++] = bytes[at]!;
    }
  }
  return { width, height, pixelBytes: 3, channels: 3, data };
}
