import { basename } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import type { Source } from '../contract/operations/sources.ts';
import { randomHex } from './files.ts';

/** A file that a job may write or has written. */
export interface GrantedFile {
  readonly path: string;
  readonly name: string;
  /** Whether the host made up its place, so that a client may fetch it. */
  readonly isTemporary: boolean;
}

interface GrantedSource {
  readonly name: string;
  /** What it is made of, asked anew each time: an upload grows. */
  readonly paths: () => Promise<readonly string[]>;
}

/** So many are remembered; the oldest are forgotten first. */
const MOST_GRANTS = 1000;

/**
 * Names that stand for paths. A client gets a name where a person has chosen something, and can use nothing else:
 * whatever runs in a window or a browser's page cannot reach other files.
 */
export class Grants {
  readonly #sources = new Map<string, GrantedSource>();
  readonly #files = new Map<string, GrantedFile>();

  /** Grants files and folders together as one source. */
  addSource(paths: readonly string[]): Source {
    const [first = ''] = paths;
    const name = paths.length === 1 ? basename(first) || first : `${paths.length} files`;
    return this.addGrowingSource(name, () => Promise.resolve(paths));
  }

  /** Grants a source that is still being filled. */
  addGrowingSource(name: string, paths: () => Promise<readonly string[]>): Source {
    const source = `source-${randomHex()}`;
    remember(this.#sources, source, { name, paths });
    return { source, name };
  }

  /** @throws UnravelError `not-found` */
  async source(grant: string): Promise<{ readonly name: string; readonly paths: readonly string[] }> {
    const found = this.#sources.get(grant);
    if (!found) throw unknown('What was to be imported');
    return { name: found.name, paths: await found.paths() };
  }

  /** What the source was made of has gone. */
  forgetSource(grant: string): void {
    this.#sources.delete(grant);
  }

  addFile(file: GrantedFile): string {
    const grant = `file-${randomHex()}`;
    remember(this.#files, grant, file);
    return grant;
  }

  /** @throws UnravelError `not-found` */
  file(grant: string): GrantedFile {
    const found = this.#files.get(grant);
    if (!found) throw unknown('That file');
    return found;
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_GRANTS && oldest !== undefined) map.delete(oldest);
}

function unknown(what: string): UnravelError {
  return new UnravelError('not-found', `${what} is no longer known here.`, {
    hint: 'It was used already, or Unravel was started again since it was chosen. Choose it again.',
  });
}
