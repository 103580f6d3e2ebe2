import * as v from 'valibot';
import { errorFromPayload, errorPayload, UnravelError } from '../contract/errors.ts';
import { isEvent, events, type EventPayload } from '../contract/events.ts';
import { AnswerSchema, type Cancel, type Request } from '../contract/messages.ts';
import type { Input, NamesBy, Output } from '../contract/operations.ts';
import { cancelled, type Asker, type Emit } from '../contract/serve.ts';
import { describeExit, type HostProcess, type ProcessExit, type StartProcess } from './process.ts';
import { RequestQueue } from './request-queue.ts';

/** What the engine's process answers, for clients or for the host alone. */
export type EngineOperation = NamesBy<'engine' | 'internal'>;
export type EngineState = EventPayload<'engine'>['state'];

/** Asked again they might do something else, or complain that it is done already. */
const NOT_ASKED_AGAIN: ReadonlySet<string> = new Set<EngineOperation>([
  'datasets.remove',
  'runs.remove',
  'runs.rename',
]);
/** These compute for long, or take much memory: few of them are under way at the same time. */
const HEAVY: ReadonlySet<string> = new Set<EngineOperation>([
  'codes.project',
  'codes.nearest',
  'codes.dimensions',
  'engine.inspect',
  'models.counterparts',
  'models.match',
  'models.preview',
]);
/** Who asks where no client does. */
const PROGRAM: Asker = { client: 0, signal: new AbortController().signal };
/** A request that was under way so many times when the process died is what kills it. */
const MOST_DEATHS = 2;
/** So many crashes within this time are one too many. */
const MOST_CRASHES = 5;
const CRASH_MEMORY_MS = 60_000;
const FIRST_BACKOFF_MS = 200;
/** After this long in `failed` a request tries once more: a full disk or memory may be free again. */
const RETRY_AFTER_MS = 15_000;

/** The number of the host's own first question; clients' are counted from 1. */
const HELLO = 0;

interface Asked {
  readonly id: number;
  readonly client: number;
  readonly operation: EngineOperation;
  readonly input: unknown;
  readonly isHeavy: boolean;
  deaths: number;
  /** Whether the present process has it. */
  isSent: boolean;
  /** Whether nobody waits any more for what the process still computes. */
  isCancelled: boolean;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: UnravelError) => void;
}

/** Where the engine's messages go besides answers. */
export interface EngineOptions {
  readonly startProcess: StartProcess;
  readonly workspace: string;
  readonly emit: Emit;
  /** Milliseconds, of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Keeps one engine process running and asks it things. When it dies it is started again, and what it was asked is
 * asked again, so that a client notices no more than a delay. Each client has its share of it, see {@link RequestQueue}.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #now: () => number;
  readonly #asked = new Map<number, Asked>();
  /** Those that were never under way at a crash. */
  readonly #queue = new RequestQueue<Asked>();
  readonly #crashes: number[] = [];
  #process: HostProcess | undefined;
  /** Whether the present process has answered. */
  #isUp = false;
  /** Whether the present process was ended by {@link restart}, which is no crash. */
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
   * Asks the engine.
   *
   * @param input - valid already: the engine validates again, and nobody else
   * @param asker - what is asked for a client that goes away is dropped, but for what changes something
   * @returns the answer as it came; whoever reads it validates it
   * @throws UnravelError what the engine answered; `cancelled` where nobody waits any more; `disconnected` where it died; `native` where this request kills it
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
      const asked: Asked = {
        ...{ id: (this.#lastId += 1), client, operation, input, isHeavy: HEAVY.has(operation) },
        ...{ deaths: 0, isSent: false, isCancelled: false },
        resolve: resolve as (output: unknown) => void,
        reject,
      };
      this.#asked.set(asked.id, asked);
      this.#queue.add(asked);
      if (signal !== PROGRAM.signal) signal.addEventListener('abort', () => this.#cancel(asked));
      this.#sendWaiting();
    });
  }

