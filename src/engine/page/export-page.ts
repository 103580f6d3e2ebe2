import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import {
  MOST_PAGE_BYTES,
  MOST_PAGE_POINTS,
  type PageColumn,
  type PageDescription,
} from '../../contract/page.ts';
import { isVariational, objectiveTitle } from '../../contract/run.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import type { Workspace } from '../basics/workspace.ts';
import { codesFile, hasCodes, readStoredCodes, type DatasetCodes } from '../codes/codes-file.ts';
import { describeDimensions } from '../codes/describe-dimensions.ts';
import { projectCodes } from '../codes/project.ts';
import { chooseImages } from '../data/choose-images.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { readColumns } from '../data/read-columns.ts';
import { splitImages } from '../data/split.ts';
import { floatToHalf } from '../files/safetensors.ts';
import { readOwnColumn } from '../inference/conditions.ts';
import { encodeImages } from '../inference/encode-images.ts';
import { readFitted } from '../inference/image-source.ts';
import type { InferenceModel } from '../inference/model.ts';
import { klPerDimension } from '../losses/kl.ts';
import { readCheckpoint } from '../runs/checkpoint.ts';
import { runFolder } from '../runs/store.ts';
import { pageDecoder } from './page-layers.ts';
import { readPageProgram, writePage, type PageParts, type PageProgram } from './page-html.ts';
import { packThumbnails } from './thumbnails.ts';

/** How a page is made. */
export interface PageOptions {
  /** Whether thumbnails of the images, and their names, are in the page. */
  readonly images: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the encoding, where the codes are not stored. */
  readonly onProgress?: (progress: Progress) => void;
  /** Maximum size of the file. */
  readonly mostBytes?: number;
}

/** What a page holds. */
export interface PageReport {
  readonly points: number;
  readonly bytes: number;
  /** Width of the thumbnails; undefined where there are none. */
  readonly thumbnailPx: number | undefined;
}

/** A page must hold at least so many points, or all. */
const LEAST_POINTS = 100;

async function codesOf(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  { signal, onProgress }: PageOptions,
): Promise<DatasetCodes> {
  const folder = runFolder(workspace, model.info.id);
  const { id, images } = dataset.info;
  if (await hasCodes(folder, id, images)) return readStoredCodes(codesFile(folder, id), images);
  const all = Uint32Array.from({ length: images }, (_, i) => i);
  const follow = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  const { mu, logVar } = await encodeImages(model, dataset, all, follow);
  const { latentDim } = model;
  const kl = logVar.length ? klPerDimension(mu, logVar, latentDim) : new Float64Array(latentDim);
  return { latentDim, mu, logVar: logVar.length ? logVar : undefined, klPerDimension: kl };
}

function halvesOf(numbers: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (let i = 0; i < numbers.length; i++) bytes.writeUInt16LE(floatToHalf(numbers[i]!), i * 2);
  return bytes;
}

/** A column's values as bytes where they are few whole numbers, else as float32. */
function packColumn({ column, values }: ColumnValues): { column: PageColumn; bytes: Uint8Array } {
  const isSmall = values.every(
    (value) => Number.isNaN(value) || (Number.isInteger(value) && value >= 0 && value < 255),
  );
  if (isSmall) {
    const bytes = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 255 : value));
    return { column: { column, type: 'u8' }, bytes };
  }
  const bytes = Buffer.alloc(values.length * 4);
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i]!, i * 4);
  return { column: { column, type: 'f32' }, bytes };
}

/** For each point, 1 where the run held its image out; undefined for images of another data set. */
function heldOutOf({ info }: InferenceModel, dataset: Dataset, chosen: Uint32Array): Uint8Array | undefined {
  const { id, images } = dataset.info;
  if (info.dataset?.id !== id || images < 2) return undefined;
  const heldOut = new Set(splitImages(images, info.config.heldOutFraction).heldOut);
  return Uint8Array.from(chosen, (index) => (heldOut.has(index) ? 1 : 0));
}

/** What of a page does not depend on the number of its points. */
interface Whole {
  readonly workspace: Workspace;
  readonly model: InferenceModel;
  readonly dataset: Dataset;
  readonly codes: DatasetCodes;
  readonly program: PageProgram;
  readonly decoder: ReturnType<typeof pageDecoder>;
  readonly common: Omit<
    PageDescription,
    'points' | 'columns' | 'hasSplit' | 'condition' | 'names' | 'thumbnails'
  >;
  readonly ownConditions: ArrayLike<number> | undefined;
}

