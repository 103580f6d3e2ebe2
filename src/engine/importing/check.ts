import { availableParallelism } from 'node:os';
import type { Crop, SkippedFile } from '../../contract/dataset.ts';
import { DEFAULT_IMAGE_SIZE } from '../../contract/image-size.ts';
import type { Check } from '../../contract/operations/sources.ts';
import { usingArrays } from '../arrays/open-arrays.ts';
import { findArrayImages } from './arrays/layout.ts';
import { ImportPool } from './import-pool.ts';
import { FileState } from './import-protocol.ts';
import { openSource } from './open-source.ts';

/** Time after which a check stops, so that it can be cancelled and other requests get their turn. */
const CHECK_MS = 2000;
const FILES_AT_ONCE = 256;
const MOST_WORKERS = 2;

/** Options of a check. */
export interface CheckOptions {
  readonly crop: Crop;
  /** Position of the first file to check. */
  readonly from: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads files as an import would, from a position on and for at most a few seconds.
 *
 * @param paths - the source, see {@link openSource}
 * @throws UnravelError `not-found`, or `bad-input` for a source that cannot be imported
 */
export async function checkSource(
  paths: readonly string[],
  { crop, from, signal }: CheckOptions,
): Promise<Check> {
  const opened = await openSource(paths, { signal });
  // The images of an archive are one array, which is read or refused as a whole.
  if (opened.kind === 'arrays') {
    const { images } = await usingArrays(opened.open, (archive) => Promise.resolve(findArrayImages(archive)));
    return { next: images, unreadable: [] };
  }
  const { source } = opened;
  const total = source.names.length;
  const unreadable: SkippedFile[] = [];
  const until = performance.now() + CHECK_MS;
  const pool = new ImportPool({
    workers: Math.min(MOST_WORKERS, availableParallelism()),
    origin: source.origin,
    form: { crop, imageSize: DEFAULT_IMAGE_SIZE },
  });
  let next = Math.min(from, total);
  try {
    while (next < total && performance.now() < until) {
      signal?.throwIfAborted();
      const count = Math.min(FILES_AT_ONCE, total - next);
      const start = next;
      const finished = await pool.process(Array.from({ length: count }, (_, i) => source.item(start + i)));
      finished.states.forEach((state, place) => {
        if (state !== FileState.skipped) return;
        unreadable.push({
          file: source.names[start + place]!,
          reason: finished.reasonOf(place),
        });
      });
      finished.release();
      next += count;
    }
  } finally {
    await pool.close();
    source.close?.();
  }
  return { next, unreadable };
}
