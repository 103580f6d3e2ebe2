import { checkDeepSize, type OwnPicture, type Samples } from './own-picture.ts';
import { UnreadableImage } from './unreadable.ts';

/** Maximum length of the header, with its comments. */
const MOST_HEADER_BYTES = 65_536;

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function endsEarly(name: string): UnreadableImage {
  return new UnreadableImage(`the ${name} ends early`);
}

/** Reads numbers between white space and comments. */
class NumberReader {
  at: number;
  readonly #bytes: Buffer;
  readonly #name: string;

  constructor(bytes: Buffer, at: number, name: string) {
    this.#bytes = bytes;
    this.at = at;
    this.#name = name;
  }

  next(): number {
    const bytes = this.#bytes;
    let at = this.at;
    for (; at < bytes.length; at++) {
      if (bytes[at] === 0x23) {
        while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
      } else if (!isSpace(bytes[at]!)) {
        break;
      }
    }
    if (at >= bytes.length) throw endsEarly(this.#name);
    const start = at;
    let value = 0;
    for (; at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) {
      value = value * 10 + bytes[at]! - 0x30;
      if (at - start > 9) break;
    }
    const isWhole = at > start && (at === bytes.length || isSpace(bytes[at]!) || bytes[at] === 0x23);
    if (!isWhole) throw new UnreadableImage(`the ${this.#name} is damaged`);
    this.at = at;
    return value;
  }
}

/**
 * Reads the header of a PGM or PPM (Netpbm's P2, P3, P5 and P6). Intensities are scaled by the greatest one that the header
 * states.
 *
 * @throws UnreadableImage
 */
export function readPnm(bytes: Buffer): OwnPicture {
  const kind = bytes[1]! - 0x30;
  const channels = kind === 2 || kind === 5 ? 1 : 3;
  const name = channels === 1 ? 'PGM' : 'PPM';
  const isText = kind < 4;
  const reader = new NumberReader(bytes.subarray(0, MOST_HEADER_BYTES), 2, name);
  const width = reader.next();
  const height = reader.next();
  const most = reader.next();
  if (width === 0 || height === 0 || most === 0 || most > 65_535) {
    throw new UnreadableImage(`the ${name} is damaged`);
  }
  const isDeep = most > 255;
  const count = width * height * channels;
  const start = reader.at + 1;
  return {
    width,
    height,
    orientation: 1,
    isDeep,
    decode(): Samples {
      if (isDeep) checkDeepSize(width, height);
      // Of a text, each number takes at least a digit, and a space before the next one.
      const bytesNeeded = isText ? 2 * count - 1 : count * (isDeep ? 2 : 1);
      if (bytes.length - start < bytesNeeded) throw endsEarly(name);
      const data = isDeep ? new Uint16Array(count) : new Uint8Array(count);
      const scale = (isDeep ? 65_535 : 255) / most;
      const numbers = new NumberReader(bytes, reader.at, name);
      for (let i = 0; i < count; i++) {
        let value;
        if (isText) value = numbers.next();
        else value = isDeep ? (bytes[start + 2 * i]! << 8) | bytes[start + 2 * i + 1]! : bytes[start + i]!;
        if (value > most)
          throw new UnreadableImage(`the ${name} is damaged: an intensity exceeds the greatest`);
        data[i] = scale === 1 ? value : Math.round(value * scale);
      }
      return { channels, data, isTransparent: false };
    },
  };
}
