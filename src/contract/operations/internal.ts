import * as v from 'valibot';
import { operation } from '../operation.ts';
import { AppSchema } from './app.ts';
import { inspectEntries, InspectionSchema } from './sources.ts';

const path = v.pipe(v.string(), v.minLength(1));

export const internalOperations = {
  /** What `sources.inspect` answers, of files and folders. */
  'engine.inspect': operation(
    'internal',
    v.object({
      paths: v.pipe(v.array(path), v.minLength(1)),
      ...inspectEntries,
    }),
    InspectionSchema,
  ),
  'engine.describe': operation(
    'internal',
    v.object({}),
    v.object({ workspace: v.string(), device: AppSchema.entries.device }),
  ),
};
