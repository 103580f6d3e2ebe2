import { isUtf8 } from 'node:buffer';

/**
 * A path as a string with one character for each byte (Latin-1). Linux allows any bytes in names, and names that
 * are not UTF-8 cannot be converted to text and back. Separators and dots are ASCII, so `node:path` works with it.
 */
export type BytePath = string;

/** A path for opening a file: text, or bytes if it is not UTF-8. */
export type FilePath = string | Uint8Array;

/** Converts a path for Node's functions. A Buffer that was posted to a thread arrives there as a Uint8Array. */
export function systemPath(path: FilePath): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

/** Converts a path that is text or comes from the file system. */
export function bytePath(path: string | Buffer): BytePath {
  return (typeof path === 'string' ? Buffer.from(path) : path).toString('latin1');
}

/** Converts a path for the file system. */
export function filePath(path: BytePath): string | Buffer {
  const bytes = Buffer.from(path, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}

/**
 * A path for display. A part that is not UTF-8 is decoded as Latin-1, which is correct for most such names, and in
 * which different bytes are different characters.
 */
export function readablePath(path: BytePath): string {
  return path
    .split('/')
    .map((part) => {
      const bytes = Buffer.from(part, 'latin1');
      return isUtf8(bytes) ? bytes.toString('utf8') : part;
    })
    .join('/');
}
