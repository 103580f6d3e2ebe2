import { UnravelError } from '../contract/errors.ts';
import {
  isEnd,
  isTraining,
  type Job,
  type JobOrder,
  type JobRequest,
  type JobResult,
} from '../contract/job.ts';
import type { EventPayload } from '../contract/events.ts';
import type { Emit } from '../contract/serve.ts';
import { randomHex } from './files.ts';
import { JobProcess, type JobEnd, type JobNews } from './job-process.ts';
import { changeAfterEnd, type StopReason } from './job-states.ts';
import { JobStore, type StoredJob } from './job-store.ts';
import type { StartProcess } from './process.ts';
import { checkHeldFiles, restoreJobs } from './restored-jobs.ts';
import { Throttle } from './throttle.ts';

/** Maximum number of jobs at a time besides the one training, which uses every core. */
const MOST_OTHER_JOBS = 2;
/** Shortest time between two events of one kind about one job. */
const EVENT_INTERVAL_MS = 250;
/** How long a job may take to stop: enough for one step on a slow processor, and a checkpoint. */
const STOP_TIMEOUT_MS = 30_000;

/** Maximum number of jobs that have not ended; each is shown as a card and kept on disk. */
const MOST_JOBS = 1000;

/** Whether a job makes a run of its own, which it goes on with after a pause. */
function isNewRun({ kind }: JobRequest): boolean {
  return kind === 'train' || kind === 'sharpen';
}

interface Entry {
  job: Job;
  readonly order: JobOrder;
  /** Set until the process has exited, even if the job was dismissed before. */
  process?: JobProcess;
  stopReason?: StopReason;
  readonly updates: Throttle<Job>;
  readonly steps: Throttle<EventPayload<'step'>>;
}

/** What the queue of jobs needs of the host. */
export interface JobsOptions {
  readonly startProcess: StartProcess;
  readonly workspace: string;
  /** The folder of the key that shows that this person's Unravel wrote the list of jobs. */
  readonly userFolder: string;
  /** Whether a path lies in a temporary folder of this or an earlier host. */
  readonly isTemporary: (path: string) => boolean;
  readonly emit: Emit;
  /** Grants clients the file that a job has written. */
  readonly grantResult: (order: JobOrder, result: JobResult) => JobResult;
  /** Called once at the end of each job: the files of its order are no longer needed. */
  readonly onEnd?: (order: JobOrder, end: { readonly isDone: boolean }) => void;
  /** Called where the list of jobs could not be read or written. */
  readonly onTrouble: (error: unknown) => void;
}

