import type { JobOrder, JobRequest } from '../contract/job.ts';
import { objectiveTitle } from '../contract/run.ts';
import { savedEnding, type SavedItem } from '../contract/saved-file.ts';

/** Looks up the names of what a request gives only ids and grants of. */
export interface Names {
  dataset(id: string): string;
  run(id: string): string;
  source(grant: string): string;
}

/** `VAE on celeba`: the name of a run and of the images that it works on, which the run's own name often ends with. */
function onImages(run: string, dataset: string): string {
  return run.includes(` on ${dataset}`) ? run : `${run} on ${dataset}`;
}

/** One line that says what a job does. */
export function titleOf(request: JobRequest, names: Names): string {
  switch (request.kind) {
    case 'import':
      return `Importing ${request.name ?? names.source(request.source)}`;
    case 'import-codes':
      return `Importing ${request.name ?? names.source(request.source)}`;
    case 'sample-data':
      return request.what === 'faces' ? 'Drawing sample faces' : 'Drawing sprites';
    case 'train':
      return `Training ${onImages(
        request.name ?? objectiveTitle(request.config.objective.model),
        names.dataset(request.dataset),
      )}`;
    case 'resume':
      return `Training ${names.run(request.run)}`;
    case 'sharpen':
      return `Sharpening ${names.run(request.run)}`;
    case 'measure':
      return `Timing ${objectiveTitle(request.config.objective.model)} on ${names.dataset(request.dataset)}`;
    case 'encode':
      return `Encoding ${names.dataset(request.dataset)} with ${names.run(request.run)}`;
    case 'axes':
      return `Finding independent axes of ${onImages(names.run(request.run), names.dataset(request.dataset))}`;
    case 'evaluate':
      return `Measuring ${onImages(names.run(request.run), names.dataset(request.dataset))}`;
    case 'figures':
      return `Drawing figures of ${request.runs.map((run) => names.run(run)).join(', ')}`;
    case 'export':
      return `Exporting ${request.recipe.kind === 'interpolation' ? 'an interpolation' : 'a traversal'} of ${names.run(request.recipe.run)}`;
    case 'save':
      return `Exporting ${savedName(request.saved, names)}`;
  }
}

function savedName(saved: SavedItem, names: Names): string {
  switch (saved.item) {
    case 'model':
      return `the model ${names.run(saved.run)}`;
    case 'page':
      return `${names.run(saved.run)} as a web page`;
    case 'codes':
      return `codes of ${names.dataset(saved.dataset)}`;
    case 'dataset':
      return names.dataset(saved.dataset);
  }
}

/** Paths outside the workspace that a job reads. */
export function pathsRead(order: JobOrder): readonly string[] {
  if (order.kind === 'import') return order.paths;
  if (order.kind !== 'import-codes') return [];
  return [order.codes, ...(order.images?.kind === 'source' ? [order.images.path] : [])];
}

/** Jobs that write one file: at a path that the person chose, or in a temporary folder for download. */
export type FileWriting<T extends JobRequest | JobOrder> = Extract<
  T,
  { kind: 'export' | 'figures' | 'save' }
>;

/** Whether a job writes one file. */
export function writesFile<T extends JobRequest | JobOrder>(job: T): job is FileWriting<T> {
  return job.kind === 'export' || job.kind === 'figures' || job.kind === 'save';
}

/** The default name of the file that a job writes. */
export function fileNameOf(request: FileWriting<JobRequest>): string {
  switch (request.kind) {
    case 'export':
      return `${request.recipe.run}-${request.recipe.kind}.gif`;
    case 'figures':
      return `figures-${request.dataset}.${request.format}`;
    case 'save': {
      const { saved } = request;
      const id = saved.item === 'dataset' ? saved.dataset : saved.run;
      return `${id}${saved.item === 'codes' ? '-codes' : ''}.${savedEnding(saved)}`;
    }
  }
}
