import type { Worker } from 'node:worker_threads';
import { errorFromPayload, UnravelError } from '../../contract/errors.ts';
import {
  allocateWindow,
  Control,
  FileState,
  type ImportItem,
  type ImportJob,
  type ImportOrigin,
  type ImportWindow,
  type WorkerMessage,
  type WorkerTask,
} from './import-protocol.ts';
import { restThread, takeThread } from './import-threads.ts';
import type { ImageForm } from '../image-files/read-image.ts';

/** A window of files that have all been read. */
export interface FinishedWindow {
  /** `[items]`, {@link FileState}. */
  readonly states: Uint8Array;
  /** `[items]`, of {@link Remark}. */
  readonly remarks: Uint8Array;
  readonly hashes: Uint8Array;
  readonly pixels: Uint8Array;
  /** The reason for a skipped file, by its position in the window. */
  readonly reasonOf: (place: number) => string;
  /** Returns the window's memory to the pool. */
  release(): void;
}

/** Options of a pool. */
export interface PoolOptions {
  readonly workers: number;
  readonly origin: ImportOrigin;
  readonly form: ImageForm;
  /** Measures the files' intensities instead of making images of them; see {@link ImportJob.histogram}. */
  readonly histogram?: SharedArrayBuffer;
  /** The file of the worker; the built one unless a test has its own. */
  readonly entry?: string;
}

interface Slot {
  worker: Worker;
  readonly job: ImportJob;
  readonly control: Int32Array;
  /** Windows that were sent to this worker and are not finished. */
  readonly open: Map<number, ImportWindow>;
}

interface Running {
  readonly window: ImportWindow;
  readonly reasons: Map<number, string>;
  waiting: number;
  readonly resolve: (finished: FinishedWindow) => void;
}

/** Maximum number of crashes that do not happen while a file is read. After that, the import fails. */
const MAX_IDLE_CRASHES = 3;

/**
 * Threads that decode files. If a thread crashes on a file, the file is skipped, the thread is replaced, and its
 * successor reads the rest of the block. Repeated crashes that are not caused by a file end the import.
 */
