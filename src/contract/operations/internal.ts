import * as v from 'valibot';
import { CropSchema } from '../dataset.ts';
import { operation } from '../operation.ts';
import { AppSchema } from './app.ts';
import { InspectionSchema } from './sources.ts';

const path = v.pipe(v.string(), v.minLength(1));

export const internalOperations = {
  /** What `sources.inspect` answers, of files and folders. */
  'engine.inspect': operation(
    'internal',
    v.object({
      paths: v.pipe(v.array(path), v.minLength(1)),
      crop: CropSchema,
      seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
    InspectionSchema,
  ),
  'engine.describe': operation(
    'internal',
    v.object({}),
    v.object({ workspace: v.string(), device: AppSchema.entries.device }),
  ),
};
