import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UnravelError, type ErrorPayload } from '../contract/errors.ts';
import { isEnd, type Job, type JobOrder, type JobRequest, type JobResult } from '../contract/job.ts';
import type { EventPayload } from '../contract/events.ts';
import type { Emit } from '../contract/serve.ts';
import { randomHex } from './files.ts';
import { JobProcess, type JobEnd, type JobNews } from './job-process.ts';
import { JobStore, type StoredJob } from './job-store.ts';
import { isTraining, writesFile } from './job-words.ts';
import { describeExit, type StartProcess } from './process.ts';
import { Thinner } from './thin.ts';

/** A training alone takes every core; of the others two at once keep them busy. */
const MOST_OTHERS = 2;
/** News of one kind goes out about four times a second. */
const NEWS_MS = 250;
/** A job that was told to stop gets so long: a step on a slow processor, and a checkpoint. */
const STOP_PATIENCE_MS = 30_000;

/** Why a running job was told to stop. */
type Wish = 'cancel' | 'pause' | 'quit';

interface Entry {
  job: Job;
  readonly order: JobOrder;
  process?: JobProcess;
  wish?: Wish;
  readonly news: Thinner<Job>;
  readonly steps: Thinner<EventPayload<'step'>>;
}

/** What jobs need of the host. */
export interface JobsOptions {
  readonly startProcess: StartProcess;
  readonly workspace: string;
  readonly emit: Emit;
  /** Gives what a job has written a name that clients can use. */
  readonly grantResult: (order: JobOrder, result: JobResult) => JobResult;
  /** Hears, once for each job that {@link Jobs.start} was given, that nothing of its order is needed any more. */
  readonly onEnd?: (order: JobOrder, end: { readonly isDone: boolean }) => void;
  /** Hears that the list of jobs could not be kept on disk. */
  readonly onTrouble: (error: unknown) => void;
}

/** The queue of long work: one training at a time, the others at once, each in a process of its own. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #store: JobStore;
  readonly #entries = new Map<string, Entry>();
  #lastOrder = 0;
  #isClosing = false;
  #onIdle: () => void = () => undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#store = new JobStore(options.workspace);
  }

  /** Takes up what an earlier host left, and begins what waits. */
  async load(): Promise<void> {
    const left = await this.#store.read();
    for (const { job, order } of left) {
      this.#lastOrder = Math.max(this.#lastOrder, job.order);
      // Whoever waited for a measurement has gone with the window.
      if (order.kind !== 'measure') this.#add({ ...job, ...stateAfterHost(job, order) }, order);
    }
    if (left.length > 0) this.#save();
    this.#startWaiting();
  }

  /** In the order of the queue. */
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
    return this.#sorted().flatMap(({ process }) => process?.pid ?? []);
  }

  /** Adds a job to the queue; it begins at once where it can. */
  start(request: JobRequest, order: JobOrder, title: string): Job {
    if (this.#isClosing) throw new UnravelError('conflict', 'Unravel is being closed.');
    if (request.kind === 'resume') {
      const known = this.#sorted().find(({ job }) => job.run === request.run && !isEnd(job.state));
      if (known) return this.resume(known.job.id);
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
    if (job.state === 'running' && entry.wish === undefined) {
      this.#change(entry, { state: 'pausing' });
      this.#stop(entry, 'pause');
    }
    return entry.job;
  }

  /** @throws UnravelError `conflict` for a job that is not paused or interrupted */
  resume(id: string): Job {
    const entry = this.#find(id);
    const { state, title } = entry.job;
    if (state === 'queued' || state === 'running') return entry.job;
    if (state !== 'paused' && state !== 'interrupted') {
      throw new UnravelError(
        'conflict',
        state === 'pausing' ? `“${title}” is still being paused.` : `“${title}” has ended.`,
      );
    }
    this.#change(entry, { state: 'queued', error: undefined });
    this.#startWaiting();
    return entry.job;
  }

  /** @throws UnravelError `conflict` for a job that waits or runs */
  dismiss(id: string): void {
    const { job, process } = this.#find(id);
    if (!isEnd(job.state) && job.state !== 'paused' && job.state !== 'interrupted') {
      throw new UnravelError('conflict', `“${job.title}” has not ended. Stop it first.`);
    }
    // Its process may still be tidying up; the slot is freed when it is gone.
    if (process) process.kill();
    this.#entries.delete(id);
    this.#options.emit('job.dismissed', { job: id });
    this.#save();
    this.#startWaiting();
  }

  /**
   * Stops everything in an orderly way: trainings write a checkpoint and are queued again at the next start.
   *
   * @param patienceMs - what has not stopped by then is killed
   */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true;
    const running = [...this.#running()];
    if (running.length === 0) return this.#saved;
    const gone = new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const entry of running) {
      if (entry.process?.hasEnded) entry.process.kill();
      else this.#stop(entry, entry.wish ?? 'quit', patienceMs);
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

  *#running(): Generator<Entry> {
    for (const entry of this.#entries.values()) if (entry.process) yield entry;
  }

  #add(job: Job, order: JobOrder): Entry {
    const { emit } = this.#options;
    const entry: Entry = {
      job,
      order,
      news: new Thinner(NEWS_MS, (changed) => emit('job', changed)),
      steps: new Thinner(NEWS_MS, (step) => emit('step', step)),
    };
    this.#entries.set(job.id, entry);
    return entry;
  }

  #startWaiting(): void {
    if (this.#isClosing) return;
    for (const entry of this.#sorted()) {
      if (entry.job.state === 'queued' && !entry.process && this.#hasRoomFor(entry.job.request))
        this.#begin(entry);
    }
  }

  #hasRoomFor(request: JobRequest): boolean {
    const running = [...this.#running()].map(({ job }) => isTraining(job.request));
    return isTraining(request)
      ? !running.includes(true)
      : running.filter((training) => !training).length < MOST_OTHERS;
  }

  #begin(entry: Entry): void {
    const { startProcess, workspace } = this.#options;
    const { run } = entry.job;
    const order: JobOrder =
      run !== undefined && isTraining(entry.job.request) ? { kind: 'resume', run } : entry.order;
    delete entry.wish;
    entry.process = new JobProcess(startProcess, workspace, order, {
      onNews: (news) => this.#hear(entry, news),
      onEnd: (end) => this.#end(entry, end),
      onGone: () => this.#free(entry),
    });
    this.#change(entry, { state: 'running' });
  }

  #stop(entry: Entry, wish: Wish, patienceMs = STOP_PATIENCE_MS): void {
    // Who wants it gone for good does not wait for a pause, and is not overruled by one.
    if (entry.wish === undefined || wish === 'cancel') entry.wish = wish;
    entry.process?.stop(patienceMs);
  }

  #hear(entry: Entry, news: JobNews): void {
    const { emit } = this.#options;
    switch (news.type) {
      case 'progress':
        entry.job = { ...entry.job, progress: news.progress };
        entry.news.push(entry.job);
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
      this.#change(entry, changeAfter(entry, end));
    }
    if (isTraining(entry.job.request)) emit('runs.changed', {});
  }

  #free(entry: Entry): void {
    delete entry.process;
    delete entry.wish;
    if (this.#isClosing && [...this.#running()].length === 0) this.#onIdle();
    this.#startWaiting();
  }

  #change(entry: Entry, change: { [K in keyof Job]?: Job[K] | undefined }): void {
    entry.news.drop();
    const hadEnded = isEnd(entry.job.state);
    const changed = { ...entry.job, ...change };
    if (changed.error === undefined) delete changed.error;
    entry.job = changed as Job;
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
    this.#saved = this.#store.write(jobs).catch(this.#options.onTrouble);
  }
}

