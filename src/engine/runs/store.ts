import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { lockFolder, lockForRemoval, type Lock } from '../../system/lock.ts';
import { removeEntry } from '../../system/remove.ts';
import { findNamed } from '../find-named.ts';
import type { Workspace } from '../workspace.ts';
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

/** The folder of a run, made or not. */
export function runFolder(workspace: Workspace, id: string): string {
  return join(workspace.runs, id);
}

/** Writes `run.json`, whole or not at all; the run's folder is made for this user alone. */
export async function saveRunInfo(workspace: Workspace, info: RunInfo): Promise<void> {
  const path = join(runFolder(workspace, info.id), RUN_FILE);
  await writePrivateFile(path, `${JSON.stringify(info, undefined, 2)}\n`);
}

async function readRunInfo(workspace: Workspace, id: string): Promise<RunInfo> {
  const path = join(runFolder(workspace, id), RUN_FILE);
  const damaged = (cause: unknown): UnravelError =>
    new UnravelError('bad-input', `Could not read ${path}: it does not describe a run.`, {
      path,
      cause,
      hint: 'It was changed or damaged. Remove the run, or put back a copy of the file.',
    });
  const text = await readFile(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(cause);
  }
  const parsed = v.safeParse(RunInfoSchema, json);
  if (!parsed.success || parsed.output.id !== id) throw damaged(undefined);
  return withTrueState(parsed.output, runFolder(workspace, id));
}

/** All runs of a workspace, newest first. Folders that hold no readable run are passed over. */
export async function listRuns(workspace: Workspace): Promise<RunInfo[]> {
  const entries = await readdir(workspace.runs, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => readRunInfo(workspace, entry.name).catch(() => undefined)),
  );
  return found
    .filter((info) => info !== undefined)
    .sort((a, b) => b.created.localeCompare(a.created) || a.id.localeCompare(b.id));
}

/**
 * Finds a run by its id, the beginning of its id, or its name.
 *
 * @throws UnravelError `not-found` with the nearest names; `bad-input` where several fit, or `run.json` is damaged
 */
export async function openRun(workspace: Workspace, idOrName: string): Promise<Run> {
  // Asked for by its id, a damaged run says so; in a list it would only be missing.
  const isThere = /^[a-z0-9-]+$/.test(idOrName) && existsSync(join(runFolder(workspace, idOrName), RUN_FILE));
  const info = isThere
    ? await readRunInfo(workspace, idOrName)
    : findNamed(await listRuns(workspace), idOrName, {
        noun: 'run',
        none: 'There are no runs yet: train a model first.',
        remedy: 'train',
      });
  return { info, folder: runFolder(workspace, info.id) };
}

/**
 * Makes the folder of a run whose training begins. It appears with its `run.json`, and with its lock taken: at no moment
 * does it look like a training that was killed.
 *
 * @returns the run's lock, to be kept until the training ends
 */
export async function beginRun(workspace: Workspace, info: RunInfo): Promise<Lock> {
  const folder = runFolder(workspace, info.id);
  let lock: Lock | undefined;
  // Windows moves no folder in which a file is open, so there the lock is taken a moment later.
  const isMovedLocked = process.platform !== 'win32';
  try {
    lock = await writePrivateFolder(folder, async (staging) => {
      await writePrivateFile(join(staging, RUN_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
      return isMovedLocked ? (lock = await lockFolder(staging)) : undefined;
    });
  } catch (error) {
    lock?.release();
    throw error;
  }
  lock ??= await lockFolder(folder);
  if (!lock) throw isTrained(info.id, 'Resume it when it is interrupted.');
  return lock;
}

/**
 * Removes a run and everything it made. Where its folder is a link, the link goes and what it leads to stays.
 *
 * @throws UnravelError `conflict` while it is trained
 */
export async function removeRun(workspace: Workspace, id: string): Promise<void> {
  const { info, folder } = await openRun(workspace, id);
  const lock = await lockForRemoval(folder);
  if (!lock) throw isTrained(info.id, 'Stop it first.');
  try {
    // Windows moves no folder in which a file is open.
    if (process.platform === 'win32') lock.release();
    await removeEntry(folder);
  } finally {
    lock.release();
  }
}
