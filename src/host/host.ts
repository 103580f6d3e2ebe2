import { existsSync } from 'node:fs';
import { errorPayload, UnravelError, type ErrorPayload } from '../contract/errors.ts';
import type { App } from '../contract/operations/app.ts';
import type { Source } from '../contract/operations/sources.ts';
import type { Port } from '../contract/port.ts';
import { serve, type Emit } from '../contract/serve.ts';
import type { Lock } from '../system/lock.ts';
import { makeWorkspacePrivate } from '../system/private-workspace.ts';
import { removeLeftovers } from '../system/remove.ts';
import { checkWorkspace } from '../system/workspace.ts';
import { Engine } from './engine.ts';
import { Grants } from './grants.ts';
import { hostHandlers, relayHandlers } from './handlers.ts';
import { Jobs } from './jobs.ts';
import { Orders } from './orders.ts';
import type { Platform } from './platform.ts';
import type { StartProcess } from './process.ts';
import { RememberedWindow } from './remembered-window.ts';
import { deleteRemovedBefore, Removals } from './removals.ts';
import { withShownPaths } from './shown-paths.ts';
import { TemporaryFolders } from './temporary-folders.ts';
import { Uploads, type UploadLimits } from './uploads.ts';
import { userFolder } from './user-folder.ts';
import { lockWorkspace } from './workspace-lock.ts';

/** How long jobs may take to stop when the host closes. */
const CLOSE_TIMEOUT_MS = 10_000;

/** The options of a host. */
export interface HostOptions {
  readonly startProcess: StartProcess;
  /** The folder of data sets and runs. */
  readonly workspace: string;
  readonly door: App['door'];
  readonly version: string;
  /** What the desktop app can do for clients; left out where they are browsers. */
  readonly platform?: Platform;
  readonly uploadLimits?: Partial<UploadLimits>;
  /** How long removed data sets and runs can be restored; a minute if left out. */
  readonly undoMs?: number;
  /** The folder for the person's own files; the platform's usual folder if left out. */
  readonly userFolder?: string;
  /** Called with errors that belong to no request, such as a list of jobs that could not be written. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * What Electron's main process and `unravel serve` share: it owns the engine's process and the jobs, and answers every
 * client, over IPC or a WebSocket.
 */
export class Host {
  readonly #engine: Engine;
  readonly #jobs: Jobs;
  readonly #grants: Grants;
  readonly #uploads: Uploads;
  readonly #orders: Orders;
  readonly #removals: Removals;
  readonly #remembered: RememberedWindow;
  readonly #options: HostOptions;
  readonly #temporary: TemporaryFolders;
  readonly #lock: Lock;
  readonly #clients = new Map<Port, Emit>();
  #lastClient = 0;
  /** Sources that were opened while no client was connected. */
  #opened: Source[] = [];
  /** Errors that happened while no client was connected. */
  #troubles: ErrorPayload[] = [];
  #closing: Promise<void> | undefined;

  /**
   * Starts a host, its engine, and the jobs that an earlier host left in the queue.
   *
   * @throws UnravelError `conflict` while another host has the workspace, `bad-input` where it cannot be written to
   */
  static async start(options: HostOptions): Promise<Host> {
    checkWorkspace(options.workspace);
    const lock = await lockWorkspace(options.workspace);
    let host: Host | undefined;
    try {
      const { workspace, onTrouble = () => undefined } = options;
      const temporary = await TemporaryFolders.open(workspace, onTrouble);
      await makeWorkspacePrivate(workspace);
      await removeLeftovers(workspace);
      await deleteRemovedBefore(workspace);
      host = new Host(options, lock, temporary);
      host.#engine.start();
      await host.#jobs.load();
      return host;
    } catch (error) {
      // Everything is closed and the lock released, so that a second attempt can succeed.
      await host?.close().catch(() => undefined);
      lock.release();
      throw error;
    }
  }

