import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Linux counts processor time in hundredths of a second towards programs, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** A file of /proc, or undefined where there is none: the process ended, or this is not Linux. */
function readProc(file: string): string | undefined {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Seconds that all processors together have worked since the system's start; undefined where unknown. */
export function busySeconds(): number | undefined {
  const line = readProc('stat')?.split('\n', 1)[0];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

/** Seconds of processor time that each of some processes and all their descendants have used so far. */
export function ownSeconds(...pids: readonly number[]): number {
  const children = new Map<number, number[]>();
  const seconds = new Map<number, number>();
  for (const pid of listProcesses()) {
    const stat = readProc(`${pid}/stat`);
    // The name stands in brackets and may hold anything; the numbers follow the last bracket.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!fields) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    seconds.set(pid, (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND);
  }
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), seconds.get(pid) ?? 0);
  return pids.reduce((total, pid) => total + sum(pid), 0);
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The most memory that a process has held, in bytes (VmHWM); undefined where unknown. */
export function peakBytes(pid: number): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/**
 * Starts to measure the work of other processes.
 *
 * @param ours - processes whose work, with their descendants', is expected
 * @returns a function that returns the fraction of the processors that others have used since, 0 where unknown
 */
export function watchOthers(...ours: readonly number[]): () => number {
  const before = busySeconds();
  const own = before === undefined ? 0 : ownSeconds(...ours);
  const start = performance.now();
  return () => {
    const after = busySeconds();
    if (before === undefined || after === undefined) return 0;
    const others = after - before - (ownSeconds(...ours) - own);
    return Math.max(0, others) / (availableParallelism() * ((performance.now() - start) / 1000));
  };
}
