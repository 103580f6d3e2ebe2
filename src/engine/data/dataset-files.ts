import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MOST_DATASET_IMAGES, type DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { imageBytes, type ImageShape } from '../../contract/image-size.ts';
import { removeFile } from '../../system/remove.ts';
import type { ColumnValues } from './columns.ts';

/** The files of a data set's folder. */
export const DATASET_FILES = {
  info: 'dataset.json',
  images: 'images.u8',
  names: 'names.json',
  columns: 'columns.f32',
} as const;

/**
 * Maximum size of a description, which contains the files that an import left out. This is enough for half a
 * million.
 */
export const MOST_INFO_BYTES = 64_000_000;

const COPY_BYTES = 2 * 2 ** 20;

/**
 * Writes a file and flushes it to the disk, so that it survives a crash after the folder has been renamed into
 * place.
 */
async function writeSynced(path: string, chunks: readonly (string | Uint8Array)[]): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Appends images to `images.u8`: one byte per pixel while all images are grey, three from the first colour image
 * on.
 */
export class ImagesWriter {
  readonly #path: string;
  readonly #imageSize: number;
  #handle: FileHandle;
  #channels: 1 | 3;
  #count = 0;

  private constructor(path: string, handle: FileHandle, { imageSize, channels }: ImageShape) {
    this.#path = path;
    this.#imageSize = imageSize;
    this.#handle = handle;
    this.#channels = channels;
  }

  /**
   * @param folder - the data set's folder, which is not complete yet
   * @param shape - size and channels of the first images; with one channel the file is grey at first
   */
  static async create(folder: string, shape: ImageShape): Promise<ImagesWriter> {
    const path = join(folder, DATASET_FILES.images);
    return new ImagesWriter(path, await open(path, 'w'), shape);
  }

  /** Channels of the images written so far. */
  get channels(): 1 | 3 {
    return this.#channels;
  }

  /** Number of images written so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Appends images.
   *
   * @param images - `[n, imageSize, imageSize, channels]`
   */
  async append(images: Uint8Array, channels: 1 | 3): Promise<void> {
    if (images.length === 0) return;
    const added = images.length / imageBytes({ imageSize: this.#imageSize, channels });
    if (this.#count + added > MOST_DATASET_IMAGES) {
      throw new UnravelError('bad-input', `There are more than ${MOST_DATASET_IMAGES} images.`, {
        hint: 'Import a part of them.',
      });
    }
    let bytes = images;
    if (channels > this.#channels) await this.#becomeColour();
    else if (channels < this.#channels) bytes = toColour(images);
    await writeAll(this.#handle, bytes);
    this.#count += added;
  }

  /** Flushes the file to the disk and closes it. */
  async close(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Closes a file that will be removed. */
  async abandon(): Promise<void> {
    await this.#handle.close();
  }

  /** Converts the file to colour when the first colour image follows grey ones. */
  async #becomeColour(): Promise<void> {
    const path = `${this.#path}.colour`;
    const colour = await open(path, 'w');
    try {
      const grey = await open(this.#path, 'r');
      try {
        const total = this.#count * imageBytes({ imageSize: this.#imageSize, channels: 1 });
        const piece = Buffer.alloc(Math.min(COPY_BYTES, total));
        for (let done = 0; done < total; done += piece.length) {
          const bytes = Math.min(piece.length, total - done);
          await readAll(grey, piece, bytes, done);
          await writeAll(colour, toColour(piece.subarray(0, bytes)));
        }
      } finally {
        await grey.close();
      }
    } catch (error) {
      await colour.close();
      await removeFile(path);
      throw error;
    }
    // Windows cannot rename onto an open file.
    await this.#handle.close();
    await colour.close();
    await rename(path, this.#path);
    this.#handle = await open(this.#path, 'a');
    this.#channels = 3;
  }
}

function toColour(grey: Uint8Array): Uint8Array {
  const colour = new Uint8Array(grey.length * 3);
  for (let i = 0, out = 0; i < grey.length; i++) {
    const value = grey[i]!;
    colour[out++] = value;
    colour[out++] = value;
    colour[out++] = value;
  }
  return colour;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/**
 * Reads exactly `length` bytes from `position` of the file into `into`, at `offset`.
 *
 * @throws Error if the file is shorter
 */
export async function readAll(
  handle: FileHandle,
  into: Uint8Array,
  length: number,
  position: number,
  offset = 0,
): Promise<void> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(into, offset + done, length - done, position + done);
    if (bytesRead === 0) throw new Error('The file ends early.');
    done += bytesRead;
  }
}

/**
 * Packs the images of a window that could be read.
 *
 * @param pixels - `[n, imageSize, imageSize, 3]`, of which grey images fill the first third
 * @param places - the positions of the images to pack, in order
 * @param isColour - whether the image at a position is in colour
 * @returns `[places.length, imageSize, imageSize, channels]`, grey only if all are grey; a part of `pixels` itself
 * if no image has to be moved
 */
export function packImages(
  pixels: Uint8Array,
  imageSize: number,
  places: readonly number[],
  isColour: (place: number) => boolean,
): { images: Uint8Array; channels: 1 | 3 } {
  const channels = places.some(isColour) ? 3 : 1;
  const size = imageBytes({ imageSize, channels });
  const greyBytes = imageBytes({ imageSize, channels: 1 });
  // The usual case: every file could be read, and every image is in colour.
  if (places.at(-1) === places.length - 1 && places.every(isColour)) {
    return { images: pixels.subarray(0, places.length * size), channels };
  }
  const images = new Uint8Array(places.length * size);
  places.forEach((place, i) => {
    const from = place * 3 * greyBytes;
    if (channels === 3 && !isColour(place)) {
      images.set(toColour(pixels.subarray(from, from + greyBytes)), i * size);
    } else {
      images.set(pixels.subarray(from, from + size), i * size);
    }
  });
  return { images, channels };
}

/** Writes `dataset.json` alone, for a data set that is drawn when it is read. */
export async function writeDatasetInfo(folder: string, info: DatasetInfo): Promise<void> {
  const path = join(folder, DATASET_FILES.info);
  const text = `${JSON.stringify(info, null, 2)}\n`;
  if (Buffer.byteLength(text) > MOST_INFO_BYTES) {
    throw new UnravelError(
      'bad-input',
      `Could not write ${path}: too many files were left out of the import.`,
      {
        path,
        hint: 'Remove the files that cannot be read from the source, or import a part of it.',
      },
    );
  }
  await writeSynced(path, [text]);
}

/** Writes all files of a data set except its images. `dataset.json` is written last. */
export async function writeDatasetFiles(
  folder: string,
  info: DatasetInfo,
  names: readonly string[],
  columns: readonly ColumnValues[],
): Promise<void> {
  await writeSynced(join(folder, DATASET_FILES.names), [JSON.stringify(names)]);
  const bytes = columns.map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeSynced(join(folder, DATASET_FILES.columns), bytes);
  await writeDatasetInfo(folder, info);
}
