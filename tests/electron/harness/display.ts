import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { findXvfb } from '../../../scripts/setup/test-tools.mjs';
import { endWithUs } from './end-with-us.ts';

/** An X server of our own, with no screen, so that no window appears on a person's. */
export class Display {
  readonly name: string;
  readonly #server: ChildProcess;

  private constructor(server: ChildProcess, name: string) {
    this.#server = server;
    this.name = name;
  }

  /** @param size - such as `1440x900` */
  static async start(size = '1440x900'): Promise<Display> {
    const program = findXvfb();
    if (!program) throw new Error('Xvfb was not found.');
    // It chooses a free number itself and writes it to the descriptor once it is ready.
    const args = ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset'];
    const server = endWithUs(spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }));
    const ready = once(server.stdio[3] as Readable, 'data');
    const failed = once(server, 'exit').then(() => Promise.reject(new Error('Xvfb did not start.')));
    const [number] = (await Promise.race([ready, failed])) as [Buffer];
    failed.catch(() => undefined);
    return new Display(server, `:${number.toString().trim()}`);
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const gone = once(this.#server, 'exit');
    this.#server.kill();
    await gone;
  }
}
