const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MOST_CODES = 4096;

/**
 * Decompresses LZW as TIFF uses it: codes of 9 to 12 bits, the highest bit first, which grow one code early.
 *
 * @param expected - the number of bytes; no more are made
 * @returns fewer bytes if the data end early
 * @throws Error for data that are not LZW
 */
export function decompressLzw(data: Uint8Array, expected: number): Uint8Array {
  const out = new Uint8Array(expected);
  const prefix = new Uint16Array(MOST_CODES);
  const last = new Uint8Array(MOST_CODES);
  const lengths = new Uint16Array(MOST_CODES).fill(1);
  for (let i = 0; i < 256; i++) last[i] = i;
  let next = FIRST;
  let width = 9;
  let bits = 0;
  let held = 0;
  let at = 0;
  let written = 0;
  let previous = -1;
  while (written < expected) {
    while (bits < width && at < data.length) {
      held = ((held << 8) | data[at++]!) & 0xffffff;
      bits += 8;
    }
    if (bits < width) break;
    const code = (held >> (bits - width)) & ((1 << width) - 1);
    bits -= width;
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      width = 9;
      previous = -1;
      continue;
    }
    if (code > next || (code >= FIRST && previous < 0) || (code === next && previous < 0)) {
      throw new Error('a code that does not exist');
    }
    // A code that is being made repeats the previous one and its own first byte.
    const isOwn = code === next;
    const source = isOwn ? previous : code;
    const length = lengths[source]!;
    let first = source;
    for (let i = length - 1, walk = source; i >= 0; i--) {
      if (written + i < expected) out[written + i] = last[walk]!;
      first = walk;
      walk = prefix[walk]!;
    }
    const firstByte = last[first]!;
    written += length;
    if (isOwn) {
      if (written < expected) out[written] = firstByte;
      written += 1;
    }
    if (previous >= 0 && next < MOST_CODES) {
      prefix[next] = previous;
      last[next] = firstByte;
      lengths[next] = lengths[previous]! + 1;
      next += 1;
      if (next + 1 >= 1 << width && width < 12) width += 1;
    }
    previous = code;
  }
  return out.subarray(0, Math.min(written, expected));
}
