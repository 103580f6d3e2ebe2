import type { OfferedPattern } from '../../contract/label-choice.ts';
import { availableParallelism } from 'node:os';
import type { Contrast, Stretch } from '../../contract/contrast.ts';
import type { DatasetInfo, LabelReport, SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { PICTURE_FORMATS } from '../../contract/picture-files.ts';
import { cancelledError, throwIfCancelled } from '../basics/cancel.ts';
import type { ColumnValues } from '../data/columns.ts';
import { folderColumns } from '../data/folder-columns.ts';
import { ImagesWriter, packImages } from '../data/dataset-files.ts';
import { FileState, HASH_BYTES, windowImages } from './import-protocol.ts';
import type { ImageForm } from '../image-files/read-image.ts';
import { ImportPool, type FinishedWindow } from './import-pool.ts';
import { chooseStretch } from './measure-contrast.ts';
import { findLabels, type LabelWish } from '../labels/find-labels.ts';
import { joinTables } from '../labels/join-tables.ts';
import { offerNamePattern, parseNamePattern, patternColumns } from '../labels/name-pattern.ts';
import { PictureRemarks } from './picture-remarks.ts';
import { createProgress, type ImportProgress } from '../basics/progress.ts';
import { readSizes, sayEnlarged } from './picture-sizes.ts';
import { ARCHIVE_REASON, INNER_ARCHIVE_REASON, type ImageSource } from './source.ts';

/** Options of an import of images. */
export interface ImportImagesOptions extends ImageForm, LabelWish {
  /** The contrast, which is measured; none if left out, or as `bounds` says. */
  readonly contrast?: Contrast | undefined;
  /** The pattern of the file names whose parts become labels; see {@link parseNamePattern}. */
  readonly namePattern?: string | undefined;
  /** Called with a pattern that nine in ten file names fit, if none is given. */
  readonly onNamePattern?: (offered: OfferedPattern) => void;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** The file of the worker, for tests. */
  readonly workerEntry?: string;
}

/** The results of an import of images, from which the caller makes `dataset.json`. */
export interface ImportedImages {
  readonly names: readonly string[];
  readonly channels: 1 | 3;
  readonly columns: readonly ColumnValues[];
  readonly labels?: LabelReport;
  readonly stretch?: Stretch | undefined;
  /** What was recognised and how it was read, in sentences. */
  readonly notes?: readonly string[];
  readonly skipped: readonly SkippedFile[];
  readonly duplicates: DatasetInfo['duplicates'];
}

/** Minimum number of files per worker. Starting a worker takes a third of a second. */
const FILES_PER_WORKER = 64;
const MAX_WORKERS = 8;
const WINDOWS_AHEAD = 2;
const PROGRESS_MS = 200;
/** Number of reasons in the message of an import that could not read any image. */
const REASONS_SHOWN = 3;

/** Collects the results of the windows, in the order of the files. */
class Collector {
  readonly names: string[] = [];
  /** For each name its index among the source's files. */
  readonly kept: number[] = [];
  readonly skipped: SkippedFile[];
  readonly duplicates: DatasetInfo['duplicates'] = [];
  readonly remarks = new PictureRemarks();
  readonly #firstOf = new Map<string, string>();
  readonly #source: ImageSource;

  constructor(source: ImageSource, refused: readonly SkippedFile[]) {
    this.#source = source;
    this.skipped = [...source.refused, ...refused];
  }

  /** @returns the positions in the window that contain images */
  add(start: number, { states, remarks, hashes, reasonOf }: FinishedWindow): number[] {
    const places: number[] = [];
    states.forEach((state, place) => {
      const file = this.#source.names[start + place]!;
      if (state === FileState.skipped) {
        this.skipped.push({ file, reason: reasonOf(place) });
        return;
      }
      places.push(place);
      this.remarks.add(file, remarks[place]!);
      this.names.push(file);
      this.kept.push(start + place);
      const hash = Buffer.from(hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES)).toString(
        'latin1',
      );
      const first = this.#firstOf.get(hash);
      if (first === undefined) this.#firstOf.set(hash, file);
      else this.duplicates.push({ file, sameAs: first });
    });
    return places;
  }
}

/** The error for a source without any readable image. */
function nothingRead(
  path: string,
  seen: number,
  skipped: readonly SkippedFile[],
  { other, isEmpty }: Pick<ImageSource, 'other' | 'isEmpty'> = {},
): UnravelError {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1]).slice(0, REASONS_SHOWN);
  const why = common.map(([reason, count]) => `${reason} (${count})`).join('; ');
  const archives = skipped
    .filter(({ reason }) => reason === ARCHIVE_REASON || reason === INNER_ARCHIVE_REASON)
    .map(({ file }) => file);
  const isInner = skipped.some(({ reason }) => reason === INNER_ARCHIVE_REASON);
  if (archives.length > 0 && archives.length === skipped.length) {
    const [first] = archives;
    return new UnravelError(
      'bad-input',
      `There are no images in ${path}, but ${archives.length === 1 ? `the archive ${first}` : `${archives.length} archives, such as ${first}`}.`,
      {
        path,
        hint: isInner
          ? 'Unpack it, and import the archive inside by itself.'
          : 'Import the archive itself. Lists of labels beside it are found.',
      },
    );
  }
  const message =
    seen === 0
      ? `There are no images in ${path}${isEmpty === true ? ': it holds no files' : other === undefined ? '' : `, but files of other kinds, such as ${other}`}.`
      : `None of the ${seen} image files in ${path} could be used${why ? `: ${why}` : ''}.`;
  return new UnravelError('bad-input', message, {
    path,
    hint: `Unravel reads ${PICTURE_FORMATS} images without animation, in folders, zips, tars or NPZ.`,
  });
}

