import * as v from 'valibot';
import { errorFromPayload, errorPayload, UnravelError } from '../contract/errors.ts';
import { isEvent, events, type EventPayload } from '../contract/events.ts';
import { AnswerSchema, type Cancel, type Request } from '../contract/messages.ts';
import type { Input, NamesBy, Output } from '../contract/operations.ts';
import { cancelled, type Asker, type Emit } from '../contract/serve.ts';
import { describeExit, type HostProcess, type ProcessExit, type StartProcess } from './process.ts';
import { RequestQueue } from './request-queue.ts';

/** The operations that the engine's process answers, for clients or for the host alone. */
export type EngineOperation = NamesBy<'engine' | 'internal'>;
export type EngineState = EventPayload<'engine'>['state'];

/** Operations that are not sent again after a crash: the first attempt may have changed something already. */
const NOT_SENT_AGAIN: ReadonlySet<string> = new Set<EngineOperation>([
  'datasets.remove',
  'datasets.restore',
  'datasets.rename',
  'runs.remove',
  'runs.restore',
  'runs.rename',
  'engine.import-model',
]);
/** Operations that compute for long or take much memory: only a few of them run at the same time. */
const HEAVY: ReadonlySet<string> = new Set<EngineOperation>([
  'codes.project',
  'codes.nearest',
  'codes.dimensions',
  'engine.inspect',
  'engine.check',
  'engine.codes',
  'models.counterparts',
  'models.match',
  'models.preview',
]);
/** The asker of requests that the host makes for itself. */
const PROGRAM: Asker = { client: 0, signal: new AbortController().signal };
/** A request that was running at this many crashes is taken to be their cause and is not sent again. */
const MOST_CRASHES_PER_REQUEST = 2;
/** After this many crashes within {@link CRASH_MEMORY_MS} the engine is not started again by itself. */
const MOST_CRASHES = 5;
const CRASH_MEMORY_MS = 60_000;
const FIRST_BACKOFF_MS = 200;
/** After this long in `failed`, a request starts the engine once more: disk or memory may be free again. */
const RETRY_AFTER_MS = 15_000;

/** The id of the host's own first request; the others are counted from 1. */
const DESCRIBE_ID = 0;

interface PendingRequest {
  readonly id: number;
  readonly client: number;
  readonly operation: EngineOperation;
  readonly input: unknown;
  readonly isHeavy: boolean;
  /** At how many crashes it was running. */
  crashes: number;
  /** Whether it was sent to the current process. */
  isSent: boolean;
  /** Whether the process still computes it, although the client no longer waits for it. */
  isCancelled: boolean;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: UnravelError) => void;
}