async function prepare(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  options: PageOptions,
): Promise<Whole> {
  const program = await readPageProgram();
  const { info, spec, latentDim } = model;
  const checkpoint = await readCheckpoint(runFolder(workspace, info.id), spec, { moments: 'left-out' });
  const decoder = pageDecoder(spec, checkpoint.weights, checkpoint.statistics);
  const codes = await codesOf(workspace, model, dataset, options);
  const hasKl = isVariational(info.config.objective);
  const dimensions = await describeDimensions(codes, dataset, hasKl, model.latentValues);
  const { variance, basis, mean } = await projectCodes(codes.mu, latentDim, { kind: 'pca' });
  const { imageSize, channels } = spec.shape;
  const common = {
    version: 1,
    run: info.name,
    model: objectiveTitle(info.config.objective.model),
    dataset: dataset.info.name,
    images: dataset.info.images,
    ...{ latentDim, imageSize, channels, hasKl, dimensions },
    projection: { variance, basis: [...basis.data], mean: [...mean.data] },
    layers: decoder.layers,
    output: spec.output,
  } as const;
  const ownConditions = await readOwnColumn(model.condition, dataset);
  return { workspace, model, dataset, codes, program, decoder, common, ownConditions };
}

/** A page with so many points; undefined if it would be too large. */
async function fill(
  { model, dataset, codes, program, decoder, common, ownConditions }: Whole,
  points: number,
  { images, mostBytes = MOST_PAGE_BYTES }: PageOptions,
): Promise<{ html: string; thumbnailPx: number | undefined } | undefined> {
  const chosen = chooseImages(dataset.info.images, points, 0);
  const { latentDim } = model;
  const mu = new Float32Array(points * latentDim);
  chosen.forEach((image, row) => {
    mu.set(codes.mu.subarray(image * latentDim, (image + 1) * latentDim), row * latentDim);
  });
  const columns = (await readColumns(dataset, chosen)).map(packColumn);
  const split = heldOutOf(model, dataset, chosen);
  const names = images ? await dataset.names() : undefined;
  const own = ownConditions && Array.from(chosen, (image) => ownConditions[image]!);
  const parts: PageParts = {
    description: {
      ...common,
      points,
      columns: columns.map(({ column }) => column),
      hasSplit: split !== undefined,
      ...(names ? { names: Array.from(chosen, (image) => names[image]!) } : {}),
      ...(model.condition
        ? {
            condition: {
              of: model.condition,
              own: own?.map((value) => (Number.isNaN(value) ? null : value)) ?? [],
            },
          }
        : {}),
    },
    blocks: {
      weights: decoder.weights,
      codes: halvesOf(mu),
      values: Buffer.concat([...(split ? [split] : []), ...columns.map(({ bytes }) => bytes)]),
    },
  };
  const html = writePage(program, parts);
  const room = mostBytes - Buffer.byteLength(html);
  if (room <= 0) return undefined;
  if (!images) return { html, thumbnailPx: undefined };
  const pixels = await readFitted(dataset, chosen, model);
  // Base64 makes four characters of three bytes; the element and its entry in the description take less than 200.
  const packed = await packThumbnails(pixels, points, model, Math.floor(((room - 200) * 3) / 4));
  if (!packed) return undefined;
  const { webp, sizePx, perRow } = packed;
  const withImages: PageParts = {
    description: { ...parts.description, thumbnails: { sizePx, perRow } },
    blocks: { ...parts.blocks, thumbnails: webp },
  };
  return { html: writePage(program, withImages), thumbnailPx: sizePx };
}

/**
 * Exports a run as a web page: one HTML file with the codes of a data set's images as points, the model's decoder, and,
 * unless they are left out, thumbnails of the images. It needs no network. Of more than {@link MOST_PAGE_POINTS} images
 * some are chosen at random; so that the file is not too large, thumbnails become smaller first, and then points fewer.
 *
 * @throws UnravelError `bad-input` if the decoder alone is too large for a page
 */
export async function exportPage(
  workspace: Workspace,
  model: InferenceModel,
  dataset: Dataset,
  out: string,
  options: PageOptions,
): Promise<PageReport> {
  const whole = await prepare(workspace, model, dataset, options);
  const least = Math.min(LEAST_POINTS, dataset.info.images);
  let points = Math.min(MOST_PAGE_POINTS, dataset.info.images);
  for (;;) {
    options.signal?.throwIfAborted();
    const filled = await fill(whole, points, options);
    if (filled) {
      options.signal?.throwIfAborted();
      await writeFileAtomic(out, filled.html);
      return { points, bytes: Buffer.byteLength(filled.html), thumbnailPx: filled.thumbnailPx };
    }
    if (points <= least) throw tooLarge(whole, options);
    points = Math.max(least, Math.floor(points * 0.7));
  }
}

function tooLarge({ decoder, model }: Whole, { mostBytes = MOST_PAGE_BYTES }: PageOptions): UnravelError {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return new UnravelError(
    'bad-input',
    `${model.info.name} is too large for a web page: its decoder has ${megabytes(decoder.weights.length / 2)} million weights, ` +
      `and a page takes at most ${megabytes(mostBytes)} MB.`,
    { hint: 'Export the model instead, or train one with fewer dimensions.' },
  );
}
