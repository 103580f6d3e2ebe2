import { ARCHITECTURE_FILE, type OwnArchitecture } from '../../../../contract/architecture.ts';
import { UnravelError } from '../../../../contract/errors.ts';
import { parseJson } from '../../../../contract/parse-json.ts';
import { wholeNumber } from '../../../components/format.ts';

/**
 * Reads an architecture from a file that a person has chosen.
 *
 * @throws UnravelError `bad-input` with the place in the file that is wrong
 */
export async function readArchitectureFile(file: File): Promise<OwnArchitecture> {
  const { mostBytes } = ARCHITECTURE_FILE;
  if (file.size > mostBytes) {
    throw new UnravelError('bad-input', `Could not read ${file.name}: it is too large.`, {
      hint: `An architecture has at most ${wholeNumber(mostBytes)} bytes.`,
    });
  }
  return parseJson(file.name, await file.text(), ARCHITECTURE_FILE);
}
