import type { SkippedFile } from '../../contract/dataset.ts';
import type { ImportItem, ImportOrigin } from './import-protocol.ts';

/** Files to import, and label files that were found with them. */
export interface ImageSource {
  readonly origin: ImportOrigin;
  /** Paths inside the source, with `/`, in the order of the data set. */
  readonly names: readonly string[];
  /** The file at an index of `names`. */
  item(index: number): ImportItem;
  /** Files that are left out without being read. */
  readonly refused: readonly SkippedFile[];
  /** Tables that may contain labels of the images, the most probable first. */
  readonly labelFiles: readonly LabelFile[];
}

/** A file with labels, found with the images. */
export interface LabelFile {
  readonly name: string;
  readonly format: 'celeba' | 'csv';
  /** Reads its text in pieces. */
  open(): AsyncIterable<string | Buffer>;
}

const READ = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp)$/i;
/** Image formats that are not supported. Such files are listed as skipped, not ignored. */
const UNSUPPORTED = /\.(tiff?|heic|heif|avif|jxl|jp2)$/i;
const CELEBA_ATTRIBUTES = /(^|\/)list_attr_celeba\.txt$/i;

/** True for a name with the extension of an image format, supported or not. */
export function isImageName(name: string): boolean {
  return READ.test(name) || UNSUPPORTED.test(name);
}

/** True for hidden files and folders, which operating systems create: `.DS_Store`, `._face.jpg`, `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** The label format of a file, by its name; undefined if it is not a label file. */
export function labelFormat(name: string): LabelFile['format'] | undefined {
  if (CELEBA_ATTRIBUTES.test(name)) return 'celeba';
  return /\.csv$/i.test(name) ? 'csv' : undefined;
}

/** Compares names by UTF-16 code units, independently of the locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
