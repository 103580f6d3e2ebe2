import { availableParallelism } from 'node:os';
import type { Bounds } from '../../contract/contrast.ts';
import type { SkippedFile } from '../../contract/dataset.ts';
import { DEFAULT_IMAGE_SIZE, type ImageSize } from '../../contract/image-size.ts';
import type { Inspection } from '../../contract/operations/sources.ts';
import { tensor } from '../../contract/tensor.ts';
import { usingArrays } from '../arrays/open-arrays.ts';
import { createRandom } from '../basics/random.ts';
import { folderColumns } from '../data/folder-columns.ts';
import { findOfficialSplit } from '../data/official-split.ts';
import { hasCelebaShape } from '../image-files/crop.ts';
import { findLabels } from '../labels/find-labels.ts';
import { joinTables } from '../labels/join-tables.ts';
import { offerNamePattern } from '../labels/name-pattern.ts';
import { describeTable } from '../labels/describe-table.ts';
import { ImportPool } from './import-pool.ts';
import { FileState, placeBytes, windowImages } from './import-protocol.ts';
import { inspectArrays } from './arrays/inspect.ts';
import { offerStretch } from './measure-contrast.ts';
import { openSource } from './open-source.ts';
import { readSizes, smallerSide } from './picture-sizes.ts';
import { PictureRemarks } from './picture-remarks.ts';
import { MOST_PREVIEWS, spread, type InspectOptions } from './previews.ts';
import { byName, type ImageSource } from './source.ts';

/** Time for reading further files, beyond the previews, to find unreadable ones. */
const EXAMINE_MS = 800;
const MOST_WORKERS = 2;

/** The result of reading some of the files. */
interface Examined {
  readonly previews: Uint8Array;
  readonly previewNames: string[];
  readonly unreadable: SkippedFile[];
  readonly examined: number;
  readonly failures: number;
  readonly filesPerSecond?: number;
  /** What is said about the pictures, in sentences. */
  readonly notes: string[];
}

/** Converts a grey image to colour in place. */
function toColour(pixels: Uint8Array): void {
  for (let i = pixels.length / 3 - 1; i >= 0; i--) pixels.fill(pixels[i]!, 3 * i, 3 * i + 3);
}

/** Reads the files for previews, then others as long as there is time. */
async function examine(
  source: ImageSource,
  { crop, imageSize, seed, signal }: InspectOptions,
  bounds: Bounds | undefined,
): Promise<Examined> {
  const shown = spread(source.names.length, MOST_PREVIEWS, seed);
  const isShown = new Set(shown);
  const rest = createRandom(seed, 'examined')
    .permutation(source.names.length)
    .filter((index) => !isShown.has(index));
  const workers = Math.min(MOST_WORKERS, availableParallelism());
  const pool = new ImportPool({ workers, origin: source.origin, form: { crop, imageSize, bounds } });
  const until = performance.now() + EXAMINE_MS;
  // The workers start with the first files, whose time counts only where there was none for others.
  let [started, ended] = [performance.now(), 0];
  let untimed = 0;
  const unreadable = [...source.refused];
  const previewNames: string[] = [];
  const bytes = placeBytes(imageSize);
  const mostAtOnce = windowImages(imageSize);
  const previews = new Uint8Array(shown.length * bytes);
  const said = new PictureRemarks();
  let examined = 0;
  let failures = 0;
  try {
    for (let indices = shown, next = 0; indices.length > 0;) {
      signal?.throwIfAborted();
      const finished = await pool.process(indices.map((index) => source.item(index)));
      const { states, remarks, pixels } = finished;
      indices.forEach((index, place) => {
        const file = source.names[index]!;
        if (states[place] === FileState.skipped) {
          failures += 1;
          unreadable.push({ file, reason: finished.reasonOf(place) });
          return;
        }
        said.add(file, remarks[place]!);
        if (indices === shown) {
          const image = pixels.subarray(place * bytes, (place + 1) * bytes);
          if (states[place] === FileState.grey) toColour(image);
          previews.set(image, previewNames.length * bytes);
          previewNames.push(file);
        }
      });
      finished.release();
      examined += indices.length;
      const size = performance.now() < until ? Math.min(mostAtOnce, batchSize(examined, until)) : 0;
      if (indices === shown && size > 0 && rest.length > 0) {
        started = performance.now();
        untimed = examined;
      }
      indices = Array.from(rest.subarray(next, next + size));
      next += size;
    }
    ended = performance.now();
  } finally {
    await pool.close();
  }
  const timed = examined - untimed;
  const seconds = (ended - started) / 1000;
  return {
    ...(timed > 0 && seconds > 0 ? { filesPerSecond: timed / seconds } : {}),
    previews: previews.slice(0, previewNames.length * bytes),
    previewNames,
    unreadable: unreadable.sort((a, b) => byName(a.file, b.file)),
    examined,
    failures,
    notes: said.sentences('is'),
  };
}