  private constructor(options: HostOptions, lock: Lock, temporary: TemporaryFolders) {
    this.#lock = lock;
    const { startProcess, workspace } = options;
    this.#options = options;
    this.#temporary = temporary;
    const emit = this.emit;
    this.#engine = new Engine({ startProcess, workspace, emit });
    this.#grants = new Grants();
    this.#uploads = new Uploads(temporary, this.#grants, options.uploadLimits);
    this.#orders = new Orders(this.#grants, this.#engine, temporary);
    this.#jobs = new Jobs({
      startProcess,
      workspace,
      emit,
      userFolder: options.userFolder ?? userFolder(),
      isTemporary: (path) => temporary.isOfAnyHost(path),
      onTrouble: (error) => this.#reportTrouble(error),
      grantResult: (order, result) => this.#orders.grantResult(order, result),
      onEnd: (order, end) => this.#orders.end(order, end),
    });
    this.#remembered = new RememberedWindow(workspace);
    this.#removals = new Removals({
      engine: this.#engine,
      jobs: this.#jobs,
      ...(options.undoMs === undefined ? {} : { undoMs: options.undoMs }),
      onTrouble: (error) => this.#reportTrouble(error),
    });
  }

  /** Whether a training would lose time if the host ended now. */
  get isTraining(): boolean {
    return this.#jobs.isTraining;
  }

  /** The processes that run for this host. */
  get pids(): number[] {
    return [...(this.#engine.pid === undefined ? [] : [this.#engine.pid]), ...this.#jobs.pids];
  }

  /** Sends an event to every client. */
  readonly emit: Emit = (event, payload) => {
    for (const emit of this.#clients.values()) emit(event, payload);
  };

  /** Answers a client until its port closes. */
  connect(port: Port): void {
    if (this.#closing) {
      port.close();
      return;
    }
    const { door, version, workspace, platform } = this.#options;
    const handlers = {
      ...relayHandlers(this.#engine, this.#removals, this.emit),
      ...hostHandlers({
        app: { door, version, workspace },
        platform,
        engine: this.#engine,
        jobs: this.#jobs,
        grants: this.#grants,
        uploads: this.#uploads,
        orders: this.#orders,
        remembered: this.#remembered,
        emit: this.emit,
        client: port,
        // The client listens to events from its first answer on.
        onDescribed: () => setImmediate(() => this.#sendMissedEvents(port)),
      }),
    };
    const shown = withShownPaths(port, (text) => this.#temporary.shown(text));
    const emit = serve(shown, handlers, { client: (this.#lastClient += 1) });
    this.#clients.set(port, emit);
    port.onClose(() => {
      this.#clients.delete(port);
      this.#temporary.discardAllOf(port);
    });
  }

  /**
   * Grants files and folders that a person dropped on the window or named on the command line.
   *
   * @param paths - absolute; at least one
   * @throws UnravelError `not-found` for a path that is not there
   */
  grantSource(paths: readonly string[]): Source {
    const missing = paths.find((path) => !existsSync(path));
    if (missing !== undefined) {
      throw new UnravelError('not-found', `There is no file or folder ${missing}.`, { path: missing });
    }
    return this.#grants.addSource(paths);
  }

  /** Shows the clients a source that was opened with the application; without clients, the next one to connect. */
  open(paths: readonly string[]): void {
    const source = this.grantSource(paths);
    if (this.#clients.size > 0) this.emit('opened', source);
    else this.#opened.push(source);
  }

  /** Replaces the engine's process, for example by one of a newer build; clients notice only a delay. */
  restartEngine(): void {
    this.#engine.restart();
  }

  /** Stops the jobs, which save their work, then the engine, and removes temporary files. */
  close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    this.#closing ??= this.#end(timeoutMs);
    return this.#closing;
  }

  #sendMissedEvents(port: Port): void {
    const emit = this.#clients.get(port);
    if (!emit) return;
    if (this.#engine.state.state !== 'ready') emit('engine', this.#engine.state);
    for (const source of this.#opened.splice(0)) emit('opened', source);
    for (const trouble of this.#troubles.splice(0)) emit('trouble', trouble);
  }

  /** Reports an error that belongs to no request: to the program that started the host, and to every client. */
  #reportTrouble(error: unknown): void {
    this.#options.onTrouble?.(error);
    const trouble = errorPayload(error);
    if (this.#clients.size > 0) this.emit('trouble', trouble);
    else this.#troubles.push(trouble);
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#removals.close();
    try {
      await this.#jobs.close(timeoutMs);
      await this.#engine.close();
      for (const port of this.#clients.keys()) port.close();
      await this.#remembered.close();
      await this.#temporary.close();
    } finally {
      this.#lock.release();
    }
  }
}
