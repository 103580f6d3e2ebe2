import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemPath, type FilePath } from './file-path.ts';
import { MAX_FILE_BYTES, UnreadableImage } from '../image-files/unreadable.ts';

/**
 * Reads a whole picture file synchronously.
 *
 * @throws UnreadableImage if it is not a regular file or too large; errors of the system are not converted
 */
export function readPictureFile(path: FilePath): Buffer {
  // Without O_NONBLOCK, opening a pipe would wait for a writer. A file may have been replaced by a pipe since the
  // folder was listed. (Windows has neither pipes in folders nor this flag.)
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
