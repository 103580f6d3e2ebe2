import { isUtf8 } from 'node:buffer';

/**
 * A path as its bytes, one character each (Latin-1). Linux allows any bytes in names, and those that are not UTF-8
 * cannot be written as text and read back. Separators and dots are ASCII, so that `node:path` works on it.
 */
export type BytePath = string;

/** A file as it is opened: by text, or by bytes where its path is not UTF-8. */
export type FilePath = string | Uint8Array;

/** A path as Node takes it: a thread is handed bytes without their being a Buffer. */
export function systemPath(path: FilePath): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}

/** The bytes of a path that is text or comes from the file system. */
export function bytePath(path: string | Buffer): BytePath {
  return (typeof path === 'string' ? Buffer.from(path) : path).toString('latin1');
}

/** What the file system takes for a path. */
export function filePath(path: BytePath): string | Buffer {
  const bytes = Buffer.from(path, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}

/**
 * A path as a person reads it. A part that is not UTF-8 is read as Latin-1, which most such names are, and in which
 * different bytes are different letters.
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
