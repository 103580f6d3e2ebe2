import type { App } from 'electron';
import * as v from 'valibot';
import { parseCommandLine, StartedWithSchema, type StartedWith } from './command-line.ts';

/**
 * Lets one instance run: a second one hands over what it was started with, and ends.
 *
 * @param onSecond - hears of a second start
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
    // The words alone may have been put in another order on the way.
    onSecond(
      parsed.success
        ? parsed.output
        : parseCommandLine(argv.slice(1), { folder, appFolder: app.getAppPath() }),
    );
  });
  return true;
}
