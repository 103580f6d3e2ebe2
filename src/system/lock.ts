import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, unlock } from 'fs-native-extensions';
import { UnravelError } from '../contract/errors.ts';

/** A lock that this process holds. The operating system ends it with the process, however the process ends. */
export interface Lock {
  /** Gives the lock back; once is enough. */
  release(): void;
}

/** `exclusive`: nobody else holds it. `shared`: others may hold it, too, but nobody alone. */
export type LockKind = 'exclusive' | 'shared';

/** The file in a folder whose lock stands for the folder. It is empty, and stays where it is between its uses. */
export const LOCK_FILE = '.lock';

/**
 * The part of the file that is locked. Windows keeps others from reading a locked part, so it lies beyond the end of
 * the file; macOS locks whole files only.
 */
const PART: readonly [offset: number, length: number] =
  process.platform === 'darwin' ? [0, 0] : [0x40000000, 1];

// Windows has neither links of this kind nor pipes in folders, and does not know these flags.
const CAREFULLY = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
const READ = constants.O_RDONLY | CAREFULLY;
const WRITE = constants.O_RDWR | constants.O_CREAT | CAREFULLY;

/** What the system says of a link in the lock's place, of a folder or a pipe there, and where it knows no locks. */
const LINK = ['ELOOP', 'EMLINK'] as const;
const NO_FILE = ['EISDIR', 'EEXIST', 'ENXIO'] as const;
const NO_LOCKS = ['ENOLCK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'] as const;

/** Who only asks whether a lock is held holds it shared for an instant, which is waited for. */
const ATTEMPTS = 40;
const MOST_WAIT_MS = 20;

/**
 * Takes the lock of a folder.
 *
 * @param folder - it must be there
 * @returns undefined while another process, or another part of this one, holds the lock
 * @throws UnravelError `not-found` where the folder is gone; `bad-input` or `disk-full` where the lock cannot be made
 */
export function lockFolder(folder: string, kind: LockKind = 'exclusive'): Promise<Lock | undefined> {
  return lockFile(join(folder, LOCK_FILE), kind);
}

/**
 * Takes the lock of a folder that is to be removed. Where no lock can be made nobody holds one: a full disk is emptied
 * by removing, and something else in the lock's place must not make a folder stay for ever. On a disk that can only be
 * read the removal is what fails, and says so. Nothing is removed through a link, so nothing is made through one either.
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

/** Whether somebody holds the lock of a folder alone; see {@link isFileLocked}. */
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
    // Random, so that two that wait for each other's question do not ask at the same time again.
    await sleep(Math.random() * MOST_WAIT_MS);
  }
}

/**
 * Whether somebody holds the lock of a file alone. Nothing is made, and nothing is written: it may be asked on a disk
 * that can only be read.
 *
 * @returns true, too, for a lock of which this user may not know
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
    letGo(fd);
  }
}

/** `shared`: only shared by others, perhaps for an instant. `replaced`: what was locked is no longer at the path. */
function tryOnce(path: string, kind: LockKind): Lock | 'held' | 'shared' | 'replaced' {
  const fd = openLockFile(path, kind);
  let isKept = false;
  try {
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error('It is no file.'), { code: 'EEXIST' });
    if (take(fd, kind)) {
      // Whoever held it before may have removed the folder.
      if (!isAt(path, fd)) return 'replaced';
      isKept = true;
      return lockOf(fd);
    }
    return kind === 'exclusive' && take(fd, 'shared') ? 'shared' : 'held';
  } catch (error) {
    throw explainLockError(path, error);
  } finally {
    if (!isKept) letGo(fd);
  }
}

function openLockFile(path: string, kind: LockKind): number {
  try {
    // Where nothing can be written, what is there can still be shared.
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
    // What Windows and some systems say instead of EAGAIN.
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
      if (isHeld) letGo(fd);
      isHeld = false;
    },
  };
}

function letGo(fd: number): void {
  try {
    // Closing alone lets go, too; on Windows at a time of the system's choice.
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
    return refuse('its disk can only be read', 'Work in a folder on a disk that can be written to.');
  }
  if (isCode(cause, 'EACCES', 'EPERM')) {
    return refuse(
      `this user may not write ${path}`,
      'The file or its folder belongs to another user: correct its owner, or work in a folder of your own.',
    );
  }
  if (isCode(cause, ...LINK)) {
    return refuse(`${path} is a link`, 'Unravel makes no links there: remove it.');
  }
  if (isCode(cause, ...NO_FILE)) {
    return refuse(`${path} is not a file`, 'Remove what stands there; Unravel keeps its lock in that place.');
  }
  if (isCode(cause, ...NO_LOCKS)) {
    return refuse('its file system has no locks', 'Work in a folder on another disk.');
  }
  if (isCode(cause, 'ENOSPC', 'EDQUOT')) {
    return new UnravelError('disk-full', `Could not lock ${dirname(path)}: the disk is full.`, {
      path,
      cause,
      hint: 'Free some space and try again; nothing that was there before has changed.',
    });
  }
  return cause;
}
