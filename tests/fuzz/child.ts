import { readFileSync, writeFileSync, writeSync, openSync, readdirSync, rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createRandom } from '../../src/engine/basics/random.ts';
import { complaintAbout, pollution } from './outcome.ts';
import { findReader } from './readers.ts';

// The process in which inputs are read: it may crash or hang, and its parent then knows on which input.

/** What the parent asks for: some inputs of one reader, by consecutive seeds. */
export interface Task {
  readonly reader: string;
  readonly seed: number;
  readonly inputs: number;
}

/** What this process tells its parent. */
export type Report =
  | { readonly type: 'failed'; readonly seed: number; readonly reader: string; readonly why: string }
  /** `accepted`: inputs that were read; the others were refused or failed. */
  | { readonly type: 'done'; readonly accepted: number };

const WATCH_MS = 200;

const [root = '', statusPath = ''] = process.argv.slice(2);
const status = openSync(statusPath, 'w');
const inside = join(root, 'inside');
/** The processor time, in seconds, at which the present input counts as one that hangs. */
const deadline = new Float64Array(new SharedArrayBuffer(8)).fill(Infinity);

/** Says where this process is, in a way that survives its death. */
function note(text: string): void {
  writeSync(status, text.padEnd(200), 0);
}

// A thread of its own sees a native call that never returns. Processor time, unlike a clock, does not run on while other
// programs have the processor.
const watch = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    if ((user + system) / 1e6 < workerData.deadline[0]) return;
    writeSync(workerData.status, 'it took more processor time than it may'.padEnd(100), 100);
    process.kill(process.pid, 'SIGKILL');
  }, ${WATCH_MS});
`;
new Worker(watch, { eval: true, workerData: { deadline, status } }).unref();

/** The most memory since the last call with `reset`, and now, in megabytes; undefined where the system does not say. */
function memory(reset: boolean): { peak: number; now: number } | undefined {
  try {
    // Linux forgets the highest mark when asked to (proc(5)).
    if (reset) writeFileSync('/proc/self/clear_refs', '5');
    const text = readFileSync('/proc/self/status', 'utf8');
    const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024;
    return { peak: of('VmHWM'), now: of('VmRSS') };
  } catch {
    return undefined;
  }
}

function outsideFiles(): string {
  return readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name !== 'inside' && !/^inside[\\/]/.test(name))
    .sort()
    .join('\n');
}

let stray: string | undefined;
process.on(
  'uncaughtException',
  (error) => (stray = `an error that nobody caught: ${error.stack ?? error.message}`),
);
process.on('unhandledRejection', (error) => {
  stray = `a rejection that nobody caught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
});

/** Whether an input was read, and what is wrong with how it was read or refused. */
async function judge(name: string, seed: number): Promise<{ wasRead: boolean; why: string | undefined }> {
  const reader = findReader(name);
  const input = await reader.make(createRandom(seed, name));
  rmSync(inside, { recursive: true, force: true });
  mkdirSync(inside, { recursive: true });
  const before = memory(true);
  const { user, system } = process.cpuUsage();
  deadline[0] = (user + system) / 1e6 + reader.mostCpuSeconds;
  let complaint: string | undefined;
  let wasRead = false;
  try {
    await reader.read(input, inside);
    wasRead = true;
  } catch (error) {
    complaint = complaintAbout(error);
  }
  deadline[0] = Infinity;
  const after = memory(false);
  // A turn of the event loop, in which what was left behind comes up.
  await new Promise((resolve) => setImmediate(resolve));
  const taken = before && after ? after.peak - before.now : 0;
  if (taken > reader.mostMegabytes) complaint ??= `it took ${Math.round(taken)} MB`;
  complaint ??= stray ?? pollution();
  stray = undefined;
  return { wasRead, why: complaint };
}

async function perform({ reader, seed, inputs }: Task): Promise<void> {
  const outside = outsideFiles();
  let accepted = 0;
  for (let i = 0; i < inputs; i++) {
    note(JSON.stringify({ reader, seed: seed + i }));
    const { wasRead, why } = await judge(reader, seed + i);
    if (wasRead) accepted += 1;
    if (why !== undefined) process.send?.({ type: 'failed', seed: seed + i, reader, why } satisfies Report);
  }
  if (outsideFiles() !== outside) {
    const why = `files appeared outside its folder: ${outsideFiles()}`;
    process.send?.({ type: 'failed', seed, reader, why } satisfies Report);
  }
  process.send?.({ type: 'done', accepted } satisfies Report);
}

process.chdir(root);
process.on('message', (task: Task) => void perform(task));
process.on('disconnect', () => process.exit());
