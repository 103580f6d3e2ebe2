import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { ForkOptions } from 'electron';
import { Decoder, encode } from './wire.ts';

/** A stand-in for Electron's own: a process of a current Node with `process.parentPort`. */
class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  pid: number | undefined;

  constructor(module: string, args: readonly string[], options: ForkOptions) {
    super();
    const { UNRAVEL_TEST_NODE: node, UNRAVEL_TEST_CHILD: bootstrap } = process.env;
    const output = options.stdio === 'pipe' || options.stdio === 'ignore' ? options.stdio : 'inherit';
    this.#child = spawn(
      node ?? 'node',
      [...(options.execArgv ?? []), bootstrap ?? join(__dirname, 'utility-child.mjs'), module, ...args],
      {
        cwd: options.cwd,
        env: { ...(options.env ?? process.env) },
        stdio: ['ignore', output, output, 'pipe', 'pipe'],
      },
    );
    this.pid = this.#child.pid;
    this.#child.on('exit', (code, signal) => {
      this.pid = undefined;
      this.emit('exit', code ?? constants.signals[signal ?? 'SIGTERM']);
    });
    // A program that is not there: Electron reports that as an exit too.
    this.#child.on('error', () => this.emit('exit', 1));
    if (this.pid === undefined) return;
    setImmediate(() => this.emit('spawn'));
    const decoder = new Decoder((message) => this.emit('message', message));
    (this.#child.stdio[4] as Readable).on('data', (chunk: Buffer) => decoder.push(chunk));
    // The other side has gone; `exit` says so.
    for (const stream of this.#child.stdio) stream?.on('error', () => undefined);
  }

  get stdout(): Readable | null {
    return this.#child.stdout;
  }

  get stderr(): Readable | null {
    return this.#child.stderr;
  }

  get #input(): Duplex {
    return this.#child.stdio[3] as Duplex;
  }

  postMessage(message: unknown): void {
    if (this.pid !== undefined) this.#input.write(encode(message));
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

export const utilityProcess = {
  fork: (module: string, args: readonly string[] = [], options: ForkOptions = {}) =>
    new UtilityProcess(module, args, options),
};
