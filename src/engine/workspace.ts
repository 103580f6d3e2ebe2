import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything that people make with Unravel lives: data sets and runs. */
export interface Workspace {
  readonly root: string;
  readonly datasets: string;
  readonly runs: string;
}

function defaultRoot(): string {
  if (process.env['UNRAVEL_WORKSPACE']) return process.env['UNRAVEL_WORKSPACE'];
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Unravel');
  if (process.platform === 'win32') {
    return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Unravel');
  }
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'unravel');
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
