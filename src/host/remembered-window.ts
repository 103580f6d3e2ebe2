import { join } from 'node:path';
import * as v from 'valibot';
import { RememberedSchema, type Remembered } from '../contract/remembered.ts';
import { writePrivateFile } from '../system/atomic.ts';
import { readJsonFile } from '../system/read-file.ts';

const FILE = 'window.json';
/** Maximum size of the file. With many data sets and runs it has some ten kilobytes. */
const MOST_BYTES = 4_000_000;

const nothing = (): Remembered => v.parse(RememberedSchema, {});

/** What the window of a workspace shows, kept for the next start. */
export class RememberedWindow {
  readonly #path: string;
  /** The last writing; they follow one another. */
  #last: Promise<void> = Promise.resolve();
  #known: Remembered | undefined;

  constructor(workspace: string) {
    this.#path = join(workspace, FILE);
  }

  /** What was kept last. A file that is missing or damaged is like an empty one: nothing depends on it. */
  async read(): Promise<Remembered> {
    this.#known ??= await readJsonFile(this.#path, {
      schema: RememberedSchema,
      mostBytes: MOST_BYTES,
      otherwise: 'does not describe a window',
      hint: 'Remove it.',
    }).catch(nothing);
    return this.#known;
  }

  /** @throws UnravelError `disk-full` or `bad-input` where it cannot be written */
  write(remembered: Remembered): Promise<void> {
    this.#known = remembered;
    const written = this.#last.then(async () => {
      // A newer one follows.
      if (this.#known !== remembered) return;
      await writePrivateFile(this.#path, `${JSON.stringify(remembered)}\n`);
    });
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Resolves when all is written. */
  close(): Promise<void> {
    return this.#last;
  }
}
