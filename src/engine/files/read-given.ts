import { readFile } from 'node:fs/promises';
import { UnravelError } from '../../contract/errors.ts';

/**
 * Reads a file that a person has named.
 *
 * @throws UnravelError `not-found` where it cannot be read
 */
export async function readGiven(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new UnravelError('not-found', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check the name, and that you may read it.',
    });
  });
}
