import * as v from 'valibot';
import { GrantSchema } from '../ids.ts';
import { JobRequestSchema, JobSchema } from '../job.ts';
import { operation } from '../operation.ts';
import { ShownTextSchema } from '../shown-text.ts';

/** Maximum size of a file that a client writes. */
const MOST_WRITTEN_BYTES = 64 * 1024 * 1024;

const job = v.object({ job: v.pipe(v.string(), v.maxLength(64)) });

export const jobOperations = {
  /** All jobs in the order of the queue. Ended jobs stay until they are dismissed. */
  'jobs.list': operation('host', v.object({}), v.array(JobSchema)),
  /** Starts a job at once if possible; a training waits for the training before it. */
  'jobs.start': operation('host', JobRequestSchema, JobSchema),
  /** Stops a job permanently; a training keeps its run with the last checkpoint. */
  'jobs.cancel': operation('host', job, JobSchema),
  /** Pauses a training: it writes a checkpoint and ends its process. */
  'jobs.pause': operation('host', job, JobSchema),
  /**
   * Starts a held job after a person has seen which files it uses. @throws `not-found`, `conflict` if its state
   * does not allow it
   */
  'jobs.confirm': operation('host', job, JobSchema),
  /** Resumes a paused or interrupted training. */
  'jobs.resume': operation('host', job, JobSchema),
  /** Removes an ended, held, paused or interrupted job from the list; its run is kept. */
  'jobs.dismiss': operation('host', job, v.object({})),
};

export const fileOperations = {
  /** Shows the system's dialog for a new file; null if the person cancelled it. Electron only. */
  'files.choose': operation(
    'host',
    v.object({ suggestedName: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
    v.nullable(v.object({ destination: GrantSchema, name: ShownTextSchema })),
  ),
  /** Writes a small file, such as a table, to a place that the person chose. Electron only. */
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
  /** The contents of a file that a job wrote without a destination, for download. */
  'files.read': operation('host', v.object({ file: GrantSchema }), v.instance(Uint8Array)),
  /** Shows a written file in the system's file manager. Electron only. */
  'files.reveal': operation('host', v.object({ file: GrantSchema }), v.object({})),
};
