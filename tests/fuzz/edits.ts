import type { Random } from '../../src/engine/basics/random.ts';

// Edits of bytes that any format may have got by accident or by intent.

/** Numbers at which readers go wrong: the ends of types, powers of two, sizes of pictures. */
const TELLING = [
  0,
  1,
  2,
  7,
  8,
  20,
  127,
  128,
  255,
  256,
  1000,
  9999,
  10_000,
  32_767,
  32_768,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** One of some things. */
export function pick<T>(random: Random, things: readonly T[]): T {
  return things[random.integer(things.length)]!;
}

/** A number from {@link TELLING}, or any of 32 bits. */
export function tellingNumber(random: Random): number {
  return random.uniform() < 0.7 ? pick(random, TELLING) : random.integer(2 ** 32);
}

function writeNumber(random: Random, bytes: Buffer): void {
  const width = pick(random, [1, 2, 4, 8]);
  if (bytes.length < width) return;
  // Headers are at the beginning, where numbers mean most.
  const end = random.uniform() < 0.5 ? Math.min(bytes.length, 80) : bytes.length;
  const at = random.integer(Math.max(1, end - width + 1));
  if (at + width > bytes.length) return;
  const value = tellingNumber(random) % 2 ** (8 * Math.min(width, 4));
  if (width === 8) bytes.writeBigUInt64LE(random.uniform() < 0.2 ? 2n ** 64n - 1n : BigInt(value), at);
  else if (random.uniform() < 0.5) bytes.writeUIntLE(value, at, width);
  else bytes.writeUIntBE(value, at, width);
}

/** A copy of some bytes with one to four edits: bits, numbers, cuts, repetitions, insertions. */
export function editBytes(random: Random, original: Uint8Array): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let edits = 1 + random.integer(4); edits > 0; edits--) {
    const at = random.integer(bytes.length + 1);
    const length = 1 + random.integer(pick(random, [4, 64, 1024]));
    switch (random.integer(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random.integer(8);
        break;
      case 1:
        writeNumber(random, bytes);
        break;
      case 2:
        bytes = Buffer.from(bytes.subarray(0, at));
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      default: {
        const noise = Buffer.from(Uint8Array.from({ length }, () => random.integer(256)));
        bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
      }
    }
  }
  return bytes;
}

/** The parts of a file (chunks, segments, records) with one to three of them dropped, repeated, moved or edited. */
export function editParts(random: Random, original: readonly Buffer[]): Buffer[] {
  const parts = [...original];
  for (let edits = 1 + random.integer(3); edits > 0; edits--) {
    const at = random.integer(parts.length);
    const part = parts[at];
    if (part === undefined) return parts;
    switch (random.integer(4)) {
      case 0:
        parts.splice(at, 1);
        break;
      case 1:
        parts.splice(random.integer(parts.length + 1), 0, part);
        break;
      case 2:
        parts.splice(at, 1);
        parts.splice(random.integer(parts.length + 1), 0, part);
        break;
      default:
        parts[at] = editBytes(random, part);
    }
  }
  return parts;
}

/** Lines of a text with some dropped, repeated, moved, edited, or made very long. */
export function editLines(random: Random, text: string): string {
  const lines = editParts(
    random,
    text.split('\n').map((line) => Buffer.from(line)),
  ).map((line) => line.toString('utf8'));
  const at = random.integer(lines.length + 1);
  const odd = [
    '"',
    '\u0000',
    'x'.repeat(random.integer(200_000)),
    ','.repeat(random.integer(20_000)),
    'same,'.repeat(random.integer(5000)),
    ' a'.repeat(random.integer(20_000)),
    '=1+1',
    '1e999,-1e999,NaN,Infinity',
    '\uFEFF',
    '__proto__,constructor,toString',
  ];
  if (random.uniform() < 0.4) lines.splice(at, 0, pick(random, odd));
  return lines.join(pick(random, ['\n', '\n', '\r\n', '\r', '\n\n']));
}
