import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Home } from '../contract/workspace-folder.ts';

/**
 * The folder for files that belong to a person and not to a workspace: the platform's usual folder for settings. It is
 * outside every workspace, so that copying a workspace does not copy it.
 */
export function userFolder(
  { env, platform, folder }: Home = { env: process.env, platform: process.platform, folder: homedir() },
): string {
  if (platform === 'darwin') return join(folder, 'Library', 'Preferences', 'unravel');
  if (platform === 'win32') {
    return join(env['APPDATA'] ?? join(folder, 'AppData', 'Roaming'), 'unravel', 'Config');
  }
  return join(env['XDG_CONFIG_HOME'] ?? join(folder, '.config'), 'unravel');
}
