import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { isEnd, isTraining, type Held, type Job, type JobOrder, type JobRequest } from '../contract/job.ts';
import { savedEnding } from '../contract/saved-file.ts';
import { jobLostError } from './job-states.ts';
import type { StoredJob, StoredJobs } from './job-store.ts';
import { pathsRead, titleOf, writesFile } from './job-words.ts';

/**
 * Restores the jobs that an earlier host has left in a workspace. A job that uses files outside the workspace is held
 * until a person starts it. So is every job of a list that this person's Unravel did not write in this folder, because
 * a workspace may come from anybody. Paths are not opened here: opening one can already contact another machine.
 *
 * @param isTemporary - whether a path lay in a temporary folder of an earlier host, which no longer exists
 * @returns the jobs in the order of the queue, numbered from 1
 */
export function restoreJobs(
  { jobs, isOwn }: StoredJobs,
  isTemporary: (path: string) => boolean,
): readonly StoredJob[] {
  return (
    [...jobs]
      .sort((a, b) => a.job.order - b.job.order)
      // The window that waited for a measurement no longer exists.
      .filter(({ job, order }) => order.kind !== 'measure' && !isEnd(job.state))
      .map(({ job, order }, i) => {
        const known = isOwn ? job : rebuildFromOrder(job, order);
        return { job: { ...stateAfterHost(known, order, { isOwn, isTemporary }), order: i + 1 }, order };
      })
  );
}

/** Rebuilds a job from its order alone, because the rest of an untrusted list may be false. */
function rebuildFromOrder({ id, order: place, request, state, run }: Job, order: JobOrder): Job {
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

/** The request that leads to an order. */
function requestOf(order: JobOrder, stored: JobRequest): JobRequest {
  // The grant was made by an earlier host and is no longer valid.
  const gone = `source-${'0'.repeat(16)}`;
  if (order.kind === 'import') {
    const { paths: _paths, ...rest } = order;
    const source = stored.kind === 'import' ? stored.source : gone;
    return { ...rest, source };
  }
  if (order.kind === 'import-codes') {
    const { codes: _codes, images, ...rest } = order;
    const source = stored.kind === 'import-codes' ? stored.source : gone;
    if (!images) return { ...rest, source };
    return { ...rest, source, images: images.kind === 'dataset' ? images : { kind: 'source', source: gone } };
  }
  if (!writesFile(order)) return order;
  const { path: _path, ...rest } = order;
  return rest;
}

function nameOfPaths(order: JobOrder): string {
  if (order.kind === 'import-codes') return basename(order.codes);
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
    const message = `Unravel ended while “${job.title}” was running.`;
    return isTraining(job.request)
      ? {
          ...job,
          state: 'interrupted',
          error: jobLostError(message, 'Resume continues from the last checkpoint.'),
        }
      : { ...job, state: 'failed', error: jobLostError(message, 'Start it again.') };
  }
  // Only trainings can be paused or interrupted; they wait until a person resumes them.
  const waits = isTraining(job.request) && (job.state === 'paused' || job.state === 'interrupted');
  if (waits) return job;
  const { reads, writes } = filesOf(order);
  const paths = [...reads, ...writes];
  if (paths.some(isTemporary)) {
    const message = `Unravel was closed before “${job.title}” began, and its files are gone.`;
    return { ...job, state: 'failed', error: jobLostError(message, 'Start it again.') };
  }
  if (!isOwn) return { ...job, state: 'held', held: { reason: 'elsewhere', reads, writes } };
  if (paths.length > 0) return { ...job, state: 'held', held: { reason: 'files', reads, writes } };
  return { ...job, state: 'queued' };
}

/** The files outside the workspace that a job uses. */
function filesOf(order: JobOrder): Pick<Held, 'reads' | 'writes'> {
  return {
    reads: [...pathsRead(order)],
    writes: writesFile(order) ? [order.path] : [],
  };
}

/** The extension of the file that a job writes. */
function extensionOf(order: Extract<JobOrder, { path: string }>): string {
  switch (order.kind) {
    case 'export':
      return '.gif';
    case 'figures':
      return `.${order.format}`;
    case 'save':
      return `.${savedEnding(order.saved)}`;
  }
}

/**
 * Checks the files of a held job when a person starts it. An existing file is never overwritten, because the person has
 * not agreed to that.
 *
 * @throws UnravelError `not-found`, `conflict` or `bad-input` where the job cannot use them; it stays held
 */
export async function checkHeldFiles(order: JobOrder, title: string): Promise<void> {
  const { reads, writes } = filesOf(order);
  const hint = 'Discard this job, and start it again with files that you choose.';
  for (const path of [...reads, ...writes]) {
    if (isAbsolute(path)) continue;
    throw new UnravelError('bad-input', `“${title}” was not started: ${path} is not an absolute path.`, {
      path,
      hint,
    });
  }
  for (const path of reads) {
    if (await exists(path)) continue;
    throw new UnravelError('not-found', `“${title}” was not started: ${path} does not exist.`, {
      path,
      hint,
    });
  }
  if (!writesFile(order)) return;
  const { path } = order;
  if (extname(path).toLowerCase() !== extensionOf(order)) {
    const message = `“${title}” was not started: ${path} is not the name of a ${extensionOf(order).slice(1).toUpperCase()} file.`;
    throw new UnravelError('bad-input', message, { path, hint });
  }
  if (!(await stat(dirname(path)).catch(() => undefined))?.isDirectory()) {
    const message = `“${title}” was not started: there is no folder ${dirname(path)}.`;
    throw new UnravelError('not-found', message, { path, hint });
  }
  if (await exists(path)) {
    const message = `“${title}” was not started: ${path} already exists and would be overwritten.`;
    throw new UnravelError('conflict', message, { path, hint });
  }
}

/** Whether something has this name, including a broken link. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
