import type { ErrorPayload } from '../../contract/errors.ts';
import { imageBytes } from '../../contract/image-size.ts';
import type { TarEntry } from '../files/tar.ts';
import type { ZipEntry } from '../files/zip-reader.ts';
import type { FilePath } from './file-path.ts';
import type { ImageForm } from '../image-files/read-image.ts';

/** Maximum number of files in a window. */
const MOST_WINDOW_IMAGES = 1024;
/** Maximum size of a window's images. */
const MOST_WINDOW_BYTES = 32 * 2 ** 20;

/** The number of images in a window, by their size. 1,024 images of 64×64 pixels are 12 MiB. */
export function windowImages(imageSize: number): number {
  return Math.min(MOST_WINDOW_IMAGES, Math.floor(MOST_WINDOW_BYTES / placeBytes(imageSize)));
}

/** The size in bytes of an image's place in a window, with three channels. */
export function placeBytes(imageSize: number): number {
  return imageBytes({ imageSize, channels: 3 });
}

/**
 * Number of files that a worker takes at a time: enough that the synchronisation takes no time, and few enough that
 * the workers finish at about the same time.
 */
export const BLOCK_IMAGES = 16;
/** Number of bytes of a file's SHA-256 that are compared to find files with the same bytes. */
export const HASH_BYTES = 16;

/** The state of a file. */
export const FileState = { waiting: 0, grey: 1, colour: 2, skipped: 3 } as const;

/** What is said about a picture that was read; bits that are added. */
export const Remark = { transparent: 1, oneOfSeveral: 2 } as const;

/** Positions in a worker's control block, which tells where the worker stopped if it crashes. */
export const Control = { window: 0, current: 1, blockEnd: 2, length: 3 } as const;

/** The source of a worker's files. */
export type ImportOrigin =
  | { readonly kind: 'files' }
  | { readonly kind: 'zip'; readonly path: string }
  /** A path, or the descriptor of a temporary file of this process. */
  | { readonly kind: 'tar'; readonly from: string | number };

/** A file to read: its absolute path, or an entry of the archive. */
export type StoredFile = FilePath | ZipEntry | TarEntry;

/** One of several pictures in a file. */
export interface PicturePage {
  readonly file: StoredFile;
  /** From 0. */
  readonly page: number;
}

/** A picture to read. */
export type ImportItem = StoredFile | PicturePage;

/** The file that a picture is in. */
export function fileOf(item: ImportItem): StoredFile {
  return typeof item === 'object' && 'page' in item ? item.file : item;
}

/** The position of a picture in its file, from 0. */
export function pageOf(item: ImportItem): number {
  return typeof item === 'object' && 'page' in item ? item.page : 0;
}

/** True for a file outside any archive. */
export function isPath(item: StoredFile): item is FilePath {
  return typeof item === 'string' || item instanceof Uint8Array;
}

/** An import that a worker takes part in. The windows that follow belong to it. */
export interface ImportJob {
  readonly type: 'job';
  readonly origin: ImportOrigin;
  readonly form: ImageForm;
  /**
   * `[INTENSITIES]` int32: receives the intensities of the files, which are then measured instead of made into
   * images.
   */
  readonly histogram?: SharedArrayBuffer;
  /** The worker's number, from 1. */
  readonly number: number;
  /** `[Control.length]` int32. */
  readonly control: SharedArrayBuffer;
  /** One int32: the worker that decodes a huge picture, 0 if none does. */
  readonly lock: SharedArrayBuffer;
  /** One int32: files finished by all workers. */
  readonly finished: SharedArrayBuffer;
}

/** A window of files, the same for every worker; the memory is shared. */
export interface ImportWindow {
  readonly type: 'window';
  readonly id: number;
  readonly items: readonly ImportItem[];
  /** One int32: the index of the first file that no worker has taken. */
  readonly counter: SharedArrayBuffer;
  /** `[items]`, {@link FileState}. */
  readonly states: SharedArrayBuffer;
  /** `[items]`, of {@link Remark}; meaningful where an image was read. */
  readonly remarks: SharedArrayBuffer;
  /** `[items, HASH_BYTES]`. */
  readonly hashes: SharedArrayBuffer;
  /** `[items, imageSize, imageSize, 3]`; grey images fill the first third of their place. */
  readonly pixels: SharedArrayBuffer;
  /** Files that a crashed worker had taken and not finished. */
  readonly inherited?: readonly [from: number, to: number];
}

/** A message to a worker. `rest` ends its part of the import; it then waits for another. */
export type WorkerTask = ImportJob | ImportWindow | { readonly type: 'rest' };

/** A message from a worker. */
export type WorkerMessage =
  | { readonly type: 'skipped'; readonly window: number; readonly index: number; readonly reason: string }
  | { readonly type: 'done'; readonly window: number }
  | { readonly type: 'failed'; readonly error: ErrorPayload };

/** Shared memory for a window of at most {@link windowImages} files. */
export function allocateWindow(
  imageSize: number,
): Pick<ImportWindow, 'counter' | 'states' | 'remarks' | 'hashes' | 'pixels'> {
  const images = windowImages(imageSize);
  return {
    counter: new SharedArrayBuffer(4),
    states: new SharedArrayBuffer(images),
    remarks: new SharedArrayBuffer(images),
    hashes: new SharedArrayBuffer(images * HASH_BYTES),
    pixels: new SharedArrayBuffer(images * placeBytes(imageSize)),
  };
}
