import { lstat, mkdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { makePrivate, makePrivateFolder, PRIVATE_FOLDER_MODE } from '../system/private.ts';
import { removeFolder, removeLeftovers } from '../system/remove.ts';
import { randomHex } from './files.ts';

/** In a workspace, on whose disk there is room: a folder for each host, for as long as it runs. */
const PARENT = '.temporary';
/** What a host calls its folder. */
const HOST_FOLDER = /^\d+-[0-9a-f]{8}$/;

/** A folder that is kept while anybody needs it. */
interface Kept {
  /** The client that it was made for. */
  readonly owner: object;
  /** How many jobs that have not ended need it. */
  jobs: number;
  /** Whether the client may still ask for what is in it. */
  isWanted: boolean;
  readonly beforeRemoval: () => Promise<void>;
}

/**
 * The folders for uploads and for files that are to be downloaded. Each goes as soon as neither a job nor its client
 * needs it, and all go with the host; what a host that was killed has left goes when the next one starts.
 */
export class TemporaryFolders {
  readonly #parent: string;
  readonly #root: string;
  readonly #kept = new Map<string, Kept>();
  /** Clients that have gone, whose last requests may still be under way. */
  readonly #gone = new WeakSet();
  readonly #onTrouble: (error: unknown) => void;
  #isClosed = false;

  /**
   * Takes a host's place in a workspace, and removes what hosts that were killed have left: the host holds the
   * workspace's lock. Nothing is made yet.
   *
   * @param onTrouble - hears of a folder that could not be removed
   * @throws UnravelError `conflict` where the place is a link, a file or another user's
   */
  static async open(workspace: string, onTrouble: (error: unknown) => void): Promise<TemporaryFolders> {
    const parent = join(workspace, PARENT);
    if (await isThere(parent)) {
      await makePrivate(parent);
      await removeLeftovers(parent, HOST_FOLDER);
    }
    return new TemporaryFolders(parent, onTrouble);
  }

  private constructor(parent: string, onTrouble: (error: unknown) => void) {
    this.#parent = parent;
    this.#root = join(parent, `${process.pid}-${randomHex(4)}`);
    this.#onTrouble = onTrouble;
  }

  /**
   * Makes a folder for this user alone.
   *
   * @param owner - the client that it is made for
   * @param beforeRemoval - is waited for before the folder is removed
   * @returns its path
   * @throws UnravelError as {@link TemporaryFolders.open}; `disconnected` where the client has gone
   */
  async make(owner: object, beforeRemoval: () => Promise<void> = () => Promise.resolve()): Promise<string> {
    if (!(await isThere(this.#parent))) await makePrivateFolder(this.#parent);
    await makePrivateFolder(this.#root);
    const path = join(this.#root, randomHex());
    await mkdir(path, { mode: PRIVATE_FOLDER_MODE });
    if (this.#isClosed || this.#gone.has(owner)) {
      await removeFolder(path);
      throw new UnravelError('disconnected', 'The connection was closed before this was begun.');
    }
    this.#kept.set(path, { owner, jobs: 0, isWanted: true, beforeRemoval });
    return path;
  }

  /** Whether a path lies in one of these folders. */
  has(path: string): boolean {
    return this.#folderOf(path) !== undefined;
  }

  /** Whether a path lies in a folder of this host or of an earlier one, whose folders went with it. */
  isOfAnyHost(path: string): boolean {
    return resolve(path).startsWith(resolve(this.#parent) + sep);
  }

  /** A job needs what is at this path until {@link release}. Paths elsewhere are nobody's concern here. */
  hold(path: string): void {
    const kept = this.#keptOf(path);
    if (kept) kept.jobs += 1;
  }

  /** A job that held this path has ended. */
  release(path: string): void {
    const kept = this.#keptOf(path);
    if (!kept) return;
    kept.jobs -= 1;
    this.#removeIfUnused(path);
  }

  /** The client that this path was made for will not ask for it any more. */
  discard(path: string): void {
    const kept = this.#keptOf(path);
    if (!kept) return;
    kept.isWanted = false;
    this.#removeIfUnused(path);
  }

  /** A client has gone, and will ask for nothing any more. */
  discardAllOf(owner: object): void {
    this.#gone.add(owner);
    for (const [path, kept] of [...this.#kept]) if (kept.owner === owner) this.discard(path);
  }

  /** Removes everything; nothing can be made afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ beforeRemoval }) => beforeRemoval()));
    await removeFolder(this.#root);
  }

  #folderOf(path: string): string | undefined {
    const start = this.#root + sep;
    if (!path.startsWith(start)) return undefined;
    const folder = start + path.slice(start.length).split(sep)[0]!;
    return this.#kept.has(folder) ? folder : undefined;
  }

  #keptOf(path: string): Kept | undefined {
    const folder = this.#folderOf(path);
    return folder === undefined ? undefined : this.#kept.get(folder);
  }

  #removeIfUnused(path: string): void {
    const folder = this.#folderOf(path);
    const kept = this.#keptOf(path);
    if (folder === undefined || !kept || kept.isWanted || kept.jobs > 0) return;
    this.#kept.delete(folder);
    void kept
      .beforeRemoval()
      .then(() => removeFolder(folder))
      .catch(this.#onTrouble);
  }
}

/**
 * Whether there is a folder of this user's.
 *
 * @throws UnravelError `conflict` where something else has its name: whatever it leads to is left alone
 */
async function isThere(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return false;
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && isOurs) return true;
  const why = found.isSymbolicLink()
    ? 'is a link'
    : found.isDirectory()
      ? 'belongs to another user'
      : 'is not a folder';
  throw new UnravelError('conflict', `The workspace cannot be used, because ${folder} ${why}.`, {
    path: folder,
    hint: 'Unravel keeps temporary files there, in a folder of its own. Remove it, and open the workspace again.',
  });
}
