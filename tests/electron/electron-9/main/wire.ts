import { deserialize, serialize } from 'node:v8';

/**
 * Messages between Node 12 (in Electron 9) and a newer Node, as V8 serializes them, each after its length.
 *
 * Newer versions of the format differ only in what is not used here, but the old V8 refuses their number; so all
 * messages bear the old one. Plain JavaScript on the other side: `utility-child.mjs` has the same few lines.
 */
const OLD_FORMAT = 13;

export function encode(message: unknown): Buffer {
  const body = serialize(message);
  body[1] = OLD_FORMAT;
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length, 0);
  return Buffer.concat([header, body]);
}

/** Collects what arrives and hands on each whole message. */
export class Decoder {
  readonly #onMessage: (message: unknown) => void;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(onMessage: (message: unknown) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (;;) {
      const head = this.#peek(4);
      if (!head) return;
      const size = 4 + head.readUInt32LE(0);
      const whole = this.#peek(size);
      if (!whole) return;
      const rest = Buffer.concat(this.#chunks).subarray(size);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
      this.#onMessage(deserialize(whole.subarray(4)));
    }
  }

  #peek(size: number): Buffer | undefined {
    if (this.#length < size) return undefined;
    const [first] = this.#chunks;
    if (!first || first.length < size) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.subarray(0, size);
  }
}
