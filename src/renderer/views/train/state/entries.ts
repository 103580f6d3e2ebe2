import { isEnd, type Job } from '../../../../contract/job.ts';
import type { RunInfo, TrainingConfig } from '../../../../contract/run.ts';
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

function entryOf(run: RunInfo | undefined, job: Job | undefined): Entry {
  const request = job?.request;
  const own = run?.config ?? (request?.kind === 'train' ? request.config : undefined);
  // Until the job has begun, the run does not know the changes with which it goes on.
  const changes = request?.kind === 'resume' && job && !isEnd(job.state) ? request.changes : undefined;
  const config = own && { ...own, ...changes };
  const ownTitle = request?.kind === 'train' ? request.name : undefined;
  return {
    key: run?.id ?? job!.id,
    title: run ? shortTitle(run) : (ownTitle ?? (config ? modelName(config.objective.model) : job!.title)),
    state: stateOf(run, job),
    run,
    job,
    config,
    datasetId: run?.dataset?.id ?? (request?.kind === 'train' ? request.dataset : undefined),
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
    if (typeof place !== 'string') return entryOf(undefined, place);
    return entryOf(
      runs.find(({ id }) => id === place),
      byRun.get(place),
    );
  });
  const earlier = runs.filter(({ id }) => !byRun.has(id)).map((run) => entryOf(run, undefined));
  return [...own, ...earlier];
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
