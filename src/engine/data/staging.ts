import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStillRunning } from '../processes.ts';

/** How `files/atomic.ts` names what is not complete: `.<name>.<process>.<random>.part`. */
const STAGING = /^\..+\.(\d+)\.[0-9a-f]{8}\.part$/;

/**
 * Removes what killed imports have left in a folder; what a process that still runs is filling is left alone.
 */
export async function removeStaleStaging(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = Number(STAGING.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid)) continue;
    const path = join(folder, name);
    const writtenMs = await stat(path).then(
      (status) => status.ctimeMs,
      () => undefined,
    );
    if (writtenMs === undefined || (await isStillRunning(pid, writtenMs))) continue;
    await rm(path, { recursive: true, force: true });
  }
}
