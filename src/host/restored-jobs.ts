import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { isEnd, type Held, type Job, type JobOrder, type JobRequest } from '../contract/job.ts';
import { lost } from './job-states.ts';
import type { StoredJob, StoredJobs } from './job-store.ts';
import { isTraining, titleOf, writesFile } from './job-words.ts';

/**
 * What becomes of the jobs that an earlier host has left in a workspace. What names files outside the workspace is held
 * until a person starts it, and so is everything in a list that this person's Unravel did not write in this folder: a
 * workspace may come from anybody. Paths are not looked at here, because looking alone can reach another machine.
 *
 * @param isTemporary - true for a path that earlier hosts made up; it went with them
 * @returns in the order of the queue, numbered from 1
 */
export function restoreJobs(
  { jobs, isOwn }: StoredJobs,
  isTemporary: (path: string) => boolean,
): readonly StoredJob[] {
  return (
    [...jobs]
      .sort((a, b) => a.job.order - b.job.order)
      // Whoever waited for a measurement has gone with the window.
      .filter(({ job, order }) => order.kind !== 'measure' && !isEnd(job.state))
      .map(({ job, order }, i) => {
        const known = isOwn ? job : withoutClaims(job, order);
        return { job: { ...stateAfterHost(known, order, { isOwn, isTemporary }), order: i + 1 }, order };
      })
  );
}

/** What a job is by its order alone: the rest of a stranger's list may say anything. */
function withoutClaims({ id, order: place, request, state, run }: Job, order: JobOrder): Job {
  const own = requestOf(order, request);
  const same = (name: string): string => name;
  return {
    id,
    order: place,
    request: own,
    title: titleOf(own, { dataset: same, run: same, source: () => nameOfPaths(order) }),
    state,
    ...(run !== undefined && isTraining(own) ? { run } : {}),
  };
}

/** What a client would have asked for. */
function requestOf(order: JobOrder, stored: JobRequest): JobRequest {
  if (order.kind === 'import') {
    const { paths: _paths, ...rest } = order;
    // The grant is one of an earlier host: it stands for nothing any more.
    const source = stored.kind === 'import' ? stored.source : `source-${'0'.repeat(16)}`;
    return { ...rest, source };
  }
  if (!writesFile(order)) return order;
  const { path: _path, ...rest } = order;
  return rest;
}

function nameOfPaths(order: JobOrder): string {
  if (order.kind !== 'import') return '';
  const [first = ''] = order.paths;
  return order.paths.length === 1 ? basename(first) || first : `${order.paths.length} files`;
}

function stateAfterHost(
  job: Job,
  order: JobOrder,
  { isOwn, isTemporary }: { readonly isOwn: boolean; readonly isTemporary: (path: string) => boolean },
): Job {
  if (job.state === 'running' || job.state === 'pausing') {
    const message = `Unravel ended while “${job.title}” was under way.`;
    return isTraining(job.request)
      ? { ...job, state: 'interrupted', error: lost(message, 'Resume goes on from the last checkpoint.') }
      : { ...job, state: 'failed', error: lost(message, 'Start it again.') };
  }
  // Trainings alone are paused or interrupted, and a person resumes them.
  const waits = isTraining(job.request) && (job.state === 'paused' || job.state === 'interrupted');
  if (waits) return job;
  const { reads, writes } = filesOf(order);
  const paths = [...reads, ...writes];
  if (paths.some(isTemporary)) {
    const message = `Unravel was closed before “${job.title}” began, and its files are gone.`;
    return { ...job, state: 'failed', error: lost(message, 'Start it again.') };
  }
  if (!isOwn) return { ...job, state: 'held', held: { reason: 'elsewhere', reads, writes } };
  if (paths.length > 0) return { ...job, state: 'held', held: { reason: 'files', reads, writes } };
  return { ...job, state: 'queued' };
}

/** The files outside the workspace that a job uses. */
function filesOf(order: JobOrder): Pick<Held, 'reads' | 'writes'> {
  return {
    reads: order.kind === 'import' ? [...order.paths] : [],
    writes: writesFile(order) ? [order.path] : [],
  };
}

/** What a job's file is called at its end. */
function endingOf(order: Extract<JobOrder, { path: string }>): string {
  return order.kind === 'export' ? '.gif' : `.${order.format}`;
}

/**
 * Checks a held job's files again when a person starts it. Nothing that is there is overwritten: whether that was wanted
 * was decided, if at all, by somebody who cannot be asked any more.
 *
 * @throws UnravelError `not-found`, `conflict` or `bad-input` where they do not fit; the job stays held
 */
export async function checkHeldFiles(order: JobOrder, title: string): Promise<void> {
  const { reads, writes } = filesOf(order);
  const hint = 'Discard this job, and start it again with files that you choose.';
  for (const path of [...reads, ...writes]) {
    if (isAbsolute(path)) continue;
    throw new UnravelError('bad-input', `“${title}” was not started: ${path} is not a whole path.`, {
      path,
      hint,
    });
  }
  for (const path of reads) {
    if (await exists(path)) continue;
    throw new UnravelError('not-found', `“${title}” was not started: ${path} is not there.`, { path, hint });
  }
  if (!writesFile(order)) return;
  const { path } = order;
  if (extname(path).toLowerCase() !== endingOf(order)) {
    const message = `“${title}” was not started: ${path} is not the name of a ${endingOf(order).slice(1).toUpperCase()} file.`;
    throw new UnravelError('bad-input', message, { path, hint });
  }
  if (!(await stat(dirname(path)).catch(() => undefined))?.isDirectory()) {
    const message = `“${title}” was not started: there is no folder ${dirname(path)}.`;
    throw new UnravelError('not-found', message, { path, hint });
  }
  if (await exists(path)) {
    const message = `“${title}” was not started: ${path} is there already, and would be overwritten.`;
    throw new UnravelError('conflict', message, { path, hint });
  }
}

/** Whether something has this name, a link that leads nowhere included. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
