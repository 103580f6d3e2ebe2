import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import { explainWriteError } from '../../system/write-error.ts';

/** The messages of TensorBoard's event files (event.proto, summary.proto), with the fields that are written here. */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: { fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } } },
  },
});
const EventMessage = root.lookupType('Event');

/** Castagnoli's polynomial, with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value >>> 0;
});

/** The checksum CRC-32C. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum as TFRecord stores it: rotated and with a constant added, because a record may contain checksums. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record of TFRecord: its length, the length's checksum, its bytes, and their checksum. */
function record(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length + 4);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(maskedCrc(bytes.subarray(0, 8)), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return bytes;
}

/** A file of scalars that TensorBoard reads, also while it is being written. */
export class EventFile {
  readonly path: string;
  readonly #fd: number;

  /**
   * Creates a file in a folder, which is created where it does not exist.
   *
   * @throws UnravelError if it cannot be written
   */
  constructor(folder: string, now = Date.now()) {
    const host = hostname().replaceAll(/[^\w.-]/g, '_') || 'unravel';
    this.path = join(folder, `events.out.tfevents.${Math.floor(now / 1000)}.${host}.${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      this.#fd = openSync(this.path, 'a');
    } catch (error) {
      throw explainWriteError(this.path, error);
    }
    this.#append({ wallTime: now / 1000, fileVersion: 'brain.Event:2' });
  }

  /**
   * Adds the scalars of a step.
   *
   * @throws UnravelError if they cannot be written
   */
  add(step: number, scalars: Readonly<Record<string, number>>, now = Date.now()): void {
    const value = Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue }));
    this.#append({ wallTime: now / 1000, step, summary: { value } });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(event: object): void {
    const bytes = record(EventMessage.encode(event).finish());
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw explainWriteError(this.path, error);
    }
  }
}
