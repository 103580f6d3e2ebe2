import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Damaged } from '../../contract/damaged.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { lockFolder, lockForRemoval, type Lock } from '../../system/lock.ts';
import { removeEntry } from '../../system/remove.ts';
import {
  folderToRemove,
  listStored,
  readStored,
  storedFolder,
  type StoredKind,
} from '../basics/stored-folders.ts';
import type { Workspace } from '../basics/workspace.ts';
import { isTrained, withTrueState } from './lock.ts';

/** A run on disk: what it is, and where. */
export interface Run {
  readonly info: RunInfo;
  readonly folder: string;
}

/** A run's weights, Adam moments and batch-norm statistics. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';
/** A line of JSON for each step and epoch. */
export const METRICS_FILE = 'metrics.jsonl';
/** What a run is and where it stands. */
export const RUN_FILE = 'run.json';
/** A description is a few kilobytes; a condition of thousands of categories a few hundred. */
export const MOST_RUN_BYTES = 16_000_000;

const RUNS: StoredKind<typeof RunInfoSchema> = {
  noun: 'run',
  file: RUN_FILE,
  schema: RunInfoSchema,
  mostBytes: MOST_RUN_BYTES,
};

/** A new run's id: its name made fit for a folder, and four random letters so that names may repeat. */
export function makeRunId(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll('β', 'beta')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${slug || 'run'}-${randomBytes(2).toString('hex')}`;
}

/**
 * The folder of a run, made or not.
 *
 * @throws UnravelError `not-found` for what cannot be an id
 */
export function runFolder(workspace: Workspace, id: string): string {
  return storedFolder(workspace.runs, id, RUNS);
}

function writeRunInfo(folder: string, info: RunInfo): Promise<void> {
  return writePrivateFile(join(folder, RUN_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
}

/**
 * Makes a run's folder, for this user alone. It appears with its `run.json` and everything else, or not at all.
 *
 * @param fill - writes what else belongs into the folder, which is not in its place yet
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

/** Writes the `run.json` of a run that there is, whole or not at all. */
export async function saveRunInfo(workspace: Workspace, info: RunInfo): Promise<void> {
  await writeRunInfo(runFolder(workspace, info.id), info);
}

/** A workspace's runs, newest first, and those that are damaged. */
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

/** A workspace's runs, newest first. */
export async function listRuns(workspace: Workspace): Promise<RunInfo[]> {
  return (await listRunsAndDamaged(workspace)).runs;
}

/**
 * Opens the run with exactly this id.
 *
 * @throws UnravelError `not-found`; `bad-input` where it is damaged
 */
export async function openRun(workspace: Workspace, id: string): Promise<Run> {
  const info = await readStored(workspace.runs, id, RUNS);
  const folder = runFolder(workspace, id);
  return { info: withTrueState(info, folder), folder };
}

/**
 * Makes the folder of a run whose training begins. It appears with its `run.json`, and with its lock taken: at no moment
 * does it look like a training that was killed.
 *
 * @returns the run's lock, to be kept until the training ends
 */
export async function beginRun(workspace: Workspace, info: RunInfo): Promise<Lock> {
  let lock: Lock | undefined;
  // Windows moves no folder in which a file is open, so there the lock is taken a moment later.
  const isMovedLocked = process.platform !== 'win32';
  try {
    await createRun(workspace, info, async (staging) => {
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
 * Removes the run with exactly this id and everything it made, damaged or not. Where its folder is a link, the link goes
 * and what it leads to stays.
 *
 * @throws UnravelError `not-found`; `conflict` while it is trained
 */
export async function removeRun(workspace: Workspace, id: string): Promise<void> {
  const folder = await folderToRemove(workspace.runs, id, RUNS);
  const lock = await lockForRemoval(folder);
  if (!lock) throw isTrained(id, 'Stop it first.');
  try {
    // Windows moves no folder in which a file is open.
    if (process.platform === 'win32') lock.release();
    await removeEntry(folder);
  } finally {
    lock.release();
  }
}
