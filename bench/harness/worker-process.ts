import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { UnravelError } from '../../src/contract/errors.ts';
import { ownSeconds, peakBytes } from './processors.ts';
import { AnswerSchema, type Answer, type Worker } from './worker.ts';

/** The command that starts a worker. */
export interface WorkerCommand {
  /** Its name in tables and results. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Set beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Maximum length of standard error that is kept, for the message about why a worker ended. */
const KEPT_ERROR_CHARACTERS = 4000;

/**
 * A process that waits for work: it reads lines "K" from standard input, does K steps and answers one line
 * `{"ms": […]}`. It stays alive between turns, so that nothing but steps is timed, and ends with its input.
 */
export class WorkerProcess implements Worker {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Interface;
  readonly #ended: Promise<void>;
  #errors = '';

  constructor({ name, program, args, env }: WorkerCommand) {
    this.name = name;
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    // A write to a worker that has ended fails here; `ask` notices the end itself and says why.
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.#child.stdout);
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#errors += error.message;
        resolve();
      });
      this.#child.on('close', () => resolve());
    });
  }

  /**
   * Lets it do `steps` steps.
   *
   * @throws UnravelError `internal`, with the last lines that it wrote, when it ends instead of answering
   */
  async ask(steps: number): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      const onLine = (line: string): void => {
        if (!line.startsWith('{')) return;
        this.#lines.off('line', onLine);
        try {
          resolve(v.parse(AnswerSchema, JSON.parse(line)));
        } catch (cause) {
          reject(new UnravelError('internal', `${this.name} answered ${line.slice(0, 200)}.`, { cause }));
        }
      };
      this.#lines.on('line', onLine);
      void this.#ended.then(() => reject(this.#failure()));
    });
    this.#child.stdin.write(`${steps}\n`);
    return answer;
  }

  /** Processor time used so far, in seconds, its children's included. */
  cpuSeconds(): number {
    return ownSeconds(this.pid);
  }

  /** The most memory that it has held, in bytes; undefined where unknown. */
  peakBytes(): number | undefined {
    return peakBytes(this.pid);
  }

  /** Closes its input, and kills it if it does not exit. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
    this.#lines.close();
  }

  #failure(): UnravelError {
    const said = this.#errors.trim().split('\n').slice(-12).join('\n');
    return new UnravelError('internal', `The worker "${this.name}" ended without an answer.`, {
      hint: said === '' ? 'It said nothing.' : `It said:\n${said}`,
    });
  }
}

/** Starts workers, calls `use` with them, and always ends them. */
export async function withWorkers<T>(
  commands: readonly WorkerCommand[],
  use: (workers: readonly WorkerProcess[]) => Promise<T>,
): Promise<T> {
  const workers = commands.map((command) => new WorkerProcess(command));
  try {
    return await use(workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}
