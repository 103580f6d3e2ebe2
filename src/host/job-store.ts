import { lstat, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../contract/errors.ts';
import { JobOrderSchema, JobSchema, type Job, type JobOrder } from '../contract/job.ts';
import { writePrivateFile } from '../system/atomic.ts';
import { readRegularFile } from '../system/regular-file.ts';
import { QueueSeal } from './queue-seal.ts';

/** Maximum size of a list that is read: a thousand exports with their codes take a tenth of it. */
const MOST_BYTES = 64 * 2 ** 20;
/** Maximum number of unreadable lists that are kept in one workspace. */
const MOST_UNREADABLE = 100;

const StoredSchema = v.object({
  version: v.literal(1),
  jobs: v.array(
    v.pipe(
      v.object({ job: JobSchema, order: JobOrderSchema }),
      v.check(({ job, order }) => job.request.kind === order.kind, 'The request and its order differ.'),
    ),
  ),
  seal: v.optional(v.pipe(v.string(), v.maxLength(64))),
});

/** A job and the order that its process gets. */
export interface StoredJob {
  readonly job: Job;
  readonly order: JobOrder;
}

/** What a workspace's list of jobs holds. */
export interface StoredJobs {
  readonly jobs: readonly StoredJob[];
  /** Whether this person's Unravel wrote the list, in this folder. */
  readonly isOwn: boolean;
}

/** `jobs.json` of a workspace: the jobs that have not ended. */
export class JobStore {
  readonly path: string;
  readonly #workspace: string;
  readonly #userFolder: string;
  #seal: Promise<QueueSeal | undefined> | undefined;
  /** Why nothing is written: the existing list could be neither read nor renamed. */
  #obstacle: UnravelError | undefined;
  #last: Promise<void> = Promise.resolve();
  #next: readonly StoredJob[] | undefined;

  /** @param userFolder - where the person's key lies, see {@link QueueSeal} */
  constructor(workspace: string, userFolder: string) {
    this.path = join(workspace, 'jobs.json');
    this.#workspace = workspace;
    this.#userFolder = userFolder;
  }

  /**
   * Reads the list that was written last. One that cannot be read is renamed, so that it is not overwritten.
   *
   * @param onTrouble - called where the list could not be read; the error says where it is now
   */
  async read(onTrouble: (error: UnravelError) => void): Promise<StoredJobs> {
    try {
      return (await this.#open()) ?? { jobs: [], isOwn: true };
    } catch (cause) {
      onTrouble(await this.#renameUnreadable(cause));
      return { jobs: [], isOwn: true };
    }
  }

  /**
   * Writes the list atomically. Of the lists that arrive while one is being written, only the last is written.
   *
   * @returns when this list, or a later one, is on disk
   * @throws UnravelError where it cannot be written, and `conflict` where the existing list could not be read
   */
  write(jobs: readonly StoredJob[]): Promise<void> {
    if (this.#obstacle) return Promise.reject(this.#obstacle);
    const isWaiting = this.#next !== undefined;
    this.#next = jobs;
    if (isWaiting) return this.#last;
    const written = this.#last
      .catch(() => undefined)
      .then(async () => {
        const seal = await this.#openSeal();
        const list = this.#next!;
        this.#next = undefined;
        const sealed = seal ? { seal: seal.of(JSON.stringify(list)) } : {};
        const text = JSON.stringify({ version: 1, jobs: list, ...sealed }, undefined, 2);
        await writePrivateFile(this.path, `${text}\n`);
      });
    this.#last = written;
    return written;
  }

  #openSeal(): Promise<QueueSeal | undefined> {
    this.#seal ??= QueueSeal.open(this.#workspace, this.#userFolder);
    return this.#seal;
  }

  /** Undefined where there is no list. @throws where it cannot be read or is not one of ours */
  async #open(): Promise<StoredJobs | undefined> {
    const file = await readRegularFile(this.path, MOST_BYTES).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (!file) return undefined;
    const json = JSON.parse(file.bytes.toString('utf8')) as { readonly jobs: unknown };
    const { jobs, seal } = v.parse(StoredSchema, json);
    return { jobs, isOwn: await this.#isOwn(json.jobs, seal, file.status.uid) };
  }

  async #isOwn(jobs: unknown, seal: string | undefined, owner: number): Promise<boolean> {
    const key = await this.#openSeal();
    if (seal === undefined || !key?.matches(JSON.stringify(jobs), seal)) return false;
    const person = process.getuid?.();
    return person === undefined || (owner === person && (await stat(this.#workspace)).uid === person);
  }

  /** Renames the list. @returns the error to show */
  async #renameUnreadable(cause: unknown): Promise<UnravelError> {
    try {
      const place = await this.#freePath();
      await rename(this.path, place);
      return new UnravelError(
        'bad-input',
        `The list of waiting jobs could not be read. It was kept as ${place}.`,
        {
          path: place,
          cause,
          hint: 'Start the missing jobs again. The file can be deleted.',
        },
      );
    } catch {
      this.#obstacle = new UnravelError(
        'conflict',
        `The list of waiting jobs, ${this.path}, could not be read or renamed. Jobs are not saved until it is moved.`,
        { path: this.path, cause, hint: 'Move or delete it, then start Unravel again.' },
      );
      return this.#obstacle;
    }
  }

  async #freePath(): Promise<string> {
    for (let n = 1; n <= MOST_UNREADABLE; n++) {
      const place = this.path.replace(/\.json$/, `.unreadable-${n}.json`);
      const isFree = await lstat(place).then(
        () => false,
        (error: unknown) => codeOf(error) === 'ENOENT',
      );
      if (isFree) return place;
    }
    throw new Error('There are too many unreadable lists already.');
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
