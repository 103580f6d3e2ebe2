import { closeSync, openSync, readSync } from 'node:fs';
import { countTiffPages, type ReadAt } from '../image-files/tiff.ts';
import { systemPath } from './file-path.ts';
import { fileOf, isPath, type ImportItem } from './import-protocol.ts';
import { openItemReader, type ItemReader } from './read-item.ts';
import type { ImageSource } from './source.ts';

function pagesOf(item: ImportItem, reader: ItemReader): number {
  const file = fileOf(item);
  if (!isPath(file)) {
    const bytes = reader.read(file);
    return countTiffPages((offset, length) => bytes.subarray(offset, offset + length));
  }
  const fd = openSync(systemPath(file), 'r');
  const readAt: ReadAt = (offset, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  };
  try {
    return countTiffPages(readAt);
  } finally {
    closeSync(fd);
  }
}

/**
 * Lists each picture of a TIFF that holds several, as `scan.tif#1`, `scan.tif#2` and so on. A file that cannot be read is
 * one picture, which the import leaves out with the reason.
 */
export function withPages(source: ImageSource): ImageSource {
  const names: string[] = [];
  const items: { readonly index: number; readonly page: number | undefined }[] = [];
  const reader = openItemReader(source.origin);
  try {
    source.names.forEach((name, index) => {
      let pages = 1;
      try {
        if (/\.tiff?$/i.test(name)) pages = pagesOf(source.item(index), reader);
      } catch {
        // The import says why.
      }
      if (pages <= 1) {
        names.push(name);
        items.push({ index, page: undefined });
        return;
      }
      for (let page = 0; page < pages; page++) {
        names.push(`${name}#${page + 1}`);
        items.push({ index, page });
      }
    });
  } finally {
    reader.close();
  }
  if (names.length === source.names.length) return source;
  return {
    ...source,
    names,
    item(at) {
      const { index, page } = items[at]!;
      const item = source.item(index);
      return page === undefined ? item : { file: fileOf(item), page };
    },
  };
}
