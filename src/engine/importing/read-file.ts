import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemPath, type FilePath } from './file-path.ts';
import { MAX_FILE_BYTES, UnreadableImage } from '../image-files/unreadable.ts';

/**
 * Reads a picture's file whole, in the calling thread.
 *
 * @throws UnreadableImage where it is not a regular file or too large; the system's errors as they are
 */
export function readPictureFile(path: FilePath): Buffer {
  // Opening a pipe would wait for a writer (Windows has neither pipes in folders nor this flag); what was a file when
  // the folder was listed may have been replaced.
  const fd = openSync(systemPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) throw new UnreadableImage('it is not a regular file');
    const { size } = status;
    if (size > MAX_FILE_BYTES) {
      throw new UnreadableImage(`it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`);
    }
    const bytes = Buffer.allocUnsafe(size);
    const read = readSync(fd, bytes, 0, size, 0);
    return read === size ? bytes : bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