/** What the engine depends on. */
export interface EngineOptions {
  readonly startProcess: StartProcess;
  readonly workspace: string;
  readonly emit: Emit;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/**
 * Keeps one engine process running and sends it requests. After a crash the process is started again and the requests
 * that it had not answered are sent again, so that a client notices only a delay. {@link RequestQueue} divides the
 * engine's time between the clients.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #now: () => number;
  readonly #pending = new Map<number, PendingRequest>();
  /** The requests that were not running at any crash. */
  readonly #queue = new RequestQueue<PendingRequest>();
  readonly #crashes: number[] = [];
  #process: HostProcess | undefined;
  /** Whether the current process has answered its first request. */
  #isReady = false;
  /** Whether the current process was ended by {@link restart}, which is not a crash. */
  #isReplaced = false;
  #timer: NodeJS.Timeout | undefined;
  #state: EngineState = 'starting';
  #error: UnravelError | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get state(): EventPayload<'engine'> {
    return { state: this.#state, ...(this.#error ? { error: errorPayload(this.#error) } : {}) };
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process. */
  start(): void {
    this.#spawn();
  }

  /**
   * Sends a request to the engine.
   *
   * @param input - already valid; only the engine validates it again
   * @param asker - when this client disconnects, its requests are cancelled, except those that change something
   * @returns the answer, not validated: the receiver validates it
   * @throws UnravelError the engine's own error; `cancelled` where the client no longer waits; `disconnected` where the
   *   engine ended; `native` where this request made it crash
   */
  request<N extends EngineOperation>(
    operation: N,
    input: Input<N>,
    { client, signal }: Asker = PROGRAM,
  ): Promise<Output<N>> {
    if (this.#isClosed) return Promise.reject(closed());
    if (signal.aborted) return Promise.reject(cancelled());
    if (this.#state === 'failed') {
      if (this.#now() - this.#crashes.at(-1)! < RETRY_AFTER_MS) return Promise.reject(this.#failure());
      this.restart();
    }
    return new Promise((resolve, reject) => {
      const pending: PendingRequest = {
        ...{ id: (this.#lastId += 1), client, operation, input, isHeavy: HEAVY.has(operation) },
        ...{ crashes: 0, isSent: false, isCancelled: false },
        resolve: resolve as (output: unknown) => void,
        reject,
      };
      this.#pending.set(pending.id, pending);
      this.#queue.add(pending);
      if (signal !== PROGRAM.signal) signal.addEventListener('abort', () => this.#cancel(pending));
      this.#sendWaiting();
    });
  }

  /**
   * Ends the process and starts another one at once, for example from a newer build. This does not count as a crash: the
   * requests that the old process had not answered are sent to the new one.
   */
  restart(): void {
    if (this.#isClosed) return;
    this.#crashes.length = 0;
    if (this.#process) {
      this.#isReplaced = true;
      this.#process.kill();
      return;
    }
    clearTimeout(this.#timer);
    this.#setState('restarting');
    this.#spawn();
  }

  /** Ends the process and rejects every request. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#rejectAll(closed());
    const running = this.#process;
    if (!running) return;
    await new Promise<void>((resolve) => {
      this.#onExited = resolve;
      running.kill();
    });
  }

  #onExited: () => void = () => undefined;

  #spawn(): void {
    const started = this.#options.startProcess('engine', ['--workspace', this.#options.workspace]);
    this.#process = started;
    this.#isReady = false;
    started.port.onMessage((message) => this.#handleMessage(message));
    started.onExit((exit) => this.#handleExit(started, exit));
    // A process that has closed its channel is of no use, whatever else it still does.
    started.port.onClose(() => started.kill());
    // A process that ends before it answers this one was not ended by a client's request.
    this.#post({ type: 'request', id: DESCRIBE_ID, operation: 'engine.describe', input: {} });
  }

  /** The process has answered for the first time: the waiting requests are sent. */
  #handleReady(): void {
    this.#isReady = true;
    this.#setState('ready');
    this.#sendWaiting();
    this.#retryNext();
  }

  #sendWaiting(): void {
    if (!this.#isReady) return;
    for (let next = this.#queue.take(); next; next = this.#queue.take()) this.#send(next);
  }

  #send(pending: PendingRequest): void {
    if (!this.#isReady) return;
    pending.isSent = true;
    const { id, client, operation, input } = pending;
    this.#post({ type: 'request', id, client, operation, input });
  }

  #post(message: Request | Cancel): void {
    this.#process?.port.post(message);
  }

  /** The client no longer waits. A request that was sent counts as running until the process has finished it. */
  #cancel(pending: PendingRequest): void {
    if (!this.#pending.has(pending.id) || NOT_SENT_AGAIN.has(pending.operation)) return;
    pending.reject(cancelled());
    if (pending.isSent) {
      pending.isCancelled = true;
      this.#post({ type: 'cancel', id: pending.id });
    } else {
      this.#forget(pending);
    }
  }

  #forget(pending: PendingRequest): void {
    this.#pending.delete(pending.id);
    this.#queue.remove(pending);
    this.#sendWaiting();
    if (pending.crashes > 0) this.#retryNext();
  }

  /** Requests that were running at a crash are sent again one at a time, so that a second crash shows its cause. */
  #retryNext(): void {
    const retries = [...this.#pending.values()].filter(({ crashes }) => crashes > 0);
    if (retries.some(({ isSent }) => isSent)) return;
    const next = retries[0];
    if (next) this.#send(next);
  }

  #handleMessage(message: unknown): void {
    const parsed = v.safeParse(AnswerSchema, message);
    if (!parsed.success) return;
    const answer = parsed.output;
    if (answer.type === 'event') {
      if (!isEvent(answer.event)) return;
      const payload = v.safeParse(events[answer.event], answer.payload);
      if (payload.success) this.#options.emit(answer.event, payload.output);
      return;
    }
    if (!this.#isReady) this.#handleReady();
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    if (answer.type === 'response') pending.resolve(answer.output);
    else pending.reject(errorFromPayload(answer.error));
    this.#forget(pending);
  }

  #handleExit(exited: HostProcess, exit: ProcessExit): void {
    if (this.#process !== exited) return;
    this.#process = undefined;
    this.#isReady = false;
    if (this.#isClosed) {
      this.#onExited();
      return;
    }
    const isCrash = !this.#isReplaced;
    this.#isReplaced = false;
    this.#settleSentRequests({ isCrash });
    if (!isCrash) {
      this.restart();
      return;
    }
    const now = this.#now();
    this.#crashes.push(now);
    while (now - this.#crashes[0]! > CRASH_MEMORY_MS) this.#crashes.shift();
    if (this.#crashes.length >= MOST_CRASHES) {
      this.#setState(
        'failed',
        new UnravelError(
          'native',
          `The engine ended ${MOST_CRASHES} times within a minute, the last time with ${describeExit(exit)}.`,
          {
            hint: 'Quit Unravel and start it again. If that does not help, install it again.',
            remedy: 'doctor',
          },
        ),
      );
      this.#rejectAll(this.#failure());
      return;
    }
    this.#setState(
      'restarting',
      new UnravelError('native', `The engine ended with ${describeExit(exit)} and is started again.`),
    );
    const backoff = FIRST_BACKOFF_MS * 2 ** (this.#crashes.length - 1);
    this.#timer = setTimeout(() => this.#spawn(), backoff);
  }

  /** Decides for each request that was running when the process ended whether it is rejected or sent again. */
  #settleSentRequests({ isCrash }: { readonly isCrash: boolean }): void {
    this.#queue.reset();
    for (const [id, pending] of this.#pending) {
      if (!pending.isSent) continue;
      pending.isSent = false;
      if (isCrash) pending.crashes += 1;
      if (pending.isCancelled) {
        this.#pending.delete(id);
      } else if (NOT_SENT_AGAIN.has(pending.operation)) {
        this.#pending.delete(id);
        pending.reject(
          new UnravelError(
            'disconnected',
            'The engine ended before it could report whether this was done. Check, and try again if it was not.',
          ),
        );
      } else if (pending.crashes >= MOST_CRASHES_PER_REQUEST) {
        this.#pending.delete(id);
        pending.reject(
          new UnravelError(
            'native',
            `The engine ended twice while it worked on the same request (${pending.operation}).`,
            {
              hint: 'The data set or model that it concerns may be damaged: import or train it again.',
            },
          ),
        );
      } else if (pending.crashes === 0) {
        this.#queue.add(pending);
      }
    }
  }

  #failure(): UnravelError {
    return this.#error ?? new UnravelError('native', 'The engine could not be started.');
  }

  #rejectAll(error: UnravelError): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#queue.clear();
  }

  #setState(state: EngineState, error?: UnravelError): void {
    this.#state = state;
    this.#error = error;
    this.#options.emit('engine', this.state);
  }
}

function closed(): UnravelError {
  return new UnravelError('disconnected', 'Unravel is being closed.');
}
