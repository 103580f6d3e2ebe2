import { PageBlock, type PageBlockName, type PageDescription } from '../../contract/page.ts';
import { readHalves } from './decoder/halves.ts';

/** The data of a page, read out of its elements. */
export interface PageData {
  readonly description: PageDescription;
  /** The decoder's matrices, as they are stored. */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** `[points][latentDim]`. */
  readonly codes: readonly Float32Array[];
  /** `[points]`: 1 where the run held the image out; undefined for images of another data set. */
  readonly split: Uint8Array | undefined;
  /** Every column's values, `[points]`, NaN where unknown. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** The address of the picture with the thumbnails. */
  readonly thumbnails: string | undefined;
}

function textOf(page: Document, name: PageBlockName): string {
  return page.getElementById(PageBlock[name])?.textContent ?? '';
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * Reads a page's data.
 *
 * @throws Error if a part is missing, as in a file that was saved incompletely
 */
export function readPage(page: Document): PageData {
  const description = JSON.parse(textOf(page, 'description')) as PageDescription;
  const { points, latentDim } = description;
  const weights = bytesOf(textOf(page, 'weights'));
  const codes = readHalves(bytesOf(textOf(page, 'codes')));
  if (codes.length !== points * latentDim) throw new Error('The page has not all of its codes.');
  const bytes = bytesOf(textOf(page, 'values'));
  let at = 0;
  const take = (length: number): Uint8Array<ArrayBuffer> => bytes.slice(at, (at += length));
  const split = description.hasSplit ? take(points) : undefined;
  const values = new Map<string, Float32Array>();
  for (const { column, type } of description.columns) {
    values.set(
      column.name,
      type === 'u8'
        ? Float32Array.from(take(points), (value) => (value === 255 ? Number.NaN : value))
        : floatsOf(take(points * 4)),
    );
  }
  const picture = textOf(page, 'thumbnails');
  return {
    description,
    weights,
    codes: Array.from({ length: points }, (_, i) => codes.subarray(i * latentDim, (i + 1) * latentDim)),
    split,
    values,
    thumbnails: picture ? `data:image/webp;base64,${picture}` : undefined,
  };
}

function floatsOf(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}
