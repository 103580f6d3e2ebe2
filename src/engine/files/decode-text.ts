import { isUtf8 } from 'node:buffer';

/** Bytes in which the encoding of a text is looked for. */
const HEAD_BYTES = 4096;
/** A line is decoded without its end when it is longer than this, so that memory stays bounded. */
const MOST_PENDING_BYTES = 4 * 2 ** 20;
const LINE_FEED = 0x0a;

type Wide = 'utf-16le' | 'utf-16be';

/** UTF-16 by its byte order mark, or by the zero bytes that it has in Latin texts. */
function wideEncoding(head: Buffer): Wide | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]! += 1;
  });
  const many = head.length / 5;
  if (zeros[1]! > many && zeros[0]! < many / 10) return 'utf-16le';
  if (zeros[0]! > many && zeros[1]! < many / 10) return 'utf-16be';
  return undefined;
}

function decodeLines(bytes: Buffer, onLatin1: () => void): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  onLatin1();
  const windows = new TextDecoder('windows-1252');
  const parts: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, start) + 1 || bytes.length;
    const line = bytes.subarray(start, end);
    parts.push(isUtf8(line) ? line.toString('utf8') : windows.decode(line));
    start = end;
  }
  return parts.join('');
}

/**
 * Decodes a text: UTF-8, UTF-16 with or without a byte order mark, and lines that are not UTF-8 as Latin-1 (in the form of
 * Windows-1252). The byte order mark is removed.
 *
 * @param source - the text in pieces; pieces that are strings are already decoded
 * @param onEncoding - called with the name of an encoding other than UTF-8, when it is found
 */
export async function* decodeText(
  source: AsyncIterable<string | Buffer>,
  onEncoding: (name: string) => void = () => undefined,
): AsyncGenerator<string> {
  let isLatin1 = false;
  const onLatin1 = (): void => {
    if (!isLatin1) onEncoding('Latin-1 (Windows-1252)');
    isLatin1 = true;
  };
  let pending: Buffer = Buffer.alloc(0);
  let wide: InstanceType<typeof TextDecoder> | undefined;
  let isKnown = false;
  let isFirst = true;
  const withoutMark = (text: string): string => {
    if (text === '') return text;
    const clean = isFirst ? text.replace(/^\uFEFF/, '') : text;
    isFirst = false;
    return clean;
  };
  for await (const piece of source) {
    if (typeof piece === 'string') {
      yield withoutMark(piece);
      continue;
    }
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    if (!isKnown) {
      if (pending.length < HEAD_BYTES) continue;
      isKnown = true;
      const name = wideEncoding(pending.subarray(0, HEAD_BYTES));
      if (name) {
        wide = new TextDecoder(name);
        onEncoding('UTF-16');
      }
    }
    if (wide) {
      yield withoutMark(wide.decode(pending, { stream: true }));
      pending = Buffer.alloc(0);
      continue;
    }
    const lineEnd = pending.lastIndexOf(LINE_FEED) + 1;
    const end = lineEnd === 0 && pending.length > MOST_PENDING_BYTES ? pending.length : lineEnd;
    if (end === 0) continue;
    yield withoutMark(decodeLines(pending.subarray(0, end), onLatin1));
    pending = pending.subarray(end);
  }
  if (!isKnown) {
    const name = wideEncoding(pending.subarray(0, HEAD_BYTES));
    if (name) {
      wide = new TextDecoder(name);
      onEncoding('UTF-16');
    }
  }
  yield withoutMark(wide ? wide.decode(pending) : decodeLines(pending, onLatin1));
}
