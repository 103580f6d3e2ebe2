import { fork } from 'node:child_process';
import { join } from 'node:path';

/**
 * What the parent asks of the host's process.
 *
 * @typedef {{ type: 'serve', token: string, version: string } | { type: 'restart-engine' } | { type: 'end' }} HostOrder
 */

/**
 * What the host's process says.
 *
 * @typedef {{ type: 'serving', port: number } | { type: 'failed', message: string }} HostNews
 */

/** The process that serves the workspace, started anew where its code has changed. */
export class Served {
  #options;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /**
   * The last child that was asked to end.
   *
   * @type {import('node:child_process').ChildProcess | undefined}
   */
  #leaving;
  /** @type {Promise<number>} where it listens */
  #port = Promise.reject(new Error('not started'));
  /** @type {Promise<void>} */
  #gone = Promise.resolve();
  #isEnding = false;

  /**
   * @param {{ built: string, workspace: string, pages: string, token: string, version: string,
   *   onDeath: (words: string) => void }} options - `onDeath` hears of an end that nobody asked for
   */
  constructor(options) {
    this.#options = options;
    this.#port.catch(() => undefined);
  }

  /** Where the server listens, once it does; rejected where it does not run. */
  get port() {
    return this.#port;
  }

  get isRunning() {
    return this.#child !== undefined;
  }

  /**
   * Ends the server that runs, in order, and starts one from the present build.
   *
   * @throws {Error} whose message says why it does not serve
   */
  async restart() {
    this.#port = this.#replace();
    this.#port.catch(() => undefined);
    await this.#port;
  }

  /** Has the engine started from the present build. */
  restartEngine() {
    this.#send({ type: 'restart-engine' });
  }

  /** Ends it in order: trainings write their checkpoints. */
  async end() {
    this.#isEnding = true;
    this.#send({ type: 'end' });
    await this.#gone;
  }

  /** Ends it at once. */
  kill() {
    this.#child?.kill('SIGKILL');
  }

  /** @returns {Promise<number>} */
  async #replace() {
    this.#send({ type: 'end' });
    await this.#gone;
    if (this.#isEnding) throw new Error('npm run dev is ending.');
    const { built, workspace, pages, token, version, onDeath } = this.#options;
    const child = fork(join(import.meta.dirname, 'host.mjs'), [built, workspace, pages], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
      // Ctrl-C in a terminal reaches the whole group, but this process ends when it is told to.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    /** @type {Promise<number>} */
    const serving = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('message', (/** @type {HostNews} */ news) => {
        if (news.type === 'serving') resolve(news.port);
        else reject(new Error(news.message));
      });
      child.on('exit', (code, signal) =>
        reject(new Error(`The server ended with ${signal ?? `code ${code}`}.`)),
      );
    });
    this.#gone = new Promise((resolve) => {
      child.on('error', () => child.pid === undefined && resolve());
      child.on('exit', () => resolve());
    });
    void this.#gone.then(() => (this.#child = undefined));
    this.#send({ type: 'serve', token, version });
    try {
      const port = await serving;
      child.on('exit', (code, signal) => {
        if (this.#leaving === child) return;
        this.#port = Promise.reject(new Error('The server has ended.'));
        this.#port.catch(() => undefined);
        onDeath(signal ?? `code ${code}`);
      });
      return port;
    } catch (error) {
      this.#send({ type: 'end' });
      await this.#gone;
      throw error;
    }
  }

  /** @param {HostOrder} order */
  #send(order) {
    if (order.type === 'end') this.#leaving = this.#child;
    // The callback hears of a channel that broke meanwhile; the process's end tells of it.
    if (this.#child?.connected) this.#child.send(order, () => undefined);
  }
}
