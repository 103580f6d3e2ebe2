import { basename } from 'node:path';
import { openFile } from './open-file.ts';

/** A file of a published data set: in a folder, or in an archive. */
export interface SetFile {
  /** Its name without folders. */
  readonly name: string;
  /** Its path in messages. */
  readonly path: string;
  readonly size: number;
  /** Reads all of it. */
  read(): Buffer<ArrayBuffer>;
}

/** A file of a folder. */
export function fileOfFolder(path: string, size: number): SetFile {
  return {
    name: basename(path),
    path,
    size,
    read() {
      const file = openFile(path);
      try {
        return file.read(0, file.size);
      } finally {
        file.close();
      }
    },
  };
}