/**
 * The number of files to read next. It decreases with the remaining time, because the time per file is not known in
 * advance.
 */
function batchSize(examined: number, until: number): number {
  const left = (until - performance.now()) / EXAMINE_MS;
  return Math.max(16, Math.ceil(examined * left));
}

/** Sub-folders that contain images, by name. */
function foldersOf(names: readonly string[]): { name: string; images: number }[] {
  const column = folderColumns(names).find((one) => one.column.name === 'folder');
  const categories = column?.column.categories;
  if (!column || !categories) return [];
  const counts = new Uint32Array(categories.length);
  for (const value of column.values) if (!Number.isNaN(value)) counts[value]! += 1;
  return categories.map((name, i) => ({ name, images: counts[i]! }));
}

async function inspectPictures(source: ImageSource, options: InspectOptions): Promise<Inspection> {
  const { names } = source;
  const { tables, found } = await findLabels(source, { tables: options.labels?.tables });
  const joined = joinTables(
    tables,
    Uint32Array.from(names, (_, i) => i),
    names,
  );
  const split = findOfficialSplit([...folderColumns(names), ...(joined?.columns ?? [])]);
  const namePattern = offerNamePattern(names);
  const { contrast, signal } = options;
  const stretch = contrast === 'auto' ? await offerStretch(source, { signal }) : undefined;
  const bounds = contrast === 'auto' ? (stretch?.isProposed ? stretch.bounds : undefined) : contrast;
  const { previews, unreadable, ...seen } = await examine(source, options, bounds);
  const sizes = readSizes(source, options.seed);
  return {
    images: names.length,
    folders: foldersOf(names),
    ...(joined
      ? {
          labels: {
            file: joined.report.file,
            columns: joined.columns.map(({ column }) => column.name),
            leftOut: joined.report.columnsLeftOut,
          },
        }
      : {}),
    tables: found.map((table) => describeTable(table, names)),
    ...(split ? { split } : {}),
    ...(namePattern ? { namePattern } : {}),
    ...seen,
    previews: tensor('u8', [seen.previewNames.length, options.imageSize, options.imageSize, 3], previews),
    unreadable,
    ...(sizes[0] ? { firstSize: sizes[0], smallerSide: smallerSide(sizes) } : {}),
    ...(stretch ? { stretch } : {}),
    celebaShaped: sizes.length > 0 && sizes.every(({ width, height }) => hasCelebaShape(width, height)),
  };
}

/**
 * Inspects a source like an import would read it, without writing anything: the number of images, the labels,
 * previews with the given crop, and the examined files that cannot be read.
 *
 * @param paths - the source, see {@link openSource}
 * @throws UnravelError `not-found`, or `bad-input` for a source that cannot be imported
 */
export async function inspectSource(
  paths: readonly string[],
  {
    imageSize = DEFAULT_IMAGE_SIZE,
    ...others
  }: Omit<InspectOptions, 'imageSize'> & { readonly imageSize?: ImageSize | undefined },
): Promise<Inspection> {
  const options = { ...others, imageSize };
  const opened = await openSource(paths, options);
  if (opened.kind === 'arrays') return usingArrays(opened.open, (archive) => inspectArrays(archive, options));
  try {
    return await inspectPictures(opened.source, options);
  } finally {
    opened.source.close?.();
  }
}
