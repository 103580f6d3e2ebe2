import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { UnravelError } from '../contract/errors.ts';

/** A lock that this process holds. The operating system ends it with the process, however the process ends. */
export interface Lock {
  /** Releases the lock. Calling it again does nothing. */
  release(): void;
}

/** `exclusive`: nobody else may hold the lock. `shared`: others may hold it as shared, too. */
export type LockKind = 'exclusive' | 'shared';

/** The file whose lock stands for its folder. It is empty, and is not removed when the lock is released. */
export const LOCK_FILE = '.lock';

/**
 * The part of the file that is locked. On Windows others cannot read a locked part, so it lies beyond the end of the
 * file. macOS locks only whole files.
 */
const PART: readonly [offset: number, length: number] =
  process.platform === 'darwin' ? [0, 0] : [0x40000000, 1];

// Do not follow a link or wait for a pipe. Windows has neither in its folders, and does not know these flags.
const SAFE_FLAGS = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
const READ = constants.O_RDONLY | SAFE_FLAGS;
const WRITE = constants.O_RDWR | constants.O_CREAT | SAFE_FLAGS;

/** Error codes for a link at the lock's path, for a folder or a pipe there, and for a file system without locks. */
const LINK = ['ELOOP', 'EMLINK'] as const;
const NO_FILE = ['EISDIR', 'EEXIST', 'ENXIO'] as const;
const NO_LOCKS = ['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'] as const;

/** A check whether a lock is held takes it as shared for an instant, so taking it is tried again. */
const ATTEMPTS = 40;
const MOST_WAIT_MS = 20;

/**
 * Takes the lock of a folder.
 *
 * @param folder - it must exist
 * @returns undefined while another process, or another part of this one, holds the lock
 * @throws UnravelError `not-found` where the folder is gone; `bad-input` or `disk-full` where the lock cannot be made
 */
export function lockFolder(folder: string, kind: LockKind = 'exclusive'): Promise<Lock | undefined> {
  return lockFile(join(folder, LOCK_FILE), kind);
}

/**
 * Takes the lock of a folder that is to be removed. Where no lock can be made, nobody holds one, and a lock that does
 * nothing is returned: removing must work on a full disk, and where something else is at the lock's path. On a
 * read-only disk the removal itself then fails with the reason. No lock file is made through a link.
 *
 * @returns undefined while somebody else holds it
 * @throws UnravelError `bad-input` where this user may not write; `not-found`
 */
export async function lockForRemoval(folder: string): Promise<Lock | undefined> {
  const none = { release: () => undefined };
  try {
    if ([dirname(folder), folder].some((path) => lstatSync(path).isSymbolicLink())) return none;
    return await lockFolder(folder);
  } catch (error) {
    const { code, cause } = error instanceof UnravelError ? error : { code: 'internal', cause: error };
    if (code === 'disk-full' || isCode(cause, 'EROFS', ...LINK, ...NO_FILE, ...NO_LOCKS)) return none;
    throw explainLockError(join(folder, LOCK_FILE), error);
  }
}

/** Whether somebody holds the lock of a folder exclusively; see {@link isFileLocked}. */
export function isFolderLocked(folder: string): boolean {
  return isFileLocked(join(folder, LOCK_FILE));
}

/**
 * Takes the lock of a file, which is made if it is missing.
 *
 * @throws as {@link lockFolder}
 */
export async function lockFile(path: string, kind: LockKind = 'exclusive'): Promise<Lock | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = tryOnce(path, kind);
    if (typeof found === 'object') return found;
    if (found === 'held' || attempt === ATTEMPTS) return undefined;
    // The delay is random, so that two processes that collided do not collide again.
    await sleep(Math.random() * MOST_WAIT_MS);
  }
}

/**
 * Whether somebody holds the lock of a file exclusively. Nothing is made or written, so it works on a read-only disk.
 *
 * @returns true also where this user may not open the file
 */
export function isFileLocked(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, READ);
  } catch (error) {
    return !isCode(error, 'ENOENT', 'ENOTDIR');
  }
  try {
    return !take(fd, 'shared');
  } catch {
    return true;
  } finally {
    unlockAndClose(fd);
  }
}

/** `shared`: others hold it as shared, perhaps for an instant. `replaced`: the locked file is no longer at the path. */
function tryOnce(path: string, kind: LockKind): Lock | 'held' | 'shared' | 'replaced' {
  const fd = openLockFile(path, kind);
  let isKept = false;
  try {
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error('It is not a file.'), { code: 'EEXIST' });
    if (take(fd, kind)) {
      // The previous holder may have removed the folder.
      if (!isAt(path, fd)) return 'replaced';
      isKept = true;
      return lockOf(fd);
    }
    return kind === 'exclusive' && take(fd, 'shared') ? 'shared' : 'held';
  } catch (error) {
    throw explainLockError(path, error);
  } finally {
    if (!isKept) unlockAndClose(fd);
  }
}

function openLockFile(path: string, kind: LockKind): number {
  try {
    // On a read-only disk an existing lock file can still be shared.
    if (kind === 'shared') return openSync(path, READ);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw explainLockError(path, error);
  }
  try {
    return openSync(path, WRITE, 0o600);
  } catch (error) {
    throw explainLockError(path, error);
  }
}

/** @returns false while it is held */
function take(fd: number, kind: LockKind): boolean {
  try {
    return tryLock(fd, ...PART, { shared: kind === 'shared' });
  } catch (error) {
    // Windows and some other systems report these instead of EAGAIN.
    if (isCode(error, 'EBUSY', 'EACCES')) return false;
    throw error;
  }
}

function isAt(path: string, fd: number): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(fd);
  return there?.ino === ino && there.dev === dev;
}

function lockOf(fd: number): Lock {
  let isHeld = true;
  return {
    release() {
      if (isHeld) unlockAndClose(fd);
      isHeld = false;
    },
  };
}

function unlockAndClose(fd: number): void {
  try {
    // Closing would also release the lock, but on Windows possibly later.
    unlock(fd, ...PART);
  } catch {
    // It was not held.
  }
  closeSync(fd);
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function explainLockError(path: string, cause: unknown): unknown {
  const refuse = (why: string, hint: string): UnravelError =>
    new UnravelError('bad-input', `Could not lock ${dirname(path)}: ${why}.`, { path, cause, hint });
  if (cause instanceof UnravelError) return cause;
  if (isCode(cause, 'ENOENT', 'ENOTDIR')) {
    const folder = dirname(path);
    return new UnravelError('not-found', `There is no folder ${folder}.`, { path: folder, cause });
  }
  if (isCode(cause, 'EROFS')) {
    return refuse('its disk is read-only', 'Work in a folder on a disk that can be written to.');
  }
  if (isCode(cause, 'EACCES', 'EPERM')) {
    return refuse(
      `this user may not write ${path}`,
      'The file or its folder belongs to another user: correct its owner, or work in a folder of your own.',
    );
  }
  if (isCode(cause, ...LINK)) {
    return refuse(`${path} is a link`, 'Remove the link; Unravel never makes one there.');
  }
  if (isCode(cause, ...NO_FILE)) {
    return refuse(`${path} is not a file`, 'Remove it; Unravel needs this path for its lock file.');
  }
  if (isCode(cause, ...NO_LOCKS)) {
    return refuse('its file system has no locks', 'Work in a folder on another disk.');
  }
  if (isCode(cause, 'ENOSPC', 'EDQUOT')) {
    return new UnravelError('disk-full', `Could not lock ${dirname(path)}: the disk is full.`, {
      path,
      cause,
      hint: 'Free some space and try again; no existing file was changed.',
    });
  }
  return cause;
}
