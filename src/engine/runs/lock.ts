import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import { isFolderLocked, lockFolder, type Lock } from '../../system/lock.ts';

/**
 * Takes a run for one process alone: to train it or to rename it. A training keeps the lock for as long as it lives.
 *
 * @param folder - the run's
 * @param called - its name or id, for the sentence that refuses
 * @param hint - what to do while another process trains it
 * @throws UnravelError `conflict` while it is trained; `not-found` where it was removed; `bad-input` where it cannot be
 *   locked, such as on a disk that can only be read
 */
export async function lockRun(folder: string, called: string, hint: string): Promise<Lock> {
  const lock = await lockFolder(folder);
  if (lock) return lock;
  throw isTrained(called, hint);
}

/** What is said of a run whose lock another process holds. */
export function isTrained(called: string, hint: string): UnravelError {
  return new UnravelError('conflict', `The run ${called} is being trained.`, { hint });
}

/**
 * What a run's file says, corrected: a run whose training was killed still says that it is running, and nobody holds
 * its lock. Neither a number that another process has taken since, nor a dead process that its parent has not asked
 * about yet, nor another container's numbers can be mistaken for it.
 */
export function withTrueState(info: RunInfo, folder: string): RunInfo {
  return info.state === 'running' && !isFolderLocked(folder) ? withoutProcess(info) : info;
}

/** A run whose lock this process holds: whoever trained it before has ended. */
export function withoutProcess(info: RunInfo): RunInfo {
  const { pid: _gone, ...rest } = info;
  return rest.state === 'running' ? { ...rest, state: 'interrupted' } : rest;
}
