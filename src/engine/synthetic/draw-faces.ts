import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UnravelError } from '../../contract/errors.ts';
import { DEFAULT_IMAGE_SIZE } from '../../contract/image-size.ts';
import { builtEntry } from '../basics/entry.ts';
import {
  BLOCKS_IN_FLIGHT,
  COPIED,
  FACES_PER_BLOCK,
  type BlockDrawn,
  type FacesWorkerData,
} from './face-blocks.ts';

/** The faces to draw, and how. */
export interface DrawFacesOptions {
  readonly seed: number;
  /** Index of the first face; 0 if left out. */
  readonly start?: number;
  readonly count: number;
  /** Width and height; the default size of a data set's images if left out. */
  readonly sizePx?: number;
  /** Number of threads; if left out, the number of cores, at most eight. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** Called after each block with the number of faces drawn so far. */
  readonly onProgress?: (drawn: number) => void;
}

/** Consecutive faces. */
export interface FaceBlock {
  /** Index of the first. */
  readonly start: number;
  /** RGB bytes, `[faces, sizePx, sizePx, 3]`, owned by the caller. */
  readonly images: Uint8Array;
}

/**
 * Draws faces on several threads and yields them in order, one block at a time. The bytes are the same as from
 * {@link drawFace}, for any number of threads.
 *
 * Threads are at most eight blocks ahead of the reader, which limits the memory. All threads have ended when the
 * loop ends, also if it ends early, by an error or by the signal.
 *
 * @throws UnravelError `cancelled` once the signal is aborted, `internal` if a thread fails
 */
export async function* drawFaces(options: DrawFacesOptions): AsyncGenerator<FaceBlock, void, undefined> {
  const { seed, start = 0, count, sizePx = DEFAULT_IMAGE_SIZE, signal, onProgress } = options;
  refuseCancelled(signal);
  const bytesPerFace = sizePx * sizePx * 3;
  const blocks = Math.ceil(count / FACES_PER_BLOCK);
  const buffer = new SharedArrayBuffer(
    Math.min(blocks, BLOCKS_IN_FLIGHT) * Math.min(count, FACES_PER_BLOCK) * bytesPerFace,
  );
  const next = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const workerData: FacesWorkerData = { seed, start, count, sizePx, buffer, next };
  const workers = new FaceWorkers(
    Math.min(options.workers ?? Math.min(availableParallelism(), 8), blocks),
    workerData,
  );
  const cancel = () => workers.fail(cancelled(signal));
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for (let block = 0; block < blocks; block++) {
      await workers.drawn(block);
      const first = block * FACES_PER_BLOCK;
      const faces = Math.min(FACES_PER_BLOCK, count - first);
      const place = (block % BLOCKS_IN_FLIGHT) * FACES_PER_BLOCK * bytesPerFace;
      const images = new Uint8Array(buffer, place, faces * bytesPerFace).slice();
      Atomics.add(next, COPIED, 1);
      Atomics.notify(next, COPIED);
      onProgress?.(first + faces);
      yield { start: start + first, images };
      refuseCancelled(signal);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    await workers.end();
  }
}

/** The worker threads, and the blocks that they have drawn. */
class FaceWorkers {
  readonly #workers: Worker[] = [];
  readonly #drawn = new Set<number>();
  #failure: UnravelError | undefined;
  #wake: () => void = () => undefined;

  constructor(size: number, workerData: FacesWorkerData) {
    for (let i = 0; i < size; i++) {
      const worker = new Worker(builtEntry('faces-worker'), { workerData });
      worker.on('message', ({ block }: BlockDrawn) => {
        this.#drawn.add(block);
        this.#wake();
      });
      worker.on('error', (cause) => {
        this.fail(
          new UnravelError('internal', 'A thread that draws faces stopped with an error.', { cause }),
        );
      });
      this.#workers.push(worker);
    }
  }

  /** Resolves when the block is in the buffer. */
  async drawn(block: number): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#drawn.delete(block)) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  fail(failure: UnravelError): void {
    this.#failure ??= failure;
    this.#wake();
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}

function cancelled(signal: AbortSignal | undefined): UnravelError {
  return new UnravelError('cancelled', 'Drawing the sample faces was cancelled.', { cause: signal?.reason });
}
