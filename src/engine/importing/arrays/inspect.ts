import { basename } from 'node:path';
import type { Bounds } from '../../../contract/contrast.ts';
import { imageBytes } from '../../../contract/image-size.ts';
import type { Inspection } from '../../../contract/operations/sources.ts';
import { tensor } from '../../../contract/tensor.ts';
import type { ArrayArchive } from '../../arrays/archive.ts';
import { cropBox, hasCelebaShape } from '../../image-files/crop.ts';
import { MOST_PREVIEWS, spread, type InspectOptions } from '../previews.ts';
import { readArrayColumns } from './columns.ts';
import { makeImages, offerArrayStretch, storedChannels } from './import.ts';
import { findArrayImages, pickImages, refuseArchive } from './layout.ts';
import { extentOf, noPixels, rangeOf, sayRange } from './pixels.ts';

/** Maximum time for decompressing an archive for previews. dSprites' three gigabytes take longer. */
const UNPACK_MS = 3000;

/**
 * Inspects an archive of arrays; see `inspectSource`. All its images have the same size, so either all or none can
 * be imported.
 */
export async function inspectArrays(archive: ArrayArchive, options: InspectOptions): Promise<Inspection> {
  const { crop, imageSize, contrast, seed, signal } = options;
  const layout = findArrayImages(archive);
  const { images, width, height } = layout;
  const wanted = spread(images, MOST_PREVIEWS, seed);
  const until = performance.now() + UNPACK_MS;
  const found = await pickImages(layout, wanted, { until, signal });
  const extent = extentOf(found);
  const range = rangeOf(layout.type, extent);
  if (!range) {
    throw refuseArchive(archive, `its “${layout.parts[0]!.array}” are no images: ${noPixels(extent)}`);
  }
  const offered = contrast === 'auto' ? await offerArrayStretch(layout, range, signal, until) : undefined;
  const bounds: Bounds | undefined =
    contrast === 'auto' ? (offered?.isProposed ? offered.bounds : undefined) : contrast;
  const box = cropBox(crop, width, height);
  const channels = storedChannels(layout);
  const previewBytes = imageBytes({ imageSize, channels: 3 });
  const previews = new Uint8Array(box ? found.length * previewBytes : 0);
  if (box) {
    found.forEach((numbers, i) => {
      const image = makeImages(layout, numbers, { box, range, imageSize, bounds });
      for (let p = 0; p < previewBytes; p++) {
        previews[i * previewBytes + p] = image[channels === 3 ? p : Math.floor(p / 3)]!;
      }
    });
  }
  const labels = await readArrayColumns(archive, layout);
  const columns = labels.columns.map(({ column }) => column.name);
  const shown = box ? wanted.slice(0, found.length) : [];
  const digits = String(images - 1).length;
  const nameOf = (index: number): string => String(index).padStart(digits, '0');
  const reason = `it is ${width}×${height} pixels, not of the shape of CelebA's faces (178×218)`;
  return {
    images,
    folders: [],
    tables: [],
    ...(columns.length ? { labels: { file: basename(archive.path), columns } } : {}),
    notes: [...sayRange(layout.type, range, extent), ...labels.notes],
    previews: tensor('u8', [shown.length, imageSize, imageSize, 3], previews),
    previewNames: shown.map(nameOf),
    unreadable: [...(box ? [] : wanted.map((index) => ({ file: nameOf(index), reason }))), ...labels.leftOut],
    examined: found.length,
    failures: box ? 0 : wanted.length,
    firstSize: { width, height },
    smallerSide: Math.min(width, height),
    ...(offered ? { stretch: offered } : {}),
    celebaShaped: hasCelebaShape(width, height),
  };
}
