import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { DatasetInfo, Progress, SkippedFile } from '../../contract/dataset.ts';
import type { Bounds } from '../../contract/contrast.ts';
import { UnravelError } from '../../contract/errors.ts';
import { PICTURE_FORMATS } from '../../contract/picture-files.ts';
import { imageBytes, type ImageShape, type ImageSize } from '../../contract/image-size.ts';
import type { Condition, RunInfo } from '../../contract/run.ts';
import { removeFolder } from '../../system/remove.ts';
import type { Dataset } from '../data/dataset.ts';
import { importDataset } from '../importing/import.ts';
import { readImage } from '../image-files/read-image.ts';
import { isImageName } from '../importing/source.ts';
import { readLabelCells, type LabelCells } from '../data/label-cells.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { openDataset } from '../data/store.ts';
import { UnreadableImage } from '../image-files/unreadable.ts';
import { readImagesTensor } from '../pictures/images.ts';
import { unitToByte } from '../pictures/picture.ts';
import { openWorkspace, type Workspace } from '../basics/workspace.ts';
import { readConditions, type ConditionsOf } from './conditions.ts';
import { fitImages } from './fit-images.ts';
import { readGiven } from '../files/read-given.ts';

/** Images from any source, converted to a model's format. */
export interface ImageSource {
  /** The name of each image. */
  readonly names: readonly string[];
  /** Files that could not be read. */
  readonly skipped: readonly SkippedFile[];
  /** The data set whose images these are, all of them and in order. */
  readonly dataset?: DatasetInfo;
  /** Reads the labels and factors of a data set's images. */
  readonly labels?: () => Promise<readonly LabelCells[]>;
  /**
   * Reads images.
   *
   * @returns `[indices.length, imageSize, imageSize, channels]` of the model, bytes
   */
  read(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** The conditions of the images, if the model is conditional and the images have its column. */
  readonly conditions?: ConditionsOf;
  /** Closes files and removes temporary ones. */
  close(): Promise<void>;
}

/** Options for opening a source. */
export interface OpenOptions {
  /** Opens the data set that a person has named. If left out, only a data set's id is accepted. */
  readonly openNamed?: (named: string) => Promise<Dataset>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Reads a data set's images for a model.
 *
 * @returns `[indices.length, imageSize, imageSize, channels]` of the model, bytes
 */
export async function readFitted(
  dataset: Dataset,
  indices: ArrayLike<number>,
  model: ImageShape,
): Promise<Uint8Array> {
  return fitImages(await dataset.readImages(indices), dataset.info, model);
}

/** The format of a model's images. */
type ModelImages = ImageShape & {
  readonly imageSize: ImageSize;
  /** The run, whose data set may have a stretched contrast. */
  readonly info?: Pick<RunInfo, 'dataset'> | undefined;
};

/** The contrast of the images that a model was trained on, which other files get too. */
function boundsFor({ info }: ModelImages): Bounds | undefined {
  return info?.dataset?.stretch?.bounds;
}

/** The properties of a model that determine its inputs. */
type SourceModel = ModelImages & { readonly condition?: Condition | undefined };

/** Makes a source from a data set. Closing it closes the data set. */
async function fromDataset(dataset: Dataset, model: SourceModel): Promise<ImageSource> {
  return {
    names: await dataset.names(),
    skipped: dataset.info.skipped,
    dataset: dataset.info,
    labels: () => readLabelCells(dataset),
    read: (indices) => readFitted(dataset, indices, model),
    conditions: await readConditions(model.condition, dataset),
    close: () => dataset.close(),
  };
}

/**
 * Reads one picture file like the import: rotated, cropped and resized.
 *
 * @returns `[imageSize, imageSize, channels]` of the model, bytes
 * @throws UnravelError `not-found`, or `bad-input` with the reason why it cannot be read
 */
export async function readPictureFor(path: string, model: ModelImages): Promise<Uint8Array> {
  const bytes = await readGiven(path);
  const { imageSize } = model;
  const pixels = new Uint8Array(imageBytes({ imageSize, channels: 3 }));
  try {
    const { channels } = readImage(bytes, { crop: 'auto', imageSize, bounds: boundsFor(model) }, pixels);
    const shape = { imageSize, channels };
    return fitImages(pixels.subarray(0, imageBytes(shape)), shape, model);
  } catch (cause) {
    if (!(cause instanceof UnreadableImage)) throw cause;
    throw new UnravelError('bad-input', `Could not read ${path}: ${cause.message}.`, {
      path,
      cause,
      hint: `Use a picture of another format: ${PICTURE_FORMATS} are read.`,
    });
  }
}

function inMemory(images: Uint8Array, names: readonly string[]): ImageSource {
  const size = images.length / names.length;
  return {
    names,
    skipped: [],
    read(indices) {
      const chosen = new Uint8Array(indices.length * size);
      Array.from(indices).forEach((index, i) =>
        chosen.set(images.subarray(index * size, (index + 1) * size), i * size),
      );
      return Promise.resolve(chosen);
    },
    close: () => Promise.resolve(),
  };
}

async function fromTensor(path: string, model: ImageShape): Promise<ImageSource> {
  const { shape, data } = await readImagesTensor(path);
  const [count, height, width, channels] = shape as [number, number, number, 1 | 3];
  if (height !== width) {
    throw new UnravelError('bad-input', `The images in ${path} are ${width}×${height}, not square.`, {
      path,
      hint: `Cut them to squares of ${model.imageSize}×${model.imageSize}.`,
    });
  }
  const bytes = data instanceof Uint8Array ? data : Uint8Array.from(data, unitToByte);
  const digits = String(count - 1).length;
  const names = Array.from({ length: count }, (_, i) => String(i).padStart(digits, '0'));
  return inMemory(fitImages(bytes, { imageSize: height, channels }, model), names);
}

/** Imports a folder or archive into a temporary workspace, so that it is read exactly like a data set. */
async function fromFiles(path: string, model: SourceModel, options: OpenOptions): Promise<ImageSource> {
  const folder = await mkdtemp(join(tmpdir(), 'unravel-images-'));
  const clean = () => removeFolder(folder);
  try {
    const workspace = openWorkspace(folder);
    const { id } = await importDataset(workspace, path, {
      ...{ crop: 'auto', imageSize: model.imageSize, bounds: boundsFor(model) },
      ...options,
    });
    const source = await fromDataset(await openDataset(workspace, id), model);
    return {
      ...source,
      async close() {
        await source.close();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

/**
 * Opens images for a model: those of a folder, a zip or an NPZ, of one picture file, of a safetensors file with a
 * tensor `images`, or of a data set. If there is no such file or folder, `source` is the name of a data set.
 *
 * @param source - a path, or the name of a data set
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openImageSource(
  workspace: Workspace,
  source: string,
  model: SourceModel,
  { openNamed = (id) => openLockedDataset(workspace, id), ...options }: OpenOptions = {},
): Promise<ImageSource> {
  const found = await stat(source).catch(() => undefined);
  if (!found) {
    if (isImageName(source) || /[/\\]|\.(zip|tar|tgz|tar\.gz|npz|safetensors)$/i.test(source)) {
      throw new UnravelError('not-found', `There is no file or folder ${source}.`, {
        path: source,
        hint: 'Check the name.',
      });
    }
    return fromDataset(await openNamed(source), model);
  }
  if (found.isFile() && extname(source).toLowerCase() === '.safetensors') return fromTensor(source, model);
  return fromFiles(source, model, options);
}
