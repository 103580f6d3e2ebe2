import * as v from 'valibot';
import { operation } from '../operation.ts';
import { IdSchema } from '../ids.ts';
import { RunInfoSchema } from '../run.ts';
import { AppSchema } from './app.ts';
import {
  checkEntries,
  CheckSchema,
  codesEntries,
  FoundCodesSchema,
  inspectEntries,
  InspectionSchema,
} from './sources.ts';

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
  /** The same as `sources.codes`, for files and folders by their paths. */
  'engine.codes': operation(
    'internal',
    v.object({ paths: v.pipe(v.array(path), v.minLength(1)), ...codesEntries }),
    v.nullable(FoundCodesSchema),
  ),
  /** The same as `models.import`, for files and folders by their paths. */
  'engine.import-model': operation(
    'internal',
    v.object({ paths: v.pipe(v.array(path), v.minLength(1)) }),
    v.nullable(RunInfoSchema),
  ),
  /** Deletes the files of a removed data set or run, which can then no longer be restored. */
  'engine.delete-removed': operation(
    'internal',
    v.object({ kind: v.picklist(['dataset', 'run']), id: IdSchema }),
    v.object({}),
  ),
  'engine.describe': operation(
    'internal',
    v.object({}),
    v.object({ workspace: v.string(), device: AppSchema.entries.device }),
  ),
};
