import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtEntry } from '../../src/engine/basics/entry.ts';
import type { Report, Task } from './child.ts';
import type { Reader } from './reader.ts';

/** An input on which a reader failed. */
export interface Failure {
  readonly reader: string;
  readonly seed: number;
  readonly why: string;
}

/** What is run. */
export interface FuzzOptions {
  readonly readers: readonly Reader[];
  /** Inputs for all readers together. */
  readonly inputs: number;
  /** The first input's seed; the following ones count up. */
  readonly seed: number;
  /** Told of each reader when all its inputs are done; `accepted` of them were read, the others refused. */
  readonly onReader?: (reader: string, inputs: number, accepted: number) => void;
  readonly onFailure?: (failure: Failure) => void;
}

/** Inputs that a process is given at a time. */
const TASK_INPUTS = 50;
/** A reader that waits, using no processor, is stopped after this long; nothing else goes by the clock. */
const MOST_WAIT_MS = 180_000;

/** How many inputs each reader gets: by weight, at least one. */
export function shareOut(readers: readonly Reader[], inputs: number): number[] {
  const all = readers.reduce((sum, { weight }) => sum + weight, 0);
  const shares = readers.map(({ weight }) => Math.max(1, Math.floor((inputs * weight) / all)));
  // What rounding left over.
  for (let i = 0, rest = inputs - shares.reduce((a, b) => a + b, 0); rest > 0; rest--) {
    shares[i++ % shares.length]! += 1;
  }
  return shares;
}

/** A process that reads inputs; see `child.ts`. */
class FuzzProcess {
  readonly #child: ChildProcess;
  readonly #status: string;
  readonly #root: string;
  readonly #ended: Promise<string>;

  constructor() {
    this.#root = mkdtempSync(join(tmpdir(), 'unravel-fuzz-'));
    mkdirSync(join(this.#root, 'inside'));
    this.#status = join(this.#root, 'inside.status');
    this.#child = fork(builtEntry('fuzz-child'), [this.#root, this.#status], {
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
      // Of the last output before a crash, nothing is needed.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => String(signal ?? code));
  }

  /**
   * Has inputs read.
   *
   * @returns how many were accepted; or what it was doing where the process died
   */
  async perform(
    task: Task,
    onFailure: (failure: Failure) => void,
  ): Promise<number | { seed: number; why: string }> {
    let hear: (report: Report) => void = () => undefined;
    const done = new Promise<number>((resolve) => {
      hear = (report) => {
        if (report.type === 'done') resolve(report.accepted);
        else onFailure({ reader: report.reader, seed: report.seed, why: report.why });
      };
    });
    this.#child.on('message', hear);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), MOST_WAIT_MS);
    this.#child.send(task);
    const outcome = await Promise.race([done, this.#ended]);
    clearTimeout(timer);
    this.#child.off('message', hear);
    if (typeof outcome === 'number') return outcome;
    const text = readFileSync(this.#status, 'utf8');
    const where = text.slice(0, 100).trim();
    const { seed } = (where === '' ? task : JSON.parse(where)) as { seed: number };
    return { seed, why: text.slice(100).trim() || `its process ended (${outcome})` };
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await this.#ended;
    }
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/**
 * Gives edited inputs to readers, in a process of its own, which is started anew after a crash.
 *
 * @returns the inputs on which a reader failed: it crashed, hung, took too much memory, or said so in no sentence
 */
export async function fuzz({ readers, inputs, seed, onReader, onFailure }: FuzzOptions): Promise<Failure[]> {
  const failures: Failure[] = [];
  const fail = (failure: Failure): void => {
    failures.push(failure);
    onFailure?.(failure);
  };
  const shares = shareOut(readers, inputs);
  let child: FuzzProcess | undefined;
  try {
    for (const [i, { name }] of readers.entries()) {
      const last = seed + shares[i]!;
      let accepted = 0;
      for (let next = seed; next < last;) {
        child ??= new FuzzProcess();
        const task = { reader: name, seed: next, inputs: Math.min(TASK_INPUTS, last - next) };
        const outcome = await child.perform(task, fail);
        if (typeof outcome === 'number') {
          accepted += outcome;
          next += task.inputs;
          continue;
        }
        fail({ reader: name, ...outcome });
        next = outcome.seed + 1;
        await child.end();
        child = undefined;
      }
      onReader?.(name, shares[i]!, accepted);
    }
  } finally {
    await child?.end();
  }
  return failures;
}