  /**
   * Ends the process and starts another at once, such as of a newer build. This does not count as a crash: the new process
   * is asked again what the old one had not answered.
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

  /** Ends the process and everything it was asked. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#rejectAll(closed());
    const running = this.#process;
    if (!running) return;
    await new Promise<void>((resolve) => {
      this.#onGone = resolve;
      running.kill();
    });
  }

  #onGone: () => void = () => undefined;

  #spawn(): void {
    const started = this.#options.startProcess('engine', ['--workspace', this.#options.workspace]);
    this.#process = started;
    this.#isUp = false;
    started.port.onMessage((message) => this.#hear(message));
    started.onExit((exit) => this.#bury(started, exit));
    // A process that has closed its channel is of no use, whatever else it still does.
    started.port.onClose(() => started.kill());
    // What a process dies of before it answers this is not the fault of anything that it was asked.
    this.#post({ type: 'request', id: HELLO, operation: 'engine.describe', input: {} });
  }

  /** The process has answered for the first time: it is asked what waits. */
  #greet(): void {
    this.#isUp = true;
    this.#setState('ready');
    this.#sendWaiting();
    this.#sendNextSuspect();
  }

  #sendWaiting(): void {
    if (!this.#isUp) return;
    for (let next = this.#queue.take(); next; next = this.#queue.take()) this.#send(next);
  }

  #send(asked: Asked): void {
    if (!this.#isUp) return;
    asked.isSent = true;
    const { id, client, operation, input } = asked;
    this.#post({ type: 'request', id, client, operation, input });
  }

  #post(message: Request | Cancel): void {
    this.#process?.port.post(message);
  }

  /** Nobody waits for it any more. What was asked of the process keeps its place until that is done with it. */
  #cancel(asked: Asked): void {
    if (!this.#asked.has(asked.id) || NOT_ASKED_AGAIN.has(asked.operation)) return;
    asked.reject(cancelled());
    if (asked.isSent) {
      asked.isCancelled = true;
      this.#post({ type: 'cancel', id: asked.id });
    } else {
      this.#forget(asked);
    }
  }

  #forget(asked: Asked): void {
    this.#asked.delete(asked.id);
    this.#queue.remove(asked);
    this.#sendWaiting();
    if (asked.deaths > 0) this.#sendNextSuspect();
  }

  /** Those that were under way at a crash are asked again one at a time, so that the next one names the guilty. */
  #sendNextSuspect(): void {
    const suspects = [...this.#asked.values()].filter(({ deaths }) => deaths > 0);
    if (suspects.some(({ isSent }) => isSent)) return;
    const next = suspects[0];
    if (next) this.#send(next);
  }

  #hear(message: unknown): void {
    const parsed = v.safeParse(AnswerSchema, message);
    if (!parsed.success) return;
    const answer = parsed.output;
    if (answer.type === 'event') {
      if (!isEvent(answer.event)) return;
      const payload = v.safeParse(events[answer.event], answer.payload);
      if (payload.success) this.#options.emit(answer.event, payload.output);
      return;
    }
    if (!this.#isUp) this.#greet();
    const asked = this.#asked.get(answer.id);
    if (!asked) return;
    if (answer.type === 'response') asked.resolve(answer.output);
    else asked.reject(errorFromPayload(answer.error));
    this.#forget(asked);
  }

  #bury(dead: HostProcess, exit: ProcessExit): void {
    if (this.#process !== dead) return;
    this.#process = undefined;
    this.#isUp = false;
    if (this.#isClosed) {
      this.#onGone();
      return;
    }
    const isCrash = !this.#isReplaced;
    this.#isReplaced = false;
    this.#takeBack({ isCrash });
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

  /** Decides what becomes of the requests that were under way when the process ended. */
  #takeBack({ isCrash }: { readonly isCrash: boolean }): void {
    this.#queue.reset();
    for (const [id, asked] of this.#asked) {
      if (!asked.isSent) continue;
      asked.isSent = false;
      if (isCrash) asked.deaths += 1;
      if (asked.isCancelled) {
        this.#asked.delete(id);
      } else if (NOT_ASKED_AGAIN.has(asked.operation)) {
        this.#asked.delete(id);
        asked.reject(
          new UnravelError(
            'disconnected',
            'The engine ended before it said whether this was done. Look, and try again if it was not.',
          ),
        );
      } else if (asked.deaths >= MOST_DEATHS) {
        this.#asked.delete(id);
        asked.reject(
          new UnravelError('native', `The engine ended twice over the same question (${asked.operation}).`, {
            hint: 'Unravel goes on without the answer. What it was about may be damaged: import or train it again.',
          }),
        );
      } else if (asked.deaths === 0) {
        this.#queue.add(asked);
      }
    }
  }

  #failure(): UnravelError {
    return this.#error ?? new UnravelError('native', 'The engine does not start.');
  }

  #rejectAll(error: UnravelError): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
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
