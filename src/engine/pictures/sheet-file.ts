import { writeFileAtomic } from '../../system/atomic.ts';
import type { Picture } from './picture.ts';
import { encodePng } from './png.ts';
import { tileOfSize } from './resize.ts';
import { drawSheet, inRows, pairRows } from './sheet.ts';

/** Writes pictures as one PNG with about as many columns as rows. */
export async function writeSampleSheet(
  path: string,
  pictures: readonly Picture[],
  tileSizePx: number,
): Promise<void> {
  const tiles = pictures.map((picture) => tileOfSize(picture, tileSizePx));
  const sheet = drawSheet(inRows(tiles, Math.ceil(Math.sqrt(tiles.length))));
  await writeFileAtomic(path, await encodePng(sheet));
}

/** Writes originals above their reconstructions as one PNG, at most eight per row. */
export async function writeReconstructionSheet(
  path: string,
  originals: readonly Picture[],
  reconstructions: readonly Picture[],
  tileSizePx: number,
): Promise<void> {
  const resized = (pictures: readonly Picture[]) =>
    pictures.map((picture) => tileOfSize(picture, tileSizePx));
  const columns = Math.min(8, originals.length);
  const rows = pairRows(resized(originals), resized(reconstructions), columns);
  await writeFileAtomic(path, await encodePng(drawSheet(rows, { rowsPerGroup: 2 })));
}
