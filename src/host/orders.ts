import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import type { JobOrder, JobRequest, JobResult } from '../contract/job.ts';
import type { Asker } from '../contract/serve.ts';
import type { Engine } from './engine.ts';
import { PRIVATE_FILE_MODE } from '../system/private.ts';
import type { Grants } from './grants.ts';
import { fileNameOf, pathsRead, titleOf, writesFile } from './job-words.ts';
import type { TemporaryFolders } from './temporary-folders.ts';

/** Translates the requests of clients, which name files by grants, into orders for job processes, which take paths. */
export class Orders {
  readonly #grants: Grants;
  readonly #engine: Engine;
  readonly #folders: TemporaryFolders;

  /** @param folders - for files that are to be downloaded */
  constructor(grants: Grants, engine: Engine, folders: TemporaryFolders) {
    this.#grants = grants;
    this.#engine = engine;
    this.#folders = folders;
  }

  /**
   * The order for a job's process. The temporary folders that it uses are kept until {@link end}.
   *
   * @param owner - the client that asks and may download the job's file
   * @throws UnravelError `not-found` for an unknown grant
   */
  async order(request: JobRequest, owner: object): Promise<JobOrder> {
    const order = await this.#order(request, owner);
    for (const path of pathsOf(order)) this.#folders.hold(path);
    return order;
  }

  async #order(request: JobRequest, owner: object): Promise<JobOrder> {
    if (request.kind === 'import') {
      const { source, ...rest } = request;
      const { paths } = await this.#grants.source(source);
      return { ...rest, paths: [...paths] };
    }
    if (request.kind === 'import-codes') {
      const { source, images, ...rest } = request;
      const codes = await this.#onePath(source);
      if (images?.kind !== 'source') return { ...rest, codes, ...(images && { images }) };
      return { ...rest, codes, images: { kind: 'source', path: await this.#onePath(images.source) } };
    }
    if (!writesFile(request)) return request;
    const { destination, ...rest } = request;
    if (destination !== undefined) return { ...rest, path: this.#grants.file(destination).path };
    const path = join(await this.#folders.make(owner), fileNameOf(request));
    // The job replaces this file and keeps its mode.
    await writeFile(path, '', { flag: 'wx', mode: PRIVATE_FILE_MODE });
    return { ...rest, path };
  }

  /** @throws UnravelError `bad-input` for a source of several files */
  async #onePath(source: string): Promise<string> {
    const { name, paths } = await this.#grants.source(source);
    if (paths.length === 1) return paths[0]!;
    throw new UnravelError('bad-input', `${name} cannot be opened together.`, {
      hint: 'Give one file of codes, and the images as one folder or archive.',
    });
  }

  /**
   * Releases the temporary folders of a job that has ended. An upload is discarded after its import, successful or not;
   * a file for download is discarded only where the job did not finish it.
   */
  end(order: JobOrder, { isDone }: { readonly isDone: boolean }): void {
    for (const path of pathsOf(order)) {
      if (order.kind === 'import' || order.kind === 'import-codes' || !isDone) this.#folders.discard(path);
      this.#folders.release(path);
    }
  }

  /** The title of a job, with names instead of ids where the engine knows them. */
  async title(request: JobRequest, asker: Asker): Promise<string> {
    const [datasets, runs] = await Promise.all([
      this.#engine.request('datasets.list', {}, asker).catch(() => []),
      this.#engine.request('runs.list', {}, asker).catch(() => []),
    ]);
    const isImport = request.kind === 'import' || request.kind === 'import-codes';
    const source = isImport ? await this.#grants.source(request.source) : { name: '' };
    return titleOf(request, {
      dataset: (id) => datasets.find((one) => one.id === id)?.name ?? id,
      run: (id) => runs.find((one) => one.id === id)?.name ?? id,
      source: () => source.name,
    });
  }

  /** Grants clients the file that a job has written. */
  grantResult(order: JobOrder, result: JobResult): JobResult {
    if (!writesFile(order)) return result;
    const { path } = order;
    const name = basename(path);
    const file = this.#grants.addFile({ path, name, isTemporary: this.#folders.has(path) });
    return { ...result, file, fileName: name };
  }

  /**
   * Reads a file for download. It is removed afterwards, so that it can be read only once.
   *
   * @throws UnravelError `not-found`, or `unsupported` for a file that was saved where the person chose
   */
  async read(grant: string): Promise<Uint8Array<ArrayBuffer>> {
    const { path, isTemporary } = this.#grants.file(grant);
    if (!isTemporary) throw new UnravelError('unsupported', `${path} is already saved where you chose.`);
    try {
      const bytes = await readFile(path);
      this.#folders.discard(path);
      // A plain Uint8Array: a Buffer would arrive as a Buffer over some transports and not over others.
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (cause) {
      throw new UnravelError('not-found', `${basename(path)} is no longer there. Export it again.`, {
        cause,
      });
    }
  }
}

/** The files of an order that may lie in a temporary folder. */
function pathsOf(order: JobOrder): readonly string[] {
  return writesFile(order) ? [order.path] : pathsRead(order);
}