/** Adds the labels of the file names to the report of the tables. */
function withPattern(
  report: LabelReport | undefined,
  pattern:
    { readonly text: string; readonly leftOut: readonly string[]; readonly fitting: number } | undefined,
  images: number,
): LabelReport | undefined {
  if (!pattern) return report;
  const tables = report ?? {
    file: 'the file names',
    rowsWithoutImage: 0,
    imagesWithoutRow: images - pattern.fitting,
    examples: [],
    columnsLeftOut: [],
  };
  return {
    ...tables,
    columnsLeftOut: [...tables.columnsLeftOut, ...pattern.leftOut],
    namePattern: pattern.text,
  };
}

/** A promise that rejects when the signal is aborted, and otherwise never settles. */
function whenCancelled(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  let forget = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const cancel = (): void => reject(cancelledError());
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    forget = () => signal?.removeEventListener('abort', cancel);
  });
  // The rejection must not count as unhandled while nothing awaits the promise.
  promise.catch(() => undefined);
  return { promise, forget };
}

/**
 * Reads a source's images on several threads and writes them in order into a data set's folder. One window of
 * images is written while the next ones are read, so that memory does not grow with the number of images.
 *
 * @param staging - the folder in which `images.u8` is written
 * @param path - the source's name in messages
 * @throws UnravelError `bad-input` if no image can be used or the labels do not match, `cancelled`
 */
export async function importImages(
  staging: string,
  path: string,
  source: ImageSource,
  options: ImportImagesOptions,
): Promise<ImportedImages> {
  const { crop, imageSize, contrast = 'none', signal, workerEntry, onProgress } = options;
  const total = source.names.length;
  if (total === 0) throw nothingRead(path, source.refused.length, source.refused, source);
  const pattern = options.namePattern === undefined ? undefined : parseNamePattern(options.namePattern);
  if (pattern) patternColumns(pattern, source.names);
  else if (options.onNamePattern) {
    const offered = offerNamePattern(source.names);
    if (offered) options.onNamePattern(offered);
  }
  const { tables, refused } = await findLabels(source, options);
  throwIfCancelled(signal);

  const stretch = await chooseStretch(source, contrast, { signal, workerEntry });
  const bounds = stretch?.bounds ?? options.bounds;

  const collector = new Collector(source, refused);
  const workers = Math.min(
    options.workers ?? Math.min(availableParallelism(), MAX_WORKERS),
    Math.ceil(total / FILES_PER_WORKER),
  );
  const entry = workerEntry === undefined ? {} : { entry: workerEntry };
  const form = { crop, imageSize, bounds };
  const pool = new ImportPool({ workers, origin: source.origin, form, ...entry });
  const progress = createProgress(total);
  const report = (): void => {
    onProgress?.({ ...progress(pool.filesFinished), skipped: source.refused.length + pool.filesSkipped });
  };
  const timer = setInterval(report, PROGRESS_MS);
  const cancelled = whenCancelled(signal);
  let writer: ImagesWriter | undefined;
  try {
    writer = await ImagesWriter.create(staging, { imageSize, channels: 1 });
    const pending: Promise<FinishedWindow>[] = [];
    let handedOut = 0;
    const images = windowImages(imageSize);
    for (let start = 0; start < total; start += images) {
      while (handedOut < total && pending.length < WINDOWS_AHEAD) {
        const from = handedOut;
        handedOut = Math.min(from + images, total);
        const items = Array.from({ length: handedOut - from }, (_, i) => source.item(from + i));
        pending.push(pool.process(items));
      }
      const finished = await Promise.race([pending.shift()!, cancelled.promise]);
      const places = collector.add(start, finished);
      const packed = packImages(
        finished.pixels,
        imageSize,
        places,
        (place) => finished.states[place] === FileState.colour,
      );
      await writer.append(packed.images, packed.channels);
      finished.release();
    }
    report();
    await writer.close();
  } catch (error) {
    await writer?.abandon();
    throw error;
  } finally {
    clearInterval(timer);
    cancelled.forget();
    await pool.close();
  }

  const { names, kept, skipped, duplicates } = collector;
  if (names.length === 0) throw nothingRead(path, total + source.refused.length, skipped);
  const joined = joinTables(tables, kept, names);
  const inNames = pattern && patternColumns(pattern, names);
  const labels = withPattern(joined?.report, inNames && { ...inNames, text: pattern.text }, names.length);
  return {
    names,
    channels: writer.channels,
    columns: [...folderColumns(names), ...(joined?.columns ?? []), ...(inNames?.columns ?? [])],
    ...(labels ? { labels } : {}),
    stretch,
    notes: [...collector.remarks.sentences('was'), ...sayEnlarged(readSizes(source, 0), imageSize)],
    skipped,
    duplicates,
  };
}
