import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Random and unguessable: sixteen digits of base 16. */
export function randomHex(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}

/** Whether a process with this number runs. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * A folder for what a host keeps only while it runs, on the workspace's own disk, where there is room. What hosts
 * that were killed have left is removed.
 *
 * @returns its path; it is not made yet
 */
export async function claimTemporaryFolder(workspace: string): Promise<string> {
  const parent = join(workspace, '.temporary');
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(name.split('-')[0]);
    // A number that another process has taken since is left alone until the next start.
    if (Number.isSafeInteger(pid) && pid !== process.pid && isAlive(pid)) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return join(parent, `${process.pid}-${randomHex(4)}`);
}
