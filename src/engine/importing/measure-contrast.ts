import { availableParallelism } from 'node:os';
import {
  MOST_INTENSITY,
  USUAL_PERCENTILES,
  type Contrast,
  type Percentiles,
  type Stretch,
} from '../../contract/contrast.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { OfferedStretch } from '../../contract/operations/sources.ts';
import { throwIfCancelled } from '../basics/cancel.ts';
import { boundsOf, INTENSITIES, isDeep } from '../image-files/contrast.ts';
import { openPicture } from '../image-files/read-image.ts';
import { ImportPool } from './import-pool.ts';
import { pageOf, windowImages } from './import-protocol.ts';
import { spread } from './previews.ts';
import { openItemReader } from './read-item.ts';
import type { ImageSource } from './source.ts';

/** Number of files of which the intensities are counted: enough for percentiles, and few enough for a preview. */
const MEASURED_FILES = 128;
/** Number of files in which 16 bits are looked for. */
const EXAMINED_FILES = 8;
/** The files are the same for a preview and the import, so that both have the same bounds. */
const SEED = 0;
const MOST_WORKERS = 2;
/** Pictures that use a smaller part of their range than this are nearly black without a stretch. */
const NARROW = 1 / 4;

/** Options of a measurement. */
export interface MeasureOptions {
  readonly signal?: AbortSignal | undefined;
  /** The file of the worker, for tests. */
  readonly workerEntry?: string | undefined;
}

/** Whether some of the files are pictures of 16 bits. */
export function hasDeepPictures(source: ImageSource): boolean {
  const files = openItemReader(source.origin);
  try {
    return spread(source.names.length, EXAMINED_FILES, SEED).some((index) => {
      const item = source.item(index);
      try {
        return openPicture(files.read(item), pageOf(item)).isDeep;
      } catch {
        // A file that cannot be read is left out of the import, with the reason.
        return false;
      }
    });
  } finally {
    files.close();
  }
}

/** Counts the intensities of a part of the files, `[INTENSITIES]`. */
async function measure(source: ImageSource, { signal, workerEntry }: MeasureOptions): Promise<Int32Array> {
  const memory = new SharedArrayBuffer(INTENSITIES * 4);
  const form = { crop: 'none', imageSize: 64 } as const;
  const indices = spread(source.names.length, MEASURED_FILES, SEED);
  const pool = new ImportPool({
    workers: Math.min(MOST_WORKERS, availableParallelism()),
    origin: source.origin,
    form,
    histogram: memory,
    ...(workerEntry === undefined ? {} : { entry: workerEntry }),
  });
  try {
    const most = windowImages(form.imageSize);
    for (let from = 0; from < indices.length; from += most) {
      throwIfCancelled(signal);
      const finished = await pool.process(
        indices.slice(from, from + most).map((index) => source.item(index)),
      );
      finished.release();
    }
  } finally {
    await pool.close();
  }
  return new Int32Array(memory);
}

function stretchOf(histogram: Int32Array, percentiles: Percentiles): Stretch | undefined {
  const bounds = boundsOf(histogram, percentiles);
  return bounds && { percentiles, bounds };
}

/**
 * The usual stretch of a source with pictures of 16 bits.
 *
 * @returns undefined for other sources, and if all pixels are the same
 * @throws UnravelError `cancelled`
 */
export async function offerStretch(
  source: ImageSource,
  options: MeasureOptions,
): Promise<OfferedStretch | undefined> {
  if (!hasDeepPictures(source)) return undefined;
  const histogram = await measure(source, options);
  const offered = stretchOf(histogram, USUAL_PERCENTILES);
  if (!offered || !isDeep(histogram)) return undefined;
  return { ...offered, isProposed: offered.bounds[1] < NARROW * MOST_INTENSITY };
}

/**
 * Determines the stretch of an import.
 *
 * @returns undefined for none
 * @throws UnravelError `bad-input` if percentiles are given and all pixels are the same, `cancelled`
 */
export async function chooseStretch(
  source: ImageSource,
  contrast: Contrast,
  options: MeasureOptions,
): Promise<Stretch | undefined> {
  if (contrast === 'none') return undefined;
  if (contrast === 'auto') {
    const offered = await offerStretch(source, options);
    return offered?.isProposed ? { percentiles: offered.percentiles, bounds: offered.bounds } : undefined;
  }
  const chosen = stretchOf(await measure(source, options), contrast);
  if (chosen) return chosen;
  throw new UnravelError(
    'bad-input',
    `The contrast cannot be stretched: the intensities at the percentiles ${contrast.join(' and ')} are the same.`,
    { hint: 'Choose percentiles that lie further apart, or import without a stretch.' },
  );
}