/** The queue of jobs. Each runs in a process of its own: one training at a time, and a few others beside it. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #store: JobStore;
  readonly #entries = new Map<string, Entry>();
  /** The entries that have a process, dismissed ones included until their process has exited. */
  readonly #live = new Set<Entry>();
  #lastOrder = 0;
  #isClosing = false;
  #onIdle: () => void = () => undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#store = new JobStore(options.workspace, options.userFolder);
  }

  /** Restores the jobs of an earlier host and starts queued ones. Those that the person must confirm are held. */
  async load(): Promise<void> {
    const stored = await this.#store.read((error) => this.#reportTrouble(error));
    for (const { job, order } of restoreJobs(stored, this.#options.isTemporary)) {
      this.#lastOrder = job.order;
      this.#add(job, order);
    }
    if (stored.jobs.length > 0) this.#save();
    this.#startWaiting();
  }

  /** All jobs in the order of the queue. */
  list(): Job[] {
    return this.#sorted().map(({ job }) => job);
  }

  /** Whether a training would lose time if the host ended now. */
  get isTraining(): boolean {
    return this.list().some(
      ({ state, request }) => isTraining(request) && (state === 'running' || state === 'pausing'),
    );
  }

  get pids(): number[] {
    return [...this.#live].flatMap(({ process }) => process?.pid ?? []);
  }

  /** Adds a job to the queue and starts it if there is room. */
  start(request: JobRequest, order: JobOrder, title: string): Job {
    if (this.#isClosing) throw new UnravelError('conflict', 'Unravel is being closed.');
    if (request.kind === 'resume') {
      const known = this.#sorted().find(({ job }) => job.run === request.run && !isEnd(job.state));
      if (known && request.changes) {
        throw new UnravelError('conflict', `“${known.job.title}” is not over yet.`, {
          hint: 'Wait until it has ended, then train it further.',
        });
      }
      if (known) return this.resume(known.job.id);
    }
    if (this.#sorted().filter(({ job }) => !isEnd(job.state)).length >= MOST_JOBS) {
      throw new UnravelError('conflict', `${MOST_JOBS} jobs are waiting already.`, {
        hint: 'Wait until some have ended, or cancel some.',
      });
    }
    const job: Job = {
      id: `job-${randomHex(4)}`,
      order: (this.#lastOrder += 1),
      request,
      title,
      state: 'queued',
      ...(request.kind === 'resume' ? { run: request.run } : {}),
    };
    const entry = this.#add(job, order);
    this.#options.emit('job', job);
    this.#save();
    this.#startWaiting();
    return entry.job;
  }

  /** Stops a job for good. One that has ended stays as it is. */
  cancel(id: string): Job {
    const entry = this.#find(id);
    const { state } = entry.job;
    if (state === 'running' || state === 'pausing') this.#stop(entry, 'cancel');
    else if (!isEnd(state)) this.#change(entry, { state: 'cancelled' });
    return entry.job;
  }

  /** @throws UnravelError `unsupported` for anything but a training, `conflict` for one that has ended */
  pause(id: string): Job {
    const entry = this.#find(id);
    const { job } = entry;
    if (!isTraining(job.request)) {
      throw new UnravelError('unsupported', `“${job.title}” cannot be paused, only stopped.`);
    }
    if (isEnd(job.state)) throw new UnravelError('conflict', `“${job.title}” has ended.`);
    if (job.state === 'queued') this.#change(entry, { state: 'paused' });
    if (job.state === 'running' && entry.stopReason === undefined) {
      this.#change(entry, { state: 'pausing' });
      this.#stop(entry, 'pause');
    }
    return entry.job;
  }

  /**
   * Starts a held job: the person has seen which files it uses.
   *
   * @throws UnravelError `not-found`, `conflict` or `bad-input` where the files do not fit; the job stays held
   */
  async confirm(id: string): Promise<Job> {
    const entry = this.#find(id);
    if (entry.job.state === 'held') await checkHeldFiles(entry.order, entry.job.title);
    // It may have been started or discarded meanwhile.
    const { job } = this.#find(id);
    if (job.state === 'held') this.#queue(entry);
    else if (job.state !== 'queued' && job.state !== 'running') {
      throw new UnravelError('conflict', `“${job.title}” is not waiting to be started.`);
    }
    return entry.job;
  }

  /** @throws UnravelError `conflict` for a job that is not paused or interrupted */
  resume(id: string): Job {
    const entry = this.#find(id);
    const { state, title, request } = entry.job;
    if (state === 'queued' || state === 'running') return entry.job;
    if (state === 'held' && isTraining(request)) return this.#queue(entry);
    if (state === 'held') {
      throw new UnravelError('conflict', `“${title}” has not been started.`, {
        hint: 'Check which files it uses, then start or discard it.',
      });
    }
    if (state !== 'paused' && state !== 'interrupted') {
      throw new UnravelError(
        'conflict',
        state === 'pausing' ? `“${title}” is still being paused.` : `“${title}” has ended.`,
      );
    }
    return this.#queue(entry);
  }

  /** @throws UnravelError `conflict` for a job that waits or runs */
  dismiss(id: string): void {
    const { job, process } = this.#find(id);
    if (!isEnd(job.state) && !['held', 'paused', 'interrupted'].includes(job.state)) {
      throw new UnravelError('conflict', `“${job.title}” has not ended. Stop it first.`);
    }
    // Its process may still be cleaning up. The next job starts only when it has exited.
    process?.kill();
    this.#entries.delete(id);
    this.#options.emit('job.dismissed', { job: id });
    this.#save();
  }

  /**
   * Stops every job: trainings write a checkpoint and are queued again at the next start.
   *
   * @param timeoutMs - jobs that have not stopped by then are killed
   */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#live.size === 0) return this.#saved;
    const gone = new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const entry of [...this.#live]) {
      if (entry.process?.hasEnded) entry.process.kill();
      else this.#stop(entry, entry.stopReason ?? 'quit', timeoutMs);
    }
    await gone;
    await this.#saved;
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new UnravelError('not-found', 'This job is no longer on the list.');
    return entry;
  }

  #sorted(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => a.job.order - b.job.order);
  }

  #add(job: Job, order: JobOrder): Entry {
    const { emit } = this.#options;
    const entry: Entry = {
      job,
      order,
      updates: new Throttle(EVENT_INTERVAL_MS, (changed) => emit('job', changed)),
      steps: new Throttle(EVENT_INTERVAL_MS, (step) => emit('step', step)),
    };
    this.#entries.set(job.id, entry);
    return entry;
  }

  #queue(entry: Entry): Job {
    this.#change(entry, { state: 'queued', error: undefined, held: undefined });
    this.#startWaiting();
    return entry.job;
  }

  #startWaiting(): void {
    if (this.#isClosing) return;
    for (const entry of this.#sorted()) {
      if (entry.job.state === 'queued' && !entry.process && this.#hasRoomFor(entry.job.request))
        this.#begin(entry);
    }
  }

  #hasRoomFor(request: JobRequest): boolean {
    const running = [...this.#live].map(({ job }) => isTraining(job.request));
    return isTraining(request)
      ? !running.includes(true)
      : running.filter((training) => !training).length < MOST_OTHER_JOBS;
  }

  #begin(entry: Entry): void {
    const { startProcess, workspace } = this.#options;
    const { run, request } = entry.job;
    // A training that has a run goes on with it. Changes are part of the order; they change nothing the second time.
    const order: JobOrder = run !== undefined && isNewRun(request) ? { kind: 'resume', run } : entry.order;
    delete entry.stopReason;
    entry.process = new JobProcess(startProcess, workspace, order, {
      onNews: (news) => this.#handleNews(entry, news),
      onEnd: (end) => this.#end(entry, end),
      onExit: () => this.#handleExit(entry),
    });
    this.#live.add(entry);
    this.#change(entry, { state: 'running' });
  }

  #stop(entry: Entry, stopReason: StopReason, timeoutMs = STOP_TIMEOUT_MS): void {
    // Cancelling replaces every other reason; no other reason replaces an earlier one.
    if (entry.stopReason === undefined || stopReason === 'cancel') entry.stopReason = stopReason;
    entry.process?.stop(timeoutMs);
  }

  #handleNews(entry: Entry, news: JobNews): void {
    const { emit } = this.#options;
    switch (news.type) {
      case 'progress':
        entry.job = { ...entry.job, progress: news.progress };
        entry.updates.push(entry.job);
        break;
      case 'warning':
        this.#change(entry, { warning: news.message });
        break;
      case 'run':
        this.#change(entry, { run: news.run });
        emit('runs.changed', {});
        break;
      case 'step':
        entry.steps.push({ run: news.run, klPerDimension: news.klPerDimension, ...news.metric });
        break;
      case 'epoch':
        entry.steps.flush();
        emit('epoch', { run: news.run, ...news.metric });
        emit('runs.changed', {});
    }
  }

  #end(entry: Entry, end: JobEnd): void {
    const { emit, grantResult } = this.#options;
    entry.steps.flush();
    if (end.type === 'done') {
      const result = grantResult(entry.order, end.result);
      this.#change(entry, {
        state: 'done',
        result,
        ...(result.run === undefined ? {} : { run: result.run }),
      });
      if (result.dataset !== undefined) emit('datasets.changed', {});
    } else {
      this.#change(entry, changeAfterEnd(entry.job, entry.stopReason, end));
    }
    if (isTraining(entry.job.request)) emit('runs.changed', {});
  }

  #handleExit(entry: Entry): void {
    delete entry.process;
    delete entry.stopReason;
    this.#live.delete(entry);
    if (this.#isClosing && this.#live.size === 0) this.#onIdle();
    this.#startWaiting();
  }

  #change(entry: Entry, change: { [K in keyof Job]?: Job[K] | undefined }): void {
    entry.updates.drop();
    const hadEnded = isEnd(entry.job.state);
    const changed = Object.entries({ ...entry.job, ...change }).filter(([, value]) => value !== undefined);
    entry.job = Object.fromEntries(changed) as unknown as Job;
    const { state } = entry.job;
    if (!hadEnded && isEnd(state)) this.#options.onEnd?.(entry.order, { isDone: state === 'done' });
    this.#options.emit('job', entry.job);
    this.#save();
  }

  #saved: Promise<void> = Promise.resolve();

  #save(): void {
    const jobs = this.#sorted()
      .filter(({ job }) => !isEnd(job.state))
      .map(({ job, order }): StoredJob => ({ job, order }));
    this.#saved = this.#store.write(jobs).then(
      () => (this.#lastMessage = undefined),
      (error: unknown) => this.#reportTrouble(error),
    );
  }

  #lastMessage: string | undefined;

  /** Reports an error once, although each attempt to write the list may repeat it. */
  #reportTrouble(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#lastMessage) return;
    this.#lastMessage = message;
    this.#options.onTrouble(error);
  }
}
