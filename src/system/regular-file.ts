import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** The flags for not following a link and not waiting for a pipe; Windows has neither. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/**
 * Reads a small file that may come from somebody else.
 *
 * @param most - maximum size in bytes
 * @throws where it is not a regular file (a link, a folder or a pipe), is larger, or cannot be read
 */
export async function readRegularFile(path: string, most: number): Promise<{ bytes: Buffer; status: Stats }> {
  const file = await open(path, (O_RDONLY ?? 0) | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`${path} is not a file.`);
    if (status.size > most) throw new Error(`${path} is larger than ${most} bytes.`);
    return { bytes: await file.readFile(), status };
  } finally {
    await file.close();
  }
}
