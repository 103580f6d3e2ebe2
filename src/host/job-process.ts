import * as v from 'valibot';
import type { ErrorPayload } from '../contract/errors.ts';
import { JobReportSchema, type JobCommand, type JobReport } from '../contract/job-channel.ts';
import type { JobOrder, JobResult } from '../contract/job.ts';
import type { HostProcess, ProcessExit, StartProcess } from './process.ts';

/** How a job ended: with a last report, or with a crash of its process. */
export type JobEnd =
  | { readonly type: 'done' | 'stopped'; readonly result: JobResult }
  | { readonly type: 'failed'; readonly error: ErrorPayload }
  | { readonly type: 'crashed'; readonly exit: ProcessExit };

/** What a job's process reports before its end. */
export type JobNews = Exclude<JobReport, { type: 'done' | 'stopped' | 'failed' }>;

/** The callbacks of a job's process. */
export interface JobListener {
  onNews(news: JobNews): void;
  /** Called once. */
  onEnd(end: JobEnd): void;
  /** Called once, after {@link onEnd}, when the process has exited. */
  onExit(): void;
}

/** How long a process may clean up after its last report, before it is killed. */
const CLEANUP_TIMEOUT_MS = 5000;

/** One job in a process of its own, from its order to its end. */
export class JobProcess {
  readonly #process: HostProcess;
  readonly #listener: JobListener;
  #hasEnded = false;
  #hasExited = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(startProcess: StartProcess, workspace: string, order: JobOrder, listener: JobListener) {
    this.#listener = listener;
    this.#process = startProcess('job', []);
    this.#process.port.onMessage((message) => this.#handleMessage(message));
    this.#process.onExit((exit) => this.#handleExit(exit));
    // A process that has closed its channel can report nothing more, and would occupy its place in the queue.
    this.#process.port.onClose(() => this.kill());
    this.#post({ type: 'start', workspace, order });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it has sent its last report and is only cleaning up. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Asks it to stop in an orderly way; a training writes a checkpoint.
   *
   * @param timeoutMs - it is killed if it has not ended by then
   */
  stop(timeoutMs: number): void {
    if (this.#hasEnded) return;
    this.#post({ type: 'stop' });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), timeoutMs);
  }

  kill(): void {
    if (!this.#hasExited) this.#process.kill();
  }

  #post(command: JobCommand): void {
    this.#process.port.post(command);
  }

  #handleMessage(message: unknown): void {
    const parsed = v.safeParse(JobReportSchema, message);
    if (!parsed.success || this.#hasEnded) return;
    const report = parsed.output;
    if (report.type === 'done' || report.type === 'stopped' || report.type === 'failed') this.#end(report);
    else this.#listener.onNews(report);
  }

  #handleExit(exit: ProcessExit): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    clearTimeout(this.#timer);
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#listener.onEnd({ type: 'crashed', exit });
    }
    this.#listener.onExit();
  }

  #end(end: JobEnd): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), CLEANUP_TIMEOUT_MS);
    this.#listener.onEnd(end);
  }
}
