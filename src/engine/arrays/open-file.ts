import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnravelError } from '../../contract/errors.ts';
import { PIECE_BYTES } from './archive.ts';

/** An open file whose bytes are read at any position. */
export interface OpenFile {
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Reads bytes, fewer at the file's end. */
  read(position: number, length: number): Buffer<ArrayBuffer>;
  /** Reads into memory, and returns the number of bytes, fewer at the file's end. */
  readInto(into: Uint8Array, position: number): number;
  /** Reads from a position to the end, in pieces. */
  stream(position: number): AsyncGenerator<Buffer>;
  close(): void;
}

/**
 * Opens a regular file that a person has named.
 *
 * @throws UnravelError `not-found`, or `bad-input` for what is not a regular file
 */
export function openFile(path: string): OpenFile {
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new UnravelError('not-found', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check the name, and that you may read it.',
    });
  }
  const status = fstatSync(fd);
  if (!status.isFile()) {
    closeSync(fd);
    throw new UnravelError('bad-input', `Could not read ${path}: it is not a regular file.`, {
      path,
      hint: 'Put a copy of the file in its place.',
    });
  }
  const { size } = status;

  function readInto(into: Uint8Array, position: number): number {
    let done = 0;
    while (done < into.length) {
      const read = readSync(fd, into, done, into.length - done, position + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  function read(position: number, length: number): Buffer<ArrayBuffer> {
    const bytes = Buffer.from(new ArrayBuffer(Math.max(0, Math.min(length, size - position))));
    return bytes.subarray(0, readInto(bytes, position));
  }

  return {
    path,
    size,
    read,
    readInto,
    async *stream(position) {
      for (let at = position; at < size; at += PIECE_BYTES) {
        const bytes = read(at, PIECE_BYTES);
        if (bytes.length === 0) return;
        // Other work of the process takes its turn.
        await nextTurn();
        yield bytes;
      }
    },
    close: () => closeSync(fd),
  };
}
