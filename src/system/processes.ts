import { readFile } from 'node:fs/promises';

/** Linux counts a process's start in these, and has since 2003. */
const TICKS_PER_SECOND = 100;
/** Clocks that are read one after the other differ by a little. */
const SLACK_MS = 2000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process started, in milliseconds since 1970; undefined where the system does not say. */
async function startOf(pid: number): Promise<number | undefined> {
  try {
    const [status, uptime] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/uptime', 'utf8'),
    ]);
    // Field 22 (proc(5)); the second is the program's name in brackets, which may hold anything.
    const ticks = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[19]);
    const secondsAgo = Number(uptime.split(' ')[0]) - ticks / TICKS_PER_SECOND;
    return Number.isFinite(secondsAgo) ? Date.now() - secondsAgo * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process that wrote a note with its number in it is still running. Numbers come back, in containers
 * soon: a process that started after the note was written is another one.
 *
 * @param writtenMs - when the note was last written, in milliseconds since 1970
 */
export async function isStillRunning(pid: number, writtenMs: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const started = await startOf(pid);
  return started === undefined || started <= writtenMs + SLACK_MS;
}
