import type { ErrorPayload } from '../../contract/errors.ts';
import { imageBytes } from '../../contract/image-size.ts';
import type { ZipEntry } from '../files/zip-reader.ts';
import type { FilePath } from './file-path.ts';
import type { ImageForm } from '../image-files/read-image.ts';

/** Maximum number of files handed out and images handed back at a time. */
const MOST_WINDOW_IMAGES = 1024;
/** Maximum size of a window's images, of which larger ones are fewer. */
const MOST_WINDOW_BYTES = 32 * 2 ** 20;

/** How many images of a size are handed out at a time. 1,024 of 64×64 are 12 MiB. */
export function windowImages(imageSize: number): number {
  return Math.min(MOST_WINDOW_IMAGES, Math.floor(MOST_WINDOW_BYTES / placeBytes(imageSize)));
}

/** The size of an image's place in a window: there is room for colour. */
export function placeBytes(imageSize: number): number {
  return imageBytes({ imageSize, channels: 3 });
}

/** Files that a worker takes at a time: many enough that taking costs nothing, few enough to end together. */
export const BLOCK_IMAGES = 16;
/** Bytes kept of a file's SHA-256, to find files with the same bytes. */
export const HASH_BYTES = 16;

/** What became of a file. */
export const FileState = { waiting: 0, grey: 1, colour: 2, skipped: 3 } as const;

/** Positions in a worker's control block, by which its successor knows where it stopped. */
export const Control = { window: 0, current: 1, blockEnd: 2, length: 3 } as const;

/** Where a worker's files come from. */
export type ImportOrigin = { readonly kind: 'files' } | { readonly kind: 'zip'; readonly path: string };

/** A file to read: its absolute path, or an entry of the archive. */
export type ImportItem = FilePath | ZipEntry;

/** True for a file outside any archive. */
export function isPath(item: ImportItem): item is FilePath {
  return typeof item === 'string' || item instanceof Uint8Array;
}

/** An import for a worker to take part in; until it rests again its windows are of this one. */
export interface ImportJob {
  readonly type: 'job';
  readonly origin: ImportOrigin;
  readonly form: ImageForm;
  /** Which worker this is, from 1. */
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
  /** One int32: the first file that nobody has taken. */
  readonly counter: SharedArrayBuffer;
  /** `[items]`, {@link FileState}. */
  readonly states: SharedArrayBuffer;
  /** `[items, HASH_BYTES]`. */
  readonly hashes: SharedArrayBuffer;
  /** `[items, imageSize, imageSize, 3]`; grey images fill the first third of their place. */
  readonly pixels: SharedArrayBuffer;
  /** Files that a worker which crashed had taken and not finished. */
  readonly inherited?: readonly [from: number, to: number];
}

/** What a worker is told; `rest` has it let go of the import and wait for another. */
export type WorkerTask = ImportJob | ImportWindow | { readonly type: 'rest' };

/** What a worker says. */
export type WorkerMessage =
  | { readonly type: 'skipped'; readonly window: number; readonly index: number; readonly reason: string }
  | { readonly type: 'done'; readonly window: number }
  | { readonly type: 'failed'; readonly error: ErrorPayload };

/** Shared memory for a window of at most {@link windowImages} files. */
export function allocateWindow(
  imageSize: number,
): Pick<ImportWindow, 'counter' | 'states' | 'hashes' | 'pixels'> {
  const images = windowImages(imageSize);
  return {
    counter: new SharedArrayBuffer(4),
    states: new SharedArrayBuffer(images),
    hashes: new SharedArrayBuffer(images * HASH_BYTES),
    pixels: new SharedArrayBuffer(images * placeBytes(imageSize)),
  };
}
