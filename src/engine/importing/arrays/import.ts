import type { Bounds, Contrast, Stretch } from '../../../contract/contrast.ts';
import { MOST_INTENSITY, USUAL_PERCENTILES, type Percentiles } from '../../../contract/contrast.ts';
import { UnravelError } from '../../../contract/errors.ts';
import { imageBytes } from '../../../contract/image-size.ts';
import type { OfferedStretch } from '../../../contract/operations/sources.ts';
import type { ArrayArchive } from '../../arrays/archive.ts';
import { throwIfCancelled } from '../../basics/cancel.ts';
import { createProgress, type ImportProgress } from '../../basics/progress.ts';
import { ImagesWriter } from '../../data/dataset-files.ts';
import type { Numbers } from '../../files/numbers.ts';
import { areaResize } from '../../image-files/area-resize.ts';
import { boundsOf, countIntensities, INTENSITIES, isDeep, stretch } from '../../image-files/contrast.ts';
import { cropBox } from '../../image-files/crop.ts';
import type { Box } from '../../image-files/pixels.ts';
import type { ImageForm } from '../../image-files/read-image.ts';
import type { ImportedImages } from '../import-images.ts';
import { sayEnlarged } from '../picture-sizes.ts';
import { spread } from '../previews.ts';
import { readArrayColumns } from './columns.ts';
import { findArrayImages, pickImages, refuseArchive, type ArrayImages } from './layout.ts';
import {
  measureExtent,
  noPixels,
  overWhite,
  rangeOf,
  sayRange,
  toIntensities,
  type PixelRange,
} from './pixels.ts';

/** Number of images of which the intensities are counted. */
const MEASURED_IMAGES = 128;
const SEED = 0;
/** Images that use a smaller part of their range than this are nearly black without a stretch. */
const NARROW = 1 / 4;

/** The names of an archive's images: their positions. */
export function imageNames(images: number): string[] {
  const digits = String(images - 1).length;
  return Array.from({ length: images }, (_, i) => String(i).padStart(digits, '0'));
}

/** The channels of the images of a data set that is made of these. */
export function storedChannels({ channels }: Pick<ArrayImages, 'channels'>): 1 | 3 {
  return channels === 1 ? 1 : 3;
}

/** How an archive's images become those of a data set. */
export interface ArrayForm extends Pick<ImageForm, 'imageSize' | 'bounds'> {
  readonly box: Box;
  readonly range: PixelRange;
}

/**
 * Makes images of a data set from some of an archive's.
 *
 * @param numbers - `[n, height, width, channels]`
 * @returns `[n, imageSize, imageSize, 1 or 3]`
 */
export function makeImages(layout: ArrayImages, numbers: Numbers, form: ArrayForm): Uint8Array {
  const { box, range, imageSize, bounds } = form;
  const { width, height } = layout;
  const channels = storedChannels(layout);
  const deep = overWhite(toIntensities(numbers, range, bounds !== undefined), layout.channels);
  const bytes = toBytes(deep, bounds);
  const isFinished =
    width === imageSize &&
    height === imageSize &&
    box.right - box.left === width &&
    box.bottom - box.top === height;
  if (isFinished) return bytes;
  const sourceBytes = width * height * channels;
  const storedBytes = imageBytes({ imageSize, channels });
  const count = bytes.length / sourceBytes;
  const images = new Uint8Array(count * storedBytes);
  for (let i = 0; i < count; i++) {
    const data = bytes.subarray(i * sourceBytes, (i + 1) * sourceBytes);
    const into = images.subarray(i * storedBytes, (i + 1) * storedBytes);
    areaResize({ width, height, pixelBytes: channels, channels, data }, box, imageSize, into);
  }
  return images;
}

function toBytes(intensities: Uint8Array | Uint16Array, bounds: Bounds | undefined): Uint8Array {
  if (bounds) return stretch(intensities, bounds);
  return intensities instanceof Uint16Array
    ? Uint8Array.from(intensities, (intensity) => intensity >> 8)
    : intensities;
}

