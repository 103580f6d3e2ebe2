import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How `files/atomic.ts` names what is not complete: `.<name>.<process>.<random>.part`. */
const STAGING = /^\..+\.(\d+)\.[0-9a-f]{8}\.part$/;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Removes what killed imports have left in a folder. Folders of processes that still run are left alone; process
 * numbers come back, in containers soon, so one of our own number that is older than this process is stale too.
 */
export async function removeStaleStaging(folder: string): Promise<void> {
  const startedMs = Date.now() - process.uptime() * 1000;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = Number(STAGING.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid)) continue;
    const path = join(folder, name);
    const isOurs =
      pid === process.pid &&
      (await stat(path).then(
        (stats) => stats.ctimeMs >= startedMs,
        () => true,
      ));
    if (isOurs || (pid !== process.pid && isAlive(pid))) continue;
    await rm(path, { recursive: true, force: true });
  }
}
