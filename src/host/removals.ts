import { join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { isEnd, type Job, type JobRequest } from '../contract/job.ts';
import { UNDO_MS } from '../contract/operations/datasets.ts';
import type { Asker } from '../contract/serve.ts';
import { removeLeftovers } from '../system/remove.ts';
import { REMOVED_NAME } from '../system/removed.ts';
import type { Engine } from './engine.ts';
import type { Jobs } from './jobs.ts';

export type RemovedKind = 'dataset' | 'run';

/** What removals depend on. */
export interface RemovalsOptions {
  readonly engine: Pick<Engine, 'request'>;
  readonly jobs: Pick<Jobs, 'list' | 'dismiss'>;
  /** How long what was removed can be restored. */
  readonly undoMs?: number;
  /** Called where the files of something removed could not be deleted. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Removes data sets and runs so that they can be restored for a minute. Then the engine deletes their files; if the
 * host ends before that, the next one does.
 */
export class Removals {
  readonly #options: RemovalsOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: RemovalsOptions) {
    this.#options = options;
  }

  /** @throws UnravelError `conflict` while a job uses it, and the errors of `datasets.remove` and `runs.remove` */
  async remove(kind: RemovedKind, id: string, asker: Asker): Promise<void> {
    const { engine, jobs, undoMs = UNDO_MS } = this.#options;
    const isOwn = (job: Job): boolean => uses(job, kind, id);
    const user = jobs.list().find((job) => isOwn(job) && isActive(job));
    if (user) {
      throw new UnravelError('conflict', `“${user.title}” uses this ${NOUNS[kind]}.`, {
        hint: 'Wait until it is done, or stop it first.',
      });
    }
    if (kind === 'dataset') await engine.request('datasets.remove', { dataset: id }, asker);
    else await engine.request('runs.remove', { run: id }, asker);
    // A paused training of a removed run could not go on. It can be resumed from the run once that is restored.
    if (kind === 'run') for (const job of jobs.list()) if (isOwn(job) && !isActive(job)) jobs.dismiss(job.id);
    const timer = setTimeout(() => this.#delete(kind, id), undoMs);
    timer.unref();
    this.#timers.set(keyOf(kind, id), timer);
  }

  /** @throws UnravelError `not-found` if its files are deleted */
  async restore(kind: RemovedKind, id: string, asker: Asker): Promise<void> {
    const { engine } = this.#options;
    if (kind === 'dataset') await engine.request('datasets.restore', { dataset: id }, asker);
    else await engine.request('runs.restore', { run: id }, asker);
    this.#forget(kind, id);
  }

  /** Ends without deleting more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #forget(kind: RemovedKind, id: string): void {
    clearTimeout(this.#timers.get(keyOf(kind, id)));
    this.#timers.delete(keyOf(kind, id));
  }

  #delete(kind: RemovedKind, id: string): void {
    this.#forget(kind, id);
    const { engine, onTrouble } = this.#options;
    engine.request('engine.delete-removed', { kind, id }).catch(onTrouble);
  }
}

/** Deletes the files of what was removed before the last host ended. The caller holds the workspace's lock. */
export async function deleteRemovedBefore(workspace: string): Promise<void> {
  for (const store of ['datasets', 'runs']) await removeLeftovers(join(workspace, store), REMOVED_NAME);
}

const NOUNS: Readonly<Record<RemovedKind, string>> = { dataset: 'data set', run: 'run' };

function keyOf(kind: RemovedKind, id: string): string {
  return `${kind} ${id}`;
}

/** Whether a job goes on by itself. A held one begins only if a person starts it, and then says what is missing. */
function isActive({ state }: Job): boolean {
  return !isEnd(state) && state !== 'held' && state !== 'paused' && state !== 'interrupted';
}

function uses({ request, run }: Job, kind: RemovedKind, id: string): boolean {
  return kind === 'dataset' ? datasetOf(request) === id : run === id || runsOf(request).includes(id);
}

function datasetOf(request: JobRequest): string | undefined {
  if (request.kind === 'save') return request.saved.item === 'model' ? undefined : request.saved.dataset;
  return 'dataset' in request ? request.dataset : undefined;
}

function runsOf(request: JobRequest): readonly string[] {
  if (request.kind === 'save') return request.saved.item === 'dataset' ? [] : [request.saved.run];
  if (request.kind === 'export') return [request.recipe.run];
  if (request.kind === 'figures') return request.runs;
  return 'run' in request ? [request.run] : [];
}