export class ImportPool {
  readonly #options: PoolOptions;
  readonly #slots: Slot[] = [];
  readonly #running = new Map<number, Running>();
  readonly #memory: ReturnType<typeof allocateWindow>[] = [];
  readonly #lock = new SharedArrayBuffer(4);
  readonly #finished = new SharedArrayBuffer(4);
  readonly #failure: Promise<never>;
  #fail: (error: UnravelError) => void = () => undefined;
  #failed = false;
  #closed = false;
  #nextWindow = 0;
  #idleCrashes = 0;
  #skipped = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#failure = new Promise((_, reject) => {
      this.#fail = (error) => {
        this.#failed = true;
        reject(error);
      };
    });
    // The failure is reported to callers that await a window. It must not count as unhandled while there are none.
    this.#failure.catch(() => undefined);
    for (let number = 1; number <= options.workers; number++) {
      const control = new SharedArrayBuffer(Control.length * 4);
      const job: ImportJob = {
        type: 'job',
        number,
        origin: options.origin,
        form: options.form,
        ...(options.histogram ? { histogram: options.histogram } : {}),
        control,
        lock: this.#lock,
        finished: this.#finished,
      };
      new Int32Array(control)[Control.current] = -1;
      this.#slots.push({
        worker: this.#startWorker(number - 1, job),
        job,
        control: new Int32Array(control),
        open: new Map(),
      });
    }
  }

  /** Files finished so far, read or skipped. */
  get filesFinished(): number {
    return Atomics.load(new Int32Array(this.#finished), 0);
  }

  /** Files skipped so far. */
  get filesSkipped(): number {
    return this.#skipped;
  }

  /**
   * Reads a window of files, at most {@link windowImages}. Windows are processed in the order of the calls. Call it
   * for the next window before this one is finished, so that no worker is idle.
   */
  process(items: readonly ImportItem[]): Promise<FinishedWindow> {
    const memory = this.#memory.pop() ?? allocateWindow(this.#options.form.imageSize);
    new Int32Array(memory.counter)[0] = 0;
    new Uint8Array(memory.states).fill(FileState.waiting);
    const window: ImportWindow = { type: 'window', id: this.#nextWindow++, items, ...memory };
    const finished = new Promise<FinishedWindow>((resolve) => {
      this.#running.set(window.id, { window, reasons: new Map(), waiting: this.#slots.length, resolve });
      for (const slot of this.#slots) {
        slot.open.set(window.id, window);
        slot.worker.postMessage(window);
      }
    });
    const outcome = Promise.race([finished, this.#failure]);
    // The caller awaits one window at a time. The failure of the next one must not count as unhandled.
    outcome.catch(() => undefined);
    return outcome;
  }

  /** Terminates workers that are busy. Idle ones are kept for the next import. */
  async close(): Promise<void> {
    this.#closed = true;
    const ends: Promise<number>[] = [];
    for (const { worker, open } of this.#slots) {
      if (open.size > 0 || this.#failed || this.#options.entry !== undefined) {
        ends.push(worker.terminate());
      } else {
        worker.postMessage({ type: 'rest' } satisfies WorkerTask);
        restThread(worker);
      }
    }
    await Promise.all(ends);
  }

  #startWorker(index: number, job: ImportJob): Worker {
    const worker = takeThread(this.#options.entry);
    let reason = '';
    worker.on('message', (message: WorkerMessage) => this.#handle(index, message));
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      if (!this.#closed) this.#replace(index, reason);
    });
    worker.postMessage(job);
    return worker;
  }

  #handle(index: number, message: WorkerMessage): void {
    if (message.type === 'failed') {
      this.#fail(errorFromPayload(message.error));
      return;
    }
    const running = this.#running.get(message.window);
    if (!running) return;
    if (message.type === 'done') {
      this.#finishShare(index, running);
      return;
    }
    running.reasons.set(message.index, message.reason);
    this.#skipped += 1;
  }

  #finishShare(index: number, running: Running): void {
    const { window } = running;
    if (!this.#slots[index]!.open.delete(window.id)) return;
    running.waiting -= 1;
    if (running.waiting > 0) return;
    this.#running.delete(window.id);
    const { counter, states, remarks, hashes, pixels } = window;
    running.resolve({
      states: new Uint8Array(states, 0, window.items.length),
      remarks: new Uint8Array(remarks, 0, window.items.length),
      hashes: new Uint8Array(hashes),
      pixels: new Uint8Array(pixels),
      reasonOf: (place) => running.reasons.get(place) ?? 'it could not be read',
      release: () => {
        this.#memory.push({ counter, states, remarks, hashes, pixels });
      },
    });
  }

  /** Replaces a worker that has ended unexpectedly, and skips its file. */
  #replace(index: number, reason: string): void {
    const slot = this.#slots[index]!;
    const stopped = slot.control[Control.current]!;
    const running = this.#running.get(slot.control[Control.window]!);
    let inherited: ImportWindow | undefined;
    if (stopped >= 0 && running) {
      this.#idleCrashes = 0;
      const why = reason ? `the decoder stopped on it (${reason})` : 'the decoder stopped on it';
      new Uint8Array(running.window.states)[stopped] = FileState.skipped;
      running.reasons.set(stopped, why);
      this.#skipped += 1;
      Atomics.add(new Int32Array(this.#finished), 0, 1);
      inherited = { ...running.window, inherited: [stopped + 1, slot.control[Control.blockEnd]!] };
    } else if (++this.#idleCrashes >= MAX_IDLE_CRASHES) {
      this.#fail(
        new UnravelError('internal', `The threads that read images keep stopping: ${reason || 'no reason'}.`),
      );
      return;
    }
    const lock = new Int32Array(this.#lock);
    if (Atomics.compareExchange(lock, 0, slot.job.number, 0) === slot.job.number) Atomics.notify(lock, 0);
    slot.control[Control.current] = -1;
    slot.worker = this.#startWorker(index, slot.job);
    for (const window of slot.open.values()) {
      slot.worker.postMessage(window.id === inherited?.id ? inherited : window);
    }
  }
}
