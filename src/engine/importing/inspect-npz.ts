import { basename } from 'node:path';
import { imageBytes } from '../../contract/image-size.ts';
import type { Inspection } from '../../contract/operations/sources.ts';
import { tensor } from '../../contract/tensor.ts';
import { openNpz } from '../files/npz.ts';
import { areaResize } from '../image-files/area-resize.ts';
import { cropBox, hasCelebaShape } from '../image-files/crop.ts';
import { findNpzImages, readNpzColumns, type NpzImages } from './import-npz.ts';
import { MOST_PREVIEWS, spread, type InspectOptions } from './previews.ts';

/** Maximum time for decompressing an archive for previews. dSprites' three gigabytes take longer. */
const UNPACK_MS = 3000;

/** Reads the wanted images of an archive in order, as many as the time allows. */
async function readRows(
  { array, width, height, channels }: NpzImages,
  wanted: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Buffer[]> {
  const bytes = width * height * channels;
  const until = performance.now() + UNPACK_MS;
  const rows: Buffer[] = [];
  let first = 0;
  for await (const piece of array.rows(bytes)) {
    signal?.throwIfAborted();
    const end = first + piece.length / bytes;
    while (rows.length < wanted.length && wanted[rows.length]! < end) {
      const at = (wanted[rows.length]! - first) * bytes;
      rows.push(Buffer.from(piece.subarray(at, at + bytes)));
    }
    first = end;
    if (rows.length === wanted.length || performance.now() > until) break;
  }
  return rows;
}

/**
 * Inspects an archive of arrays; see {@link inspectSource}. All its images have the same size, so either all or
 * none can be imported.
 */
export async function inspectNpz(path: string, options: InspectOptions): Promise<Inspection> {
  const arrays = await openNpz(path);
  const layout = findNpzImages(path, arrays);
  const { images, width, height, channels } = layout;
  const wanted = spread(images, MOST_PREVIEWS, options.seed);
  const rows = await readRows(layout, wanted, options.signal);
  const isMask = rows.every((row) => row.every((byte) => byte <= 1));
  const box = cropBox(options.crop, width, height);
  const { imageSize } = options;
  const previewBytes = imageBytes({ imageSize, channels: 3 });
  const previews = new Uint8Array(box ? rows.length * previewBytes : 0);
  const image = new Uint8Array(imageBytes({ imageSize, channels }));
  rows.forEach((row, i) => {
    if (!box) return;
    const data = isMask ? row.map((byte) => byte * 255) : row;
    areaResize({ width, height, pixelBytes: channels, channels, data }, box, imageSize, image);
    for (let p = 0; p < imageSize * imageSize; p++) {
      for (let c = 0; c < 3; c++) {
        previews[i * previewBytes + 3 * p + c] = image[p * channels + (channels === 3 ? c : 0)]!;
      }
    }
  });
  const columns = readNpzColumns(path, arrays, images).map(({ column }) => column.name);
  const shown = box ? wanted.slice(0, rows.length) : [];
  const digits = String(images - 1).length;
  const nameOf = (index: number): string => String(index).padStart(digits, '0');
  const reason = `it is ${width}×${height} pixels, not of the shape of CelebA's faces (178×218)`;
  return {
    images,
    folders: [],
    ...(columns.length ? { labels: { file: basename(path), columns } } : {}),
    tables: [],
    previews: tensor('u8', [shown.length, imageSize, imageSize, 3], previews),
    previewNames: shown.map(nameOf),
    unreadable: box ? [] : wanted.map((index) => ({ file: nameOf(index), reason })),
    examined: rows.length,
    failures: box ? 0 : wanted.length,
    firstSize: { width, height },
    celebaShaped: hasCelebaShape(width, height),
  };
}
