import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultWorkspace } from '../../contract/workspace-folder.ts';
import { makeWorkspacePrivate } from '../../system/private-workspace.ts';
import { removeLeftStagings } from '../../system/remove.ts';

/** The folders in which data sets and runs are stored. */
export interface Workspace {
  readonly root: string;
  readonly datasets: string;
  readonly runs: string;
}

function defaultRoot(): string {
  return defaultWorkspace({ env: process.env, platform: process.platform, folder: homedir() });
}

/**
 * Determines the folders of a workspace. They are created when something is first stored.
 *
 * @param root - the workspace's folder; if left out, `UNRAVEL_WORKSPACE` or the platform's usual data folder
 */
export function openWorkspace(root: string = defaultRoot()): Workspace {
  const absolute = resolve(root);
  return { root: absolute, datasets: join(absolute, 'datasets'), runs: join(absolute, 'runs') };
}

/**
 * Prepares a workspace before something is added: restricts the access to it to this user, and removes incomplete
 * folders of processes that have ended. Folders that a running process is writing are kept.
 */
export async function tidyWorkspace({ root, datasets, runs }: Workspace): Promise<void> {
  await makeWorkspacePrivate(root);
  for (const store of [datasets, runs]) await removeLeftStagings(store);
}
