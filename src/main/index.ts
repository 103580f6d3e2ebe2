import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, protocol } from 'electron';
import { defaultWorkspace } from '../contract/workspace-folder.ts';
import { parseCommandLine } from './command-line.ts';
import { Desktop } from './desktop.ts';
import { findFolders } from './folders.ts';
import { setupScheme } from './pages.ts';
import { setupSingleInstance } from './single-instance.ts';

const { sources, workspace } = parseCommandLine(process.argv.slice(1), {
  folder: process.cwd(),
  // In a clone the app's own folder is one of the arguments.
  ...(app.isPackaged ? {} : { appFolder: app.getAppPath() }),
});

let desktop: Desktop | undefined;
setupScheme(protocol);
if (setupSingleInstance(app, { sources }, (other) => desktop?.open(other.sources))) {
  desktop = new Desktop({
    folders: findFolders(dirname(fileURLToPath(import.meta.url))),
    workspace:
      workspace ?? defaultWorkspace({ env: process.env, platform: process.platform, folder: homedir() }),
  });
  desktop.open(sources);
}
