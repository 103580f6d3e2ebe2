import type { Column, DatasetInfo, Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { DEFAULT_IMAGE_SIZE, type ImageSize } from '../../contract/image-size.ts';
import { drawFaces } from '../synthetic/draw-faces.ts';
import type { FactorSpec } from '../synthetic/factor-spec.ts';
import { FACE_FACTORS, faceFactors } from '../synthetic/faces.ts';
import { SPRITE_COUNT, SPRITE_FACTORS, SPRITE_SIZE_PX } from '../synthetic/sprites.ts';
import { tidyWorkspace, type Workspace } from '../basics/workspace.ts';
import { ImagesWriter, writeDatasetFiles, writeDatasetInfo } from './dataset-files.ts';
import { writeNamedDataset } from './dataset-names.ts';
import { faceName } from './drawn-faces.ts';
import { createProgress } from '../basics/progress.ts';

/** Default number of sample faces. */
export const SAMPLE_FACES = 10_000;

/** The sample faces to draw. */
export interface SampleFacesOptions {
  readonly count: number;
  readonly seed: number;
  /** Width and height of the images; the default size if left out. */
  readonly imageSize?: ImageSize;
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** The sprites of a data set. */
export interface SpritesOptions {
  /** Number of sprites, which are chosen at random by the seed; all 737,280 if left out. */
  readonly count?: number;
  readonly seed: number;
  readonly name?: string;
}

function toColumn({ name, type, categories }: FactorSpec): Column {
  return { name, type, factor: true, ...(categories ? { categories: [...categories] } : {}) };
}

function checkCount(count: number, most: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw new UnravelError('bad-input', `${count} is not a valid number of images.`, {
    hint: `Choose a number from 1 to ${most}.`,
  });
}

/**
 * Draws sample faces and stores them as a data set; their factors are its columns.
 *
 * @throws UnravelError `bad-input`, `cancelled`, `disk-full`
 */
export async function createSampleFaces(
  workspace: Workspace,
  options: SampleFacesOptions,
): Promise<DatasetInfo> {
  const { count, seed, imageSize = DEFAULT_IMAGE_SIZE, name = 'faces', signal, onProgress } = options;
  checkCount(count, 10_000_000);
  await tidyWorkspace(workspace);
  return writeNamedDataset(workspace, name, async (staging, id, takeName) => {
    const progress = createProgress(count);
    const writer = await ImagesWriter.create(staging, { imageSize, channels: 3 });
    try {
      for await (const { images } of drawFaces({
        ...{ seed, count, sizePx: imageSize },
        ...(signal ? { signal } : {}),
      })) {
        await writer.append(images, 3);
        onProgress?.(progress(writer.count));
      }
      await writer.close();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    const columns = FACE_FACTORS.map((spec) => ({ column: toColumn(spec), values: new Float32Array(count) }));
    const names = Array.from({ length: count }, (_, index) => {
      faceFactors(seed, index).forEach((value, factor) => (columns[factor]!.values[index] = value));
      return faceName(index, count);
    });
    const info = builtIn({
      ...{ kind: 'faces', id, name: await takeName(), images: count, imageSize, channels: 3, seed },
      columns: columns.map(({ column }) => column),
    });
    await writeDatasetFiles(staging, info, names, columns);
    return info;
  });
}

/**
 * Describes a data set of sample faces that are drawn when they are read. The description is its only file. Images,
 * names and factors are the same as {@link createSampleFaces} stores for that seed.
 */
export function describeDrawnFaces({
  id,
  name,
  count,
  imageSize = DEFAULT_IMAGE_SIZE,
  seed,
}: {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly imageSize?: ImageSize;
  readonly seed: number;
}): DatasetInfo {
  const info = builtIn({
    ...{ kind: 'faces', id, name, images: count, imageSize, channels: 3, seed },
    columns: FACE_FACTORS.map(toColumn),
  });
  return { ...info, isDrawn: true };
}

/**
 * Makes a data set of sprites, which are drawn when they are read.
 *
 * @throws UnravelError `bad-input`, `disk-full`
 */
export async function createSprites(workspace: Workspace, options: SpritesOptions): Promise<DatasetInfo> {
  const { count = SPRITE_COUNT, seed, name = 'sprites' } = options;
  checkCount(count, SPRITE_COUNT);
  await tidyWorkspace(workspace);
  const specs: readonly FactorSpec[] = SPRITE_FACTORS;
  // The colour is always white. A factor with one value carries no information.
  const columns = specs.filter(({ categories }) => categories?.length !== 1).map(toColumn);
  return writeNamedDataset(workspace, name, async (staging, id, takeName) => {
    const info = builtIn({
      ...{ kind: 'sprites', id, name: await takeName(), images: count, imageSize: SPRITE_SIZE_PX },
      ...{ channels: 1, seed, columns },
    });
    await writeDatasetInfo(staging, info);
    return info;
  });
}

function builtIn(
  own: Pick<DatasetInfo, 'kind' | 'id' | 'name' | 'images' | 'imageSize' | 'channels' | 'columns'> & {
    readonly seed: number;
  },
): DatasetInfo {
  return {
    version: 1,
    ...own,
    created: new Date().toISOString(),
    crop: 'none',
    source: `drawn by Unravel, seed ${own.seed}`,
    skipped: [],
    duplicates: [],
  };
}
