import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { JobOrderSchema, JobSchema, type Job, type JobOrder } from '../contract/job.ts';
import { writePrivateFile } from '../system/atomic.ts';

const StoredSchema = v.object({
  version: v.literal(1),
  jobs: v.array(v.object({ job: JobSchema, order: JobOrderSchema })),
});

/** A job and what its process is told. */
export interface StoredJob {
  readonly job: Job;
  readonly order: JobOrder;
}

/** `jobs.json` of a workspace: the jobs that have not ended. */
export class JobStore {
  readonly path: string;
  #last: Promise<void> = Promise.resolve();
  #next: readonly StoredJob[] | undefined;

  constructor(workspace: string) {
    this.path = join(workspace, 'jobs.json');
  }

  /** What was written last; nothing where it cannot be read. A damaged file is put aside, to be looked at. */
  async read(): Promise<readonly StoredJob[]> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch {
      return [];
    }
    const parsed = v.safeParse(StoredSchema, parseJson(text));
    if (parsed.success) return parsed.output.jobs;
    await rename(this.path, `${this.path}.damaged`).catch(() => undefined);
    return [];
  }

  /**
   * Writes the list, whole or not at all. Lists that come while one is being written are skipped but for the last.
   *
   * @returns when this list, or a later one, is on disk
   */
  write(jobs: readonly StoredJob[]): Promise<void> {
    const isWaiting = this.#next !== undefined;
    this.#next = jobs;
    if (isWaiting) return this.#last;
    const written = this.#last
      .catch(() => undefined)
      .then(async () => {
        const list = this.#next!;
        this.#next = undefined;
        await writePrivateFile(this.path, `${JSON.stringify({ version: 1, jobs: list }, undefined, 2)}\n`);
      });
    this.#last = written;
    return written;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
