import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultWorkspace } from '../../contract/workspace-folder.ts';
import { makeWorkspacePrivate } from '../../system/private-workspace.ts';
import { removeLeftStagings } from '../../system/remove.ts';

/** Where everything that people make with Unravel lives: data sets and runs. */
export interface Workspace {
  readonly root: string;
  readonly datasets: string;
  readonly runs: string;
}

function defaultRoot(): string {
  return defaultWorkspace({ env: process.env, platform: process.platform, folder: homedir() });
}

/**
 * Names the folders of a workspace; nothing is made on disk until something is stored.
 *
 * @param root - the workspace's folder; without one `UNRAVEL_WORKSPACE`, else the platform's usual data folder
 */
export function openWorkspace(root: string = defaultRoot()): Workspace {
  const absolute = resolve(root);
  return { root: absolute, datasets: join(absolute, 'datasets'), runs: join(absolute, 'runs') };
}

/**
 * Puts a workspace in order before something is added: what Unravel made in it is this user's alone, and what
 * killed processes left half made is gone. What a process that still runs is filling is left alone.
 */
export async function tidyWorkspace({ root, datasets, runs }: Workspace): Promise<void> {
  await makeWorkspacePrivate(root);
  for (const store of [datasets, runs]) await removeLeftStagings(store);
}
