import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import type { JobOrder, JobRequest, JobResult } from '../contract/job.ts';
import type { Engine } from './engine.ts';
import { randomHex } from './files.ts';
import type { Grants } from './grants.ts';
import { fileNameOf, titleOf, writesFile } from './job-words.ts';

/** Between clients, who name files by grants, and job processes, which take paths. */
export class Orders {
  readonly #grants: Grants;
  readonly #engine: Engine;
  readonly #exports: string;

  /** @param exports - the folder for files that are to be downloaded */
  constructor(grants: Grants, engine: Engine, exports: string) {
    this.#grants = grants;
    this.#engine = engine;
    this.#exports = exports;
  }

  /**
   * What a job's process is told.
   *
   * @throws UnravelError `not-found` for an unknown grant
   */
  async order(request: JobRequest): Promise<JobOrder> {
    if (request.kind === 'import') {
      const { source, ...rest } = request;
      const { paths } = await this.#grants.source(source);
      return { ...rest, paths: [...paths] };
    }
    if (!writesFile(request)) return request;
    const { destination, ...rest } = request;
    if (destination !== undefined) return { ...rest, path: this.#grants.file(destination).path };
    const folder = join(this.#exports, randomHex(4));
    await mkdir(folder, { recursive: true });
    return { ...rest, path: join(folder, fileNameOf(request)) };
  }

  /** One line that says what a job does, with names instead of ids where the engine knows them. */
  async title(request: JobRequest): Promise<string> {
    const [datasets, runs] = await Promise.all([
      this.#engine.request('datasets.list', {}).catch(() => []),
      this.#engine.request('runs.list', {}).catch(() => []),
    ]);
    const source = request.kind === 'import' ? await this.#grants.source(request.source) : { name: '' };
    return titleOf(request, {
      dataset: (id) => datasets.find((one) => one.id === id)?.name ?? id,
      run: (id) => runs.find((one) => one.id === id)?.name ?? id,
      source: () => source.name,
    });
  }

  /** Gives a written file a name that clients can use. */
  grantResult(order: JobOrder, result: JobResult): JobResult {
    if (!writesFile(order)) return result;
    const { path } = order;
    const name = basename(path);
    const file = this.#grants.addFile({ path, name, isTemporary: path.startsWith(this.#exports) });
    return { ...result, file, fileName: name };
  }

  /**
   * A file that is to be downloaded.
   *
   * @throws UnravelError `not-found`, or `unsupported` for a file that a person has a place for
   */
  async read(grant: string): Promise<Uint8Array<ArrayBuffer>> {
    const { path, isTemporary } = this.#grants.file(grant);
    if (!isTemporary) throw new UnravelError('unsupported', `${path} is saved already, where it was wanted.`);
    try {
      const bytes = await readFile(path);
      // A plain array of its own: a Buffer would arrive as one in some processes and not in others.
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (cause) {
      throw new UnravelError('not-found', `${basename(path)} is no longer there. Export it again.`, {
        cause,
      });
    }
  }
}
