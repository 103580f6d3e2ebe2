import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unravelForElectron9 } from '../electron-9/app.mjs';
import { electronUnderTest, root } from './electron-under-test.ts';
import { argumentsOf, launch, type App, type LaunchOptions } from './launch.ts';

/** Why no test can be run in a real Electron here; undefined where they can. */
export const noElectron: string | undefined = (() => {
  const electron = electronUnderTest();
  return 'reason' in electron ? electron.reason : undefined;
})();

/** A person's own folders: what survives a restart. */
export interface Home {
  readonly workspace: string;
  readonly profile: string;
  remove(): void;
}

/** A new person's. */
export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'unravel-home-'));
  return {
    workspace: join(folder, 'workspace'),
    profile: join(folder, 'profile'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How Unravel is started in the Electron of this machine. */
async function optionsFor(home: Home, args: readonly string[]): Promise<LaunchOptions> {
  const electron = electronUnderTest();
  if ('reason' in electron) throw new Error(electron.reason);
  return {
    executable: electron.executable,
    app: electron.isOld ? await unravelForElectron9() : root,
    args: ['--workspace', home.workspace, ...args],
    env: electron.env,
    profile: home.profile,
    inspectMain: true,
  };
}

/** Starts Unravel in the Electron of this machine. */
export async function launchUnravel(home: Home, args: readonly string[] = []): Promise<App> {
  return launch(await optionsFor(home, args));
}

/** The same as a command, for a start that opens no window. */
export async function unravelCommand(home: Home, args: readonly string[] = []) {
  const options = await optionsFor(home, args);
  return { executable: options.executable, args: argumentsOf(options, home.profile), env: options.env };
}
