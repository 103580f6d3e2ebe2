import { readdirSync, readFileSync } from 'node:fs';
import type { MainProcess } from './main-process.ts';

export type ProcessKind = 'engine' | 'job';

/** What the programs are called in today's Electron, and how their command lines end in what stands in for it. */
const NAMES = { engine: 'Unravel engine', job: 'Unravel job' } as const;

/** The processes of one kind that an app has started, by number. */
export async function processesOf(main: MainProcess, pid: number, kind: ProcessKind): Promise<number[]> {
  const metrics = (await main.evaluate(
    'return electron.app.getAppMetrics().map(({ pid, name }) => ({ pid, name }))',
  )) as readonly { readonly pid: number; readonly name?: string }[];
  const named = metrics.filter(({ name }) => name === NAMES[kind]).map((metric) => metric.pid);
  return named.length > 0 ? named : childrenOf(pid, `/${kind}.js`);
}

/** Children of a process whose command line has a word that ends so. Linux only. */
function childrenOf(parent: number, ending: string): number[] {
  if (process.platform !== 'linux') return [];
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const isChild = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      return (
        isChild &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8')
          .split('\0')
          .some((word) => word.endsWith(ending))
      );
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
