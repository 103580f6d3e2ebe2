import { lstat, mkdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { makePrivate, makePrivateFolder, PRIVATE_FOLDER_MODE } from '../system/private.ts';
import { removeFolder, removeLeftovers } from '../system/remove.ts';
import { randomHex } from './files.ts';

/** Lies in the workspace, whose disk has room, and contains one folder for each running host. */
const PARENT = '.temporary';
/** The name of a host's folder. */
const HOST_FOLDER = /^\d+-[0-9a-f]{8}$/;

/** A folder that is kept while a client or a job needs it. */
interface Kept {
  /** The client that it was made for. */
  readonly owner: object;
  /** Number of jobs that need it and have not ended. */
  jobs: number;
  /** Whether the client may still use its contents. */
  isWanted: boolean;
  readonly beforeRemoval: () => Promise<void>;
}

/**
 * The folders for uploads and for files that a client will download. Each is removed as soon as neither a job nor its
 * client needs it, and all are removed when the host closes. Folders of a host that was killed are removed when the
 * next one starts.
 */
export class TemporaryFolders {
  readonly #parent: string;
  readonly #root: string;
  readonly #kept = new Map<string, Kept>();
  /** Clients that have disconnected; their last requests may still be running. */
  readonly #disconnected = new WeakSet();
  readonly #onTrouble: (error: unknown) => void;
  #isClosed = false;

  /**
   * Prepares a host's temporary folder and removes those of hosts that were killed. The host must hold the workspace's
   * lock. Nothing is made yet.
   *
   * @param onTrouble - called where a folder could not be removed
   * @throws UnravelError `conflict` where the folder's path is a link, a file or another user's folder
   */
  static async open(workspace: string, onTrouble: (error: unknown) => void): Promise<TemporaryFolders> {
    const parent = join(workspace, PARENT);
    if (await isOwnFolder(parent)) {
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
   * @param beforeRemoval - the folder is removed after its promise is fulfilled
   * @returns its path
   * @throws UnravelError as {@link TemporaryFolders.open}; `disconnected` where the client has disconnected
   */
  async make(owner: object, beforeRemoval: () => Promise<void> = () => Promise.resolve()): Promise<string> {
    if (!(await isOwnFolder(this.#parent))) await makePrivateFolder(this.#parent);
    await makePrivateFolder(this.#root);
    const path = join(this.#root, randomHex());
    await mkdir(path, { mode: PRIVATE_FOLDER_MODE });
    if (this.#isClosed || this.#disconnected.has(owner)) {
      await removeFolder(path);
      throw new UnravelError('disconnected', 'The connection was closed before this began.');
    }
    this.#kept.set(path, { owner, jobs: 0, isWanted: true, beforeRemoval });
    return path;
  }

  /** Whether a path lies in one of these folders. */
  has(path: string): boolean {
    return this.#folderOf(path) !== undefined;
  }

  /** Whether a path lies in a temporary folder of this host or of an earlier one. */
  isOfAnyHost(path: string): boolean {
    return resolve(path).startsWith(resolve(this.#parent) + sep);
  }

  /** A text with the paths of files that a client has sent as the client knows them: `photos/a.png`. */
  shown(text: string): string {
    const [start, ...rest] = text.split(this.#root + sep);
    // After the host's folder comes that of the upload, which means nothing to a person.
    return (start ?? '') + rest.map((part) => part.slice(part.indexOf(sep) + 1)).join('');
  }

  /** Keeps the folder of this path for a job until {@link release}. Paths outside these folders are ignored. */
  hold(path: string): void {
    const kept = this.#keptOf(path);
    if (kept) kept.jobs += 1;
  }

  /** Ends a job's {@link hold} of this path. */
  release(path: string): void {
    const kept = this.#keptOf(path);
    if (!kept) return;
    kept.jobs -= 1;
    this.#removeIfUnused(path);
  }

  /** Records that the client that this path was made for no longer needs it. */
  discard(path: string): void {
    const kept = this.#keptOf(path);
    if (!kept) return;
    kept.isWanted = false;
    this.#removeIfUnused(path);
  }

  /** Discards every folder of a client that has disconnected. */
  discardAllOf(owner: object): void {
    this.#disconnected.add(owner);
    for (const [path, kept] of [...this.#kept]) if (kept.owner === owner) this.discard(path);
  }

  /** Removes all folders; none can be made afterwards. */
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
 * Whether the folder exists and belongs to this user.
 *
 * @throws UnravelError `conflict` where something else has its name; it is not changed
 */
async function isOwnFolder(folder: string): Promise<boolean> {
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
