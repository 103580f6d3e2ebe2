import type { App } from 'electron';
import * as v from 'valibot';
import { parseCommandLine, StartedWithSchema, type StartedWith } from './command-line.ts';

/**
 * Lets only one instance run: a second one sends its arguments to the first, and quits.
 *
 * @param onSecond - called with the arguments of a second instance
 * @returns false in the second instance
 */
export function setupSingleInstance(
  app: App,
  startedWith: StartedWith,
  onSecond: (other: StartedWith) => void,
): boolean {
  if (!app.requestSingleInstanceLock(startedWith)) {
    app.quit();
    return false;
  }
  app.on('second-instance', (_event, argv, folder, given: unknown) => {
    const parsed = v.safeParse(StartedWithSchema, given);
    // Chromium may have reordered `argv`, so it is used only where the sent data is missing.
    onSecond(
      parsed.success
        ? parsed.output
        : parseCommandLine(argv.slice(1), { folder, appFolder: app.getAppPath() }),
    );
  });
  return true;
}
