import { UnravelError } from '../../src/contract/errors.ts';
import { UnreadableImage } from '../../src/engine/image-files/unreadable.ts';

/** A sentence for a person is no longer than this, whatever the file holds. */
const MOST_CHARACTERS = 3000;
/** Words of JavaScript that no sentence for a person holds. */
const INTERNAL =
  /\n\s+at |\[object |undefined|TypeError|RangeError|is not a function|Cannot read propert|Invalid array length/;

/** Why a thrown error is no refusal in words; undefined for one that is. */
export function complaintAbout(error: unknown): string | undefined {
  if (!(error instanceof UnravelError || error instanceof UnreadableImage)) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const { message } = error;
  const isInternal = error instanceof UnravelError && (error.code === 'internal' || error.code === 'native');
  if (isInternal || message === '' || INTERNAL.test(message)) return `its message is no sentence: ${message}`;
  if (message.length > MOST_CHARACTERS) return `its message has ${message.length} characters`;
  return undefined;
}

/**
 * Does several things with an input, each whatever became of the others.
 *
 * @throws the first error that is no refusal; the first refusal where there is none
 */
export async function everyOutcome(works: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      errors.push(error);
    }
  }
  const worst = errors.find((error) => complaintAbout(error) !== undefined);
  if (errors.length > 0) throw worst ?? errors[0];
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const known = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);

/** What has been put into the language's own prototypes; undefined where nothing was. */
export function pollution(): string | undefined {
  const at = prototypes.findIndex((prototype, i) => Reflect.ownKeys(prototype).length !== known[i]);
  return at < 0
    ? undefined
    : `it changed a prototype: ${Reflect.ownKeys(prototypes[at]!).map(String).join(' ')}`;
}