/** What becomes of a job whose process ended otherwise than well. */
function changeAfter(
  { job, wish }: Entry,
  end: Exclude<JobEnd, { type: 'done' }>,
): Partial<Pick<Job, 'state' | 'error' | 'result'>> {
  const training = isTraining(job.request);
  if (wish === 'cancel') return { state: 'cancelled' };
  if (end.type === 'failed') {
    // Its run goes on from the last checkpoint when there is space again.
    if (training && end.error.code === 'disk-full') return { state: 'interrupted', error: end.error };
    return end.error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error: end.error };
  }
  if (end.type === 'crashed') {
    const error = crash(job, describeExit(end.exit));
    return training ? { state: 'interrupted', error } : { state: 'failed', error };
  }
  if (!training) return { state: 'cancelled', error: stoppedByClosing(job) };
  if (wish === 'pause') return { state: 'paused' };
  // Told to stop because Unravel is being closed, it goes on with the next start. Nobody else tells it to.
  return { state: wish === 'quit' ? 'queued' : 'interrupted' };
}

/** A job that an earlier host has left: what waited, or was put in order when that host closed, goes on by itself. */
function stateAfterHost(job: Job, order: JobOrder): Partial<Pick<Job, 'state' | 'error'>> {
  if (job.state === 'running' || job.state === 'pausing') {
    const message = `Unravel ended while “${job.title}” was under way.`;
    return isTraining(job.request)
      ? { state: 'interrupted', error: lost(message, 'Resume goes on from the last checkpoint.') }
      : { state: 'failed', error: lost(message, 'Start it again.') };
  }
  if (job.state !== 'queued' || hasItsFiles(order)) return {};
  return {
    state: 'failed',
    error: lost(`Unravel was closed before “${job.title}” began, and its files are gone.`, 'Start it again.'),
  };
}

/** Uploads, and files that were to be downloaded, went with the host that made their place. */
function hasItsFiles(order: JobOrder): boolean {
  if (order.kind === 'import') return order.paths.every((path) => existsSync(path));
  return !writesFile(order) || existsSync(dirname(order.path));
}

function lost(message: string, hint: string): ErrorPayload {
  return { code: 'disconnected', message, hint };
}

function crash(job: Job, how: string): ErrorPayload {
  return lost(
    `The process of “${job.title}” ended unexpectedly (${how}).`,
    `${isTraining(job.request) ? 'Resume goes on from the last checkpoint.' : 'Try again.'} ` +
      'If it happens again, there may be too little memory.',
  );
}

function stoppedByClosing(job: Job): ErrorPayload {
  return { code: 'cancelled', message: `“${job.title}” was stopped because Unravel was closed.` };
}
