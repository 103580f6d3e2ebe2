import * as v from 'valibot';
import { operation } from '../operation.ts';
import { AppSchema } from './app.ts';
import { checkEntries, CheckSchema, inspectEntries, InspectionSchema } from './sources.ts';

const path = v.pipe(v.string(), v.minLength(1));

export const internalOperations = {
  /** The same as `sources.inspect`, for files and folders by their paths. */
  'engine.inspect': operation(
    'internal',
    v.object({
      paths: v.pipe(v.array(path), v.minLength(1)),
      ...inspectEntries,
    }),
    InspectionSchema,
  ),
  /** The same as `sources.check`, for files and folders by their paths. */
  'engine.check': operation(
    'internal',
    v.object({ paths: v.pipe(v.array(path), v.minLength(1)), ...checkEntries }),
    CheckSchema,
  ),
  'engine.describe': operation(
    'internal',
    v.object({}),
    v.object({ workspace: v.string(), device: AppSchema.entries.device }),
  ),
};
