import { basename } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import type { Source } from '../contract/operations/sources.ts';
import { randomHex } from './files.ts';

/** A file that a job may write or has written. */
export interface GrantedFile {
  readonly path: string;
  readonly name: string;
  /** Whether it lies in one of the host's temporary folders, so that a client may download it. */
  readonly isTemporary: boolean;
}

interface GrantedSource {
  /** The client that asked for it. */
  readonly owner: object;
  readonly name: string;
  /** Its files and folders. They are listed on each call, because an upload grows. */
  readonly paths: () => Promise<readonly string[]>;
}

/** Maximum number of sources, and of files, that are remembered. */
const MOST_GRANTS = 1000;

/**
 * Grants: random names that stand for paths. A client gets one for each file or folder that the person has chosen and
 * can use no other path, so that code in a window or a browser's page cannot reach other files.
 */
export class Grants {
  readonly #sources = new Map<string, GrantedSource>();
  readonly #files = new Map<string, GrantedFile & { readonly owner: object }>();

  /**
   * Grants files and folders together as one source.
   *
   * @param owner - the client that asked for it; left out where the program itself did
   */
  addSource(paths: readonly string[], owner: object = this): Source {
    const [first = ''] = paths;
    const name = paths.length === 1 ? basename(first) || first : `${paths.length} files`;
    return this.addGrowingSource(name, () => Promise.resolve(paths), owner);
  }

  /** Grants a source that is still being filled. */
  addGrowingSource(name: string, paths: () => Promise<readonly string[]>, owner: object = this): Source {
    const source = `source-${randomHex()}`;
    remember(this.#sources, source, { owner, name, paths });
    return { source, name };
  }

  /** @throws UnravelError `not-found` */
  async source(grant: string): Promise<{ readonly name: string; readonly paths: readonly string[] }> {
    const found = this.#sources.get(grant);
    if (!found) throw unknown('What was to be imported');
    return { name: found.name, paths: await found.paths() };
  }

  /** Forgets a source whose files were removed. */
  forgetSource(grant: string): void {
    this.#sources.delete(grant);
  }

  addFile(file: GrantedFile): string {
    const grant = `file-${randomHex()}`;
    remember(this.#files, grant, { ...file, owner: this });
    return grant;
  }

  /** @throws UnravelError `not-found` */
  file(grant: string): GrantedFile {
    const found = this.#files.get(grant);
    if (!found) throw unknown('That file');
    return found;
  }
}

/** Above the maximum, the owner with the most grants loses its oldest one: no client can displace another's grants. */
function remember<T extends { readonly owner: object }>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MOST_GRANTS) return;
  const counts = new Map<object, number>();
  for (const { owner } of map.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const most = Math.max(...counts.values());
  for (const [oldest, { owner }] of map) {
    if (counts.get(owner) !== most) continue;
    map.delete(oldest);
    return;
  }
}

function unknown(what: string): UnravelError {
  return new UnravelError('not-found', `${what} is no longer available.`, {
    hint: 'It was already used, or Unravel was restarted after it was chosen. Choose it again.',
  });
}
