import type { JobRequest } from '../contract/job.ts';
import { MODEL_TITLES } from '../contract/run.ts';

/** Names for people, of what a request only gives ids and grants of. */
export interface Names {
  dataset(id: string): string;
  run(id: string): string;
  source(grant: string): string;
}

/** One line that says what a job does. */
export function titleOf(request: JobRequest, names: Names): string {
  switch (request.kind) {
    case 'import':
      return `Importing ${request.name ?? names.source(request.source)}`;
    case 'sample-data':
      return request.what === 'faces' ? 'Drawing sample faces' : 'Drawing sprites';
    case 'train':
      return (
        `Training ${request.name ?? MODEL_TITLES[request.config.objective.model]}` +
        ` on ${names.dataset(request.dataset)}`
      );
    case 'resume':
      return `Training ${names.run(request.run)}`;
    case 'measure':
      return `Timing ${MODEL_TITLES[request.config.objective.model]} on ${names.dataset(request.dataset)}`;
    case 'encode':
      return `Encoding ${names.dataset(request.dataset)} with ${names.run(request.run)}`;
    case 'export':
      return `Exporting ${request.recipe.kind === 'traversal' ? 'a traversal' : 'an interpolation'} of ${names.run(request.recipe.run)}`;
  }
}

/** Whether a request trains a model: one of these at a time, and they can be paused. */
export function isTraining(request: JobRequest): boolean {
  return request.kind === 'train' || request.kind === 'resume';
}
