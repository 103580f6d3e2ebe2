import { isEnd, type Job, type JobRequest } from '../../../../contract/job.ts';
import type { RunInfo, TrainingConfig } from '../../../../contract/run.ts';
import { sharpeningConfig } from '../../../../contract/sharpen-run.ts';
import { modelName } from '../../../components/format.ts';
import { shortTitle } from '../../../components/run-words.ts';

/** Where a training stands, for people. */
export type EntryState =
  'held' | 'queued' | 'running' | 'pausing' | 'paused' | 'interrupted' | 'failed' | 'done' | 'imported';

/** A training in the list: a run, its job while there is one, or a job that has no run yet. */
export interface Entry {
  /** The run's id, or the job's before there is a run. */
  readonly key: string;
  readonly title: string;
  readonly state: EntryState;
  readonly run: RunInfo | undefined;
  readonly job: Job | undefined;
  readonly config: TrainingConfig | undefined;
  readonly datasetId: string | undefined;
}

/** The run that a training's job is about, as soon as there is one. */
function runIdOf({ run, request }: Job): string | undefined {
  return run ?? (request.kind === 'resume' ? request.run : undefined);
}

function stateOf(run: RunInfo | undefined, job: Job | undefined): EntryState {
  if (job && !isEnd(job.state)) return job.state as EntryState;
  if (job?.state === 'failed') return 'failed';
  if (!run) return job?.state === 'done' ? 'done' : 'interrupted';
  // A run that calls itself running and has no job here is trained elsewhere, by the command line.
  return run.state;
}

/** What a job that makes a run says of it, before there is one. */
function announced(
  request: JobRequest | undefined,
  runs: readonly RunInfo[],
): Partial<Pick<Entry, 'title' | 'config' | 'datasetId'>> {
  if (request?.kind === 'train') {
    const { config, dataset: datasetId, name } = request;
    return { config, datasetId, ...(name === undefined ? {} : { title: name }) };
  }
  const origin = request?.kind === 'sharpen' ? runs.find(({ id }) => id === request.run) : undefined;
  if (request?.kind !== 'sharpen' || !origin) return {};
  return {
    title: request.name ?? `${origin.name} sharpened`,
    config: sharpeningConfig(origin.config, request.choices),
    datasetId: request.dataset ?? origin.dataset?.id,
  };
}

function entryOf(run: RunInfo | undefined, job: Job | undefined, runs: readonly RunInfo[]): Entry {
  const request = job?.request;
  const coming = announced(request, runs);
  const own = run?.config ?? coming.config;
  // Until the job has begun, the run does not know the changes with which it goes on.
  const changes = request?.kind === 'resume' && job && !isEnd(job.state) ? request.changes : undefined;
  const config = own && { ...own, ...changes };
  return {
    key: run?.id ?? job!.id,
    title: run
      ? shortTitle(run)
      : (coming.title ?? (config ? modelName(config.objective.model) : job!.title)),
    state: stateOf(run, job),
    run,
    job,
    config,
    datasetId: run?.dataset?.id ?? coming.datasetId,
  };
}

/**
 * Everything that was trained, trains or waits: the jobs in the order of their queue, then earlier runs, newest
 * first. A run with several jobs, paused and resumed, has the place of the first and the state of the last.
 */
export function listEntries(jobs: readonly Job[], runs: readonly RunInfo[]): Entry[] {
  const byRun = new Map<string, Job>();
  const places: (string | Job)[] = [];
  for (const job of jobs) {
    const id = runIdOf(job);
    if (id === undefined) {
      // Stopped while it waited: nothing came of it.
      if (job.state !== 'cancelled') places.push(job);
      continue;
    }
    if (!byRun.has(id)) places.push(id);
    byRun.set(id, job);
  }
  const own = places.map((place) => {
    if (typeof place !== 'string') return entryOf(undefined, place, runs);
    return entryOf(
      runs.find(({ id }) => id === place),
      byRun.get(place),
      runs,
    );
  });
  const earlier = runs.filter(({ id }) => !byRun.has(id)).map((run) => entryOf(run, undefined, runs));
  return [...own, ...earlier];
}

/** The run that a sharpening was made from, by its id; undefined for an entry that is none. */
export function sharpenedFrom({ run, job }: Pick<Entry, 'run' | 'job'>): string | undefined {
  return run?.sharpening?.origin.id ?? (job?.request.kind === 'sharpen' ? job.request.run : undefined);
}

/** Epochs that are over and the one under way, of a training that goes on. */
export function epochUnderWay({ job, run, config }: Entry): number {
  if (!config) return 0;
  const { done = 0, total = 0 } = job?.progress ?? {};
  if (total === 0) return run?.epoch ?? 0;
  return Math.min(config.epochs, Math.floor((done / total) * config.epochs) + 1);
}

/** How much of a training is done, 0 to 1. */
export function partDone({ job, run, config }: Entry): number {
  if (job?.progress && job.progress.total > 0) return Math.min(1, job.progress.done / job.progress.total);
  return run && config ? Math.min(1, run.epoch / config.epochs) : 0;
}
