import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Damaged } from '../../contract/damaged.ts';
import { UnravelError } from '../../contract/errors.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { lockFolder, lockForRemoval, type Lock } from '../../system/lock.ts';
import { removeEntry } from '../../system/remove.ts';
import { deleteRemoved, moveToRemoved, restoreRemoved } from '../../system/removed.ts';
import {
  folderToRemove,
  listStored,
  readStored,
  storedFolder,
  type StoredKind,
} from '../basics/stored-folders.ts';
import type { Workspace } from '../basics/workspace.ts';
import { isTrained, withTrueState } from './lock.ts';

/** A run on disk: its description and its folder. */
export interface Run {
  readonly info: RunInfo;
  readonly folder: string;
}

/** A run's weights, Adam moments and batch-norm statistics. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';
/** A line of JSON for each step and epoch. */
export const METRICS_FILE = 'metrics.jsonl';
/** A folder with a file for each epoch: codes and pictures of that time. */
export const SNAPSHOTS_FOLDER = 'snapshots';
/** A folder with the last evaluation on each data set. */
export const EVALUATIONS_FOLDER = 'evaluations';
/** A folder with the independent axes of the codes of each data set. */
export const AXES_FOLDER = 'axes';
/** A folder with the directions that were found in the run's latent space. */
export const DIRECTIONS_FOLDER = 'directions';
/** Description and state of a run. */
export const RUN_FILE = 'run.json';
/**
 * Maximum size of a description, which usually has a few kilobytes, and a few hundred with thousands of categories.
 */
export const MOST_RUN_BYTES = 16_000_000;

const RUNS: StoredKind<typeof RunInfoSchema> = {
  noun: 'run',
  file: RUN_FILE,
  schema: RunInfoSchema,
  mostBytes: MOST_RUN_BYTES,
};

/**
 * Makes a new run's id: its name in characters that a folder may have, and eight random characters, so that the same
 * name can be used again.
 */
export function makeRunId(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll('β', 'beta')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${slug || 'run'}-${randomBytes(4).toString('hex')}`;
}

/**
 * The path of a run's folder, whether it exists or not.
 *
 * @throws UnravelError `not-found` for a text that cannot be an id
 */
export function runFolder(workspace: Workspace, id: string): string {
  return storedFolder(workspace.runs, id, RUNS);
}

function writeRunInfo(folder: string, info: RunInfo): Promise<void> {
  return writePrivateFile(join(folder, RUN_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
}

/**
 * Creates a run's folder atomically, with access for this user only.
 *
 * @param fill - writes further files into the folder before it is moved to its place
 */
export async function createRun(
  workspace: Workspace,
  info: RunInfo,
  fill: (staging: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await writePrivateFolder(runFolder(workspace, info.id), async (staging) => {
    await fill(staging);
    await writeRunInfo(staging, info);
  });
}

/** Writes the `run.json` of an existing run atomically. */
export async function saveRunInfo(workspace: Workspace, info: RunInfo): Promise<void> {
  await writeRunInfo(runFolder(workspace, info.id), info);
}

/** Lists a workspace's runs, newest first, and the damaged ones. */
export async function listRunsAndDamaged(
  workspace: Workspace,
): Promise<{ runs: RunInfo[]; damaged: readonly Damaged[] }> {
  const { whole, damaged } = await listStored(workspace.runs, RUNS);
  const runs = whole.map((info) => withTrueState(info, runFolder(workspace, info.id)));
  return {
    runs: runs.sort((a, b) => b.created.localeCompare(a.created) || a.id.localeCompare(b.id)),
    damaged,
  };
}

/** Lists a workspace's runs, newest first. */
export async function listRuns(workspace: Workspace): Promise<RunInfo[]> {
  return (await listRunsAndDamaged(workspace)).runs;
}

/** A name that no run has: the wanted one, else with the first free number behind it: `VAE on faces 2`. */
export async function freeRunName(workspace: Workspace, wanted: string): Promise<string> {
  const taken = new Set((await listRuns(workspace)).map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted} ${number}`)) return `${wanted} ${number}`;
}

/**
 * Opens the run with exactly this id.
 *
 * @throws UnravelError `not-found`; `bad-input` if it is damaged
 */
export async function openRun(workspace: Workspace, id: string): Promise<Run> {
  const info = await readStored(workspace.runs, id, RUNS);
  const folder = runFolder(workspace, id);
  return { info: withTrueState(info, folder), folder };
}

/**
 * Creates the folder of a run whose training begins. It appears with its `run.json` and already locked, so that it
 * never looks like a killed training.
 *
 * @param fill - writes further files into the folder before it appears
 * @returns the run's lock, which must be kept until the training ends
 */
export async function beginRun(
  workspace: Workspace,
  info: RunInfo,
  fill: (staging: string) => Promise<void> = () => Promise.resolve(),
): Promise<Lock> {
  let lock: Lock | undefined;
  // Windows does not move a folder that contains an open file, so there the lock is taken after the move.
  const isMovedLocked = process.platform !== 'win32';
  try {
    await createRun(workspace, info, async (staging) => {
      await fill(staging);
      if (isMovedLocked) lock = await lockFolder(staging);
    });
  } catch (error) {
    lock?.release();
    throw error;
  }
  lock ??= await lockFolder(runFolder(workspace, info.id));
  if (!lock) throw isTrained(info.id, 'Resume it when it is interrupted.');
  return lock;
}

/**
 * Removes the run with exactly this id and all its files, even if it is damaged. If its folder is a link, only the
 * link is removed.
 *
 * @throws UnravelError `not-found`; `conflict` while it is being trained
 */
export function removeRun(workspace: Workspace, id: string): Promise<void> {
  return removeUnlocked(workspace, id, removeEntry);
}

/**
 * Removes a run like {@link removeRun}, but keeps its files, so that {@link restoreRun} can restore it until
 * {@link deleteRemovedRun}.
 *
 * @throws UnravelError as {@link removeRun}
 */
export function removeRunForNow(workspace: Workspace, id: string): Promise<void> {
  return removeUnlocked(workspace, id, moveToRemoved);
}

/** @throws UnravelError `not-found` if its files are deleted */
export async function restoreRun(workspace: Workspace, id: string): Promise<void> {
  if (await restoreRemoved(runFolder(workspace, id))) return;
  throw new UnravelError('not-found', 'The run can no longer be restored: its files are deleted.');
}

/** Deletes the files of a run that {@link removeRunForNow} removed. Does nothing if it was restored. */
export function deleteRemovedRun(workspace: Workspace, id: string): Promise<void> {
  return deleteRemoved(runFolder(workspace, id));
}

async function removeUnlocked(
  workspace: Workspace,
  id: string,
  remove: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await folderToRemove(workspace.runs, id, RUNS);
  const lock = await lockForRemoval(folder);
  if (!lock) throw isTrained(id, 'Stop it first.');
  try {
    // Windows does not move a folder that contains an open file. if (process.platform === 'win32') lock.release();
    await remove(folder);
  } finally {
    lock.release();
  }
}