/** Counts the intensities of some of the images, `[INTENSITIES]`. */
async function measure(
  layout: ArrayImages,
  range: PixelRange,
  signal: AbortSignal | undefined,
  until?: number,
): Promise<Int32Array> {
  const histogram = new Int32Array(INTENSITIES);
  const wanted = spread(layout.images, MEASURED_IMAGES, SEED);
  const channels = storedChannels(layout);
  const found = await pickImages(layout, wanted, { signal, ...(until === undefined ? {} : { until }) });
  for (const image of found) {
    const data = overWhite(toIntensities(image, range, true), layout.channels);
    countIntensities({ data, stride: channels, channels }, histogram);
  }
  return histogram;
}

function stretchOf(histogram: Int32Array, percentiles: Percentiles): Stretch | undefined {
  const bounds = boundsOf(histogram, percentiles);
  return bounds && { percentiles, bounds };
}

/**
 * The usual stretch of images of 16 bits.
 *
 * @param until - time after which no further images are measured
 * @returns undefined for other images, and if all pixels are the same
 */
export async function offerArrayStretch(
  layout: ArrayImages,
  range: PixelRange,
  signal: AbortSignal | undefined,
  until?: number,
): Promise<OfferedStretch | undefined> {
  if (range !== 'deep') return undefined;
  const histogram = await measure(layout, range, signal, until);
  const offered = stretchOf(histogram, USUAL_PERCENTILES);
  if (!offered || !isDeep(histogram)) return undefined;
  return { ...offered, isProposed: offered.bounds[1] < NARROW * MOST_INTENSITY };
}

async function chooseStretch(
  archive: ArrayArchive,
  layout: ArrayImages,
  range: PixelRange,
  contrast: Contrast,
  signal: AbortSignal | undefined,
): Promise<Stretch | undefined> {
  if (contrast === 'none') return undefined;
  if (contrast === 'auto') {
    const offered = await offerArrayStretch(layout, range, signal);
    return offered?.isProposed ? { percentiles: offered.percentiles, bounds: offered.bounds } : undefined;
  }
  const chosen = stretchOf(await measure(layout, range, signal), contrast);
  if (chosen) return chosen;
  throw new UnravelError(
    'bad-input',
    `The contrast of ${archive.path} cannot be stretched: the intensities at the percentiles ${contrast.join(' and ')} are the same.`,
    { path: archive.path, hint: 'Choose percentiles that lie further apart, or import without a stretch.' },
  );
}

/**
 * Imports an archive of arrays: its images are found by name and shape, and arrays with a row for each image become
 * columns. Images are read in pieces, because an archive may be larger than the memory.
 *
 * @param staging - the folder in which `images.u8` is written
 * @throws UnravelError `bad-input`, `cancelled`
 */
export async function importArrays(
  staging: string,
  archive: ArrayArchive,
  options: ImageForm & {
    readonly contrast?: Contrast | undefined;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: ImportProgress) => void;
  },
): Promise<ImportedImages> {
  const { crop, imageSize, contrast = 'none', signal, onProgress } = options;
  const layout = findArrayImages(archive);
  const { images, width, height } = layout;
  const box = cropBox(crop, width, height);
  if (!box) {
    throw refuseArchive(
      archive,
      `its images are ${width}×${height} pixels, not of the shape of CelebA's faces`,
    );
  }
  const labels = await readArrayColumns(archive, layout);
  throwIfCancelled(signal);
  const extent = await measureExtent(layout, signal);
  const range = rangeOf(layout.type, extent);
  if (!range)
    throw refuseArchive(archive, `its “${layout.parts[0]!.array}” are no images: ${noPixels(extent)}`);
  const chosen = await chooseStretch(archive, layout, range, contrast, signal);
  const form: ArrayForm = { box, range, imageSize, bounds: chosen?.bounds ?? options.bounds };

  const channels = storedChannels(layout);
  const progress = createProgress(images);
  const writer = await ImagesWriter.create(staging, { imageSize, channels });
  try {
    for await (const piece of layout.read(0, images)) {
      throwIfCancelled(signal);
      await writer.append(makeImages(layout, piece, form), channels);
      onProgress?.({ ...progress(writer.count), skipped: 0 });
    }
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return {
    names: imageNames(images),
    channels,
    columns: labels.columns,
    notes: [
      ...sayRange(layout.type, range, extent),
      ...(layout.channels === 4 ? ['The images have transparency; they were laid over white.'] : []),
      ...sayEnlarged([{ width, height }], options.imageSize),
      ...labels.notes,
    ],
    stretch: chosen,
    skipped: labels.leftOut,
    duplicates: [],
  };
}
