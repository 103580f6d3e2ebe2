import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import { isFolderLocked, lockFolder, type Lock } from '../../system/lock.ts';

/**
 * Locks a run for one process, to train or rename it. A training keeps the lock until it ends.
 *
 * @param folder - the run's folder
 * @param called - its name or id, for the message
 * @param hint - what to do if another process is training it
 * @throws UnravelError `conflict` while it is being trained; `not-found` if it was removed; `bad-input` if it
 * cannot be locked, for example on a read-only disk
 */
export async function lockRun(folder: string, called: string, hint: string): Promise<Lock> {
  const lock = await lockFolder(folder);
  if (lock) return lock;
  throw isTrained(called, hint);
}

/** The error for a run that is locked by another process. */
export function isTrained(called: string, hint: string): UnravelError {
  return new UnravelError('conflict', `The run ${called} is being trained.`, { hint });
}

/**
 * Corrects the state of a run: if its training was killed, its file still says that it is running, but the run is
 * not locked. The lock is reliable, unlike a process id, which may belong to a new process, to a zombie or to a
 * process in another container.
 */
export function withTrueState(info: RunInfo, folder: string): RunInfo {
  return info.state === 'running' && !isFolderLocked(folder) ? withoutProcess(info) : info;
}

/** The state of a run that this process has locked: an earlier training of it has ended. */
export function withoutProcess(info: RunInfo): RunInfo {
  const { pid: _gone, ...rest } = info;
  return rest.state === 'running' ? { ...rest, state: 'interrupted' } : rest;
}
