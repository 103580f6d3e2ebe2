import type { SkippedFile } from '../../contract/dataset.ts';
import type { ImportItem, ImportOrigin } from './import-protocol.ts';

/** Files to import and what was found beside them. */
export interface ImageSource {
  readonly origin: ImportOrigin;
  /** Paths inside the source, with `/`, in the order of the data set. */
  readonly names: readonly string[];
  /** The file of each name. */
  item(index: number): ImportItem;
  /** Files that are left out before they are read. */
  readonly refused: readonly SkippedFile[];
  /** Tables that may label the images, the likeliest first. */
  readonly labelFiles: readonly LabelFile[];
}

/** A file with labels, found with the images. */
export interface LabelFile {
  readonly name: string;
  readonly format: 'celeba' | 'csv';
  /** Its text, piece by piece. */
  open(): AsyncIterable<string | Buffer>;
}

const READ = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp)$/i;
/** Formats of images that are not read: naming them is kinder than passing over them. */
const UNSUPPORTED = /\.(tiff?|heic|heif|avif|jxl|jp2)$/i;
const CELEBA_ATTRIBUTES = /(^|\/)list_attr_celeba\.txt$/i;

/** True for what is called an image, whether its format is supported or not. */
export function isImageName(name: string): boolean {
  return READ.test(name) || UNSUPPORTED.test(name);
}

/** True for files and folders that systems leave behind: `.DS_Store`, `._face.jpg`, `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** How a file labels images, if its name says that it might. */
export function labelFormat(name: string): LabelFile['format'] | undefined {
  if (CELEBA_ATTRIBUTES.test(name)) return 'celeba';
  return /\.csv$/i.test(name) ? 'csv' : undefined;
}

/** The order of names everywhere: by UTF-16 code units, which no locale changes. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
