import * as v from 'valibot';
import type { ErrorPayload } from '../contract/errors.ts';
import { JobReportSchema, type JobCommand, type JobReport } from '../contract/job-channel.ts';
import type { JobOrder, JobResult } from '../contract/job.ts';
import type { HostProcess, ProcessExit, StartProcess } from './process.ts';

/** How a job's process ended: as it said, or without a word. */
export type JobEnd =
  | { readonly type: 'done' | 'stopped'; readonly result: JobResult }
  | { readonly type: 'failed'; readonly error: ErrorPayload }
  | { readonly type: 'crashed'; readonly exit: ProcessExit };

/** What a job's process says before its end. */
export type JobNews = Exclude<JobReport, { type: 'done' | 'stopped' | 'failed' }>;

/** Who hears of a job's process. */
export interface JobListener {
  onNews(news: JobNews): void;
  /** Once. */
  onEnd(end: JobEnd): void;
  /** Once, after {@link onEnd}: the process has given everything back. */
  onGone(): void;
}

/** A process that has said its last word may tidy up for so long. */
const TIDY_MS = 5000;

/** One job in its process, from its order to its one end. */
export class JobProcess {
  readonly #process: HostProcess;
  readonly #listener: JobListener;
  #hasEnded = false;
  #isGone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(startProcess: StartProcess, workspace: string, order: JobOrder, listener: JobListener) {
    this.#listener = listener;
    this.#process = startProcess('job', []);
    this.#process.port.onMessage((message) => this.#hear(message));
    this.#process.onExit((exit) => this.#bury(exit));
    // A process that has closed its channel is of no use, and would keep its place for as long as it lives.
    this.#process.port.onClose(() => this.kill());
    this.#post({ type: 'start', workspace, order });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it has said its last word, and only tidies up. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Asks it to stop in an orderly way; a training writes a checkpoint.
   *
   * @param patienceMs - when it has not ended by then it is killed
   */
  stop(patienceMs: number): void {
    if (this.#hasEnded) return;
    this.#post({ type: 'stop' });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), patienceMs);
  }

  kill(): void {
    if (!this.#isGone) this.#process.kill();
  }

  #post(command: JobCommand): void {
    this.#process.port.post(command);
  }

  #hear(message: unknown): void {
    const parsed = v.safeParse(JobReportSchema, message);
    if (!parsed.success || this.#hasEnded) return;
    const report = parsed.output;
    if (report.type === 'done' || report.type === 'stopped' || report.type === 'failed') this.#end(report);
    else this.#listener.onNews(report);
  }

  #bury(exit: ProcessExit): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#listener.onEnd({ type: 'crashed', exit });
    }
    this.#listener.onGone();
  }

  #end(end: JobEnd): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), TIDY_MS);
    this.#listener.onEnd(end);
  }
}
