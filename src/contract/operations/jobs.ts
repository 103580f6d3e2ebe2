import * as v from 'valibot';
import { GrantSchema } from '../ids.ts';
import { JobRequestSchema, JobSchema } from '../job.ts';
import { operation } from '../operation.ts';
import { ShownTextSchema } from '../shown-text.ts';

/** So large may a file be that a client writes itself. */
const MOST_WRITTEN_BYTES = 64 * 1024 * 1024;

const job = v.object({ job: v.pipe(v.string(), v.maxLength(64)) });

export const jobOperations = {
  /** In the order of the queue. Ended ones stay until they are dismissed. */
  'jobs.list': operation('host', v.object({}), v.array(JobSchema)),
  /** Starts at once where it can; a training waits for the one before it. */
  'jobs.start': operation('host', JobRequestSchema, JobSchema),
  /** Stops it for good; a training keeps its run with the last checkpoint. */
  'jobs.cancel': operation('host', job, JobSchema),
  /** Trainings only: writes a checkpoint and gives the processor back. */
  'jobs.pause': operation('host', job, JobSchema),
  /** Starts a held job: a person has seen which files it uses. @throws `not-found`, `conflict` where these do not fit */
  'jobs.confirm': operation('host', job, JobSchema),
  /** A paused or interrupted training goes on. */
  'jobs.resume': operation('host', job, JobSchema),
  /** Takes an ended, held, paused or interrupted job off the list; its run stays. */
  'jobs.dismiss': operation('host', job, v.object({})),
};

export const fileOperations = {
  /** The system's dialog for a new file; null where the person cancelled it. Electron only. */
  'files.choose': operation(
    'host',
    v.object({ suggestedName: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
    v.nullable(v.object({ destination: GrantSchema, name: ShownTextSchema })),
  ),
  /** Writes a small file, such as a table, to where a person chose. Electron only. */
  'files.write': operation(
    'host',
    v.object({
      destination: GrantSchema,
      bytes: v.pipe(
        v.instance(Uint8Array),
        v.check(({ length }) => length <= MOST_WRITTEN_BYTES, 'is too large to be written in one piece'),
      ),
    }),
    v.object({ file: GrantSchema, name: ShownTextSchema }),
  ),
  /** What a job wrote without a destination, to be downloaded. */
  'files.read': operation('host', v.object({ file: GrantSchema }), v.instance(Uint8Array)),
  /** Shows a written file in the system's file manager. Electron only. */
  'files.reveal': operation('host', v.object({ file: GrantSchema }), v.object({})),
};
