import type { SkippedFile } from '../../contract/dataset.ts';
import { endingIn, READ_PICTURES, UNREAD_PICTURES } from '../../contract/picture-files.ts';
import type { LabelFile } from '../labels/label-file.ts';
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
  /** A file that is neither an image nor a table, if there are such files. */
  readonly other?: string | undefined;
  /** True for an archive without any file. */
  readonly isEmpty?: boolean;
  /** The source's own path, with which a table may name images; empty for several sources together. */
  readonly root: string;
  /** Tables that may contain labels of the images. */
  readonly labelFiles: readonly LabelFile[];
  /** Frees what the source holds, such as a temporary file; the tables and files can no longer be read. */
  close?(): void;
}

/** Further image formats that are not supported. Such files are listed as skipped, not ignored. */
const FURTHER_UNREAD = 'j2k jpx pbm pam pfm psd dng cr2 cr3 nef arw raf orf rw2'.split(' ');
const IMAGE = endingIn([...READ_PICTURES, ...UNREAD_PICTURES, ...FURTHER_UNREAD]);
/** Why an archive in a folder is not imported with it. */
export const ARCHIVE_REASON = 'it is an archive, which is imported by itself';
/** Why an archive in an archive is not imported with it. */
export const INNER_ARCHIVE_REASON = 'it is an archive inside the archive; unpack it, and import it by itself';
/** Why an image whose name, or whose folder's, begins with a dot is not imported. */
export const HIDDEN_REASON = 'it is hidden, because its name or that of its folder begins with a dot';
/** Archives, which are imported by themselves. */
const ARCHIVE = /\.(zip|npz|tar(\.(gz|bz2|xz|zst))?|tgz|tbz2?|txz|h5|hdf5|mat|7z|rar)$/i;

/** True for a name with the extension of an image format, supported or not. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name);
}

/** True for hidden files and folders, which operating systems create: `.DS_Store`, `._face.jpg`, `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** True for a hidden image that a person may have put there, and not an operating system. */
export function isHiddenImage(name: string): boolean {
  return isImageName(name) && isHidden(name) && !/(^|\/)(\._|__MACOSX\/)/.test(name);
}

/** True for an archive that may contain images, by its name. */
export function isArchiveName(name: string): boolean {
  return ARCHIVE.test(name);
}

/** Compares names by UTF-16 code units, independently of the locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
