import { join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import type { SharpeningMeasurement } from '../../contract/sharpening.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import type { Workspace } from '../basics/workspace.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { splitDataset } from '../data/split.ts';
import { readConditions } from '../inference/conditions.ts';
import { openModel, type InferenceModel } from '../inference/model.ts';
import { squaredError } from '../inference/reconstruction-error.ts';
import { flatWindows, gridPower } from '../metrics/grid.ts';
import { laplacianVariance, meanWithInterval } from '../metrics/sharpness.ts';
import { picturesFromBatch } from '../pictures/picture.ts';
import { encodePng } from '../pictures/png.ts';
import { tileOfSize } from '../pictures/resize.ts';
import { drawSheet, inRows } from '../pictures/sheet.ts';
import { runFolder } from '../runs/store.ts';
import { storeSharpeningMeasurement } from './stored-sharpening.ts';

/** Maximum number of held-out images that are measured. */
const MOST_IMAGES = 1000;
const CHUNK = 64;
/** Images on the sheet, and in a row of it. */
const ON_SHEET = 16;
const COLUMNS = 8;
const TILE_PX = 128;

/** What a sharpening has changed, on held-out images. */
export interface SharpeningResult extends SharpeningMeasurement {
  /** The sheet of originals, reconstructions before and after. */
  readonly sheet: string;
}

/** Options of {@link measureSharpening}. */
export interface MeasureSharpeningOptions {
  /** The sheet's path; if left out, in the run's folder. */
  readonly out?: string | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Measures a sharpened run on its held-out images beside the run that it was made from, stores the measurements in the run's
 * folder, and draws a sheet of originals with the reconstructions before and after.
 *
 * @throws UnravelError `not-found` if the data set or a checkpoint is missing
 */
export async function measureSharpening(
  workspace: Workspace,
  run: RunInfo,
  {
    out = join(runFolder(workspace, run.id), 'sheets', 'sharpened.png'),
    signal,
  }: MeasureSharpeningOptions = {},
): Promise<SharpeningResult> {
  const dataset = await openLockedDataset(workspace, run.dataset!.id);
  const models: InferenceModel[] = [];
  try {
    const after = await openModel(workspace, run.id);
    models.push(after);
    const before = await openOrigin(workspace, run);
    if (before) models.push(before);
    const { imageSize, channels } = after;
    const numbers = imageSize * imageSize * channels;
    const indices = (await splitDataset(dataset, run.config.heldOutFraction)).heldOut.subarray(
      0,
      MOST_IMAGES,
    );
    const count = indices.length;
    const conditions = await readConditions(after.condition, dataset);
    const data = new Float32Array(count * numbers);
    const decoded = models.map(() => new Float32Array(count * numbers));
    const errors = models.map(() => new Float64Array(count));
    for (let start = 0; start < count; start += CHUNK) {
      signal?.throwIfAborted();
      const chosen = indices.subarray(start, start + CHUNK);
      const images = await dataset.readImages(chosen);
      data.set(
        Float32Array.from(images, (byte) => byte / 255),
        start * numbers,
      );
      const condition = conditions(chosen);
      const { mu } = after.encode(images, chosen.length, condition);
      models.forEach((model, m) => {
        const raw = model.decodeRaw(mu, chosen.length, condition);
        for (let i = 0; i < chosen.length; i++) {
          const [from, to] = [i * numbers, (i + 1) * numbers];
          errors[m]![start + i] = squaredError(images.subarray(from, to), raw.subarray(from, to));
        }
        decoded[m]!.set(
          raw.map((value) => Math.min(1, Math.max(0, value))),
          start * numbers,
        );
      });
    }
    const windows = flatWindows(data, count, imageSize, channels);
    const looks = (pictures: Float32Array): SharpeningMeasurement['data'] => ({
      sharpness: meanWithInterval(
        Float64Array.from({ length: count }, (_, i) =>
          laplacianVariance(pictures.subarray(i * numbers, (i + 1) * numbers), imageSize, channels),
        ),
      ),
      grid: gridPower(pictures, windows, imageSize, channels),
    });
    const [measuredAfter, measuredBefore] = decoded.map((pictures, m) => ({
      ...looks(pictures),
      error: meanWithInterval(errors[m]!),
    }));
    await writeSheet(out, [data, ...decoded.toReversed()], [count, imageSize, imageSize, channels]);
    const measured: SharpeningMeasurement = {
      step: after.step,
      images: count,
      data: looks(data),
      ...(measuredBefore ? { before: measuredBefore } : {}),
      after: measuredAfter!,
    };
    await storeSharpeningMeasurement(runFolder(workspace, run.id), measured);
    return { ...measured, sheet: out };
  } finally {
    for (const model of models) model.dispose();
    await dataset.close();
  }
}

/** The model that a run was made from; undefined if it was removed or trained further. */
async function openOrigin(
  workspace: Workspace,
  { sharpening }: RunInfo,
): Promise<InferenceModel | undefined> {
  if (!sharpening) return undefined;
  try {
    const model = await openModel(workspace, sharpening.origin.id);
    if (model.step === sharpening.origin.step) return model;
    model.dispose();
    return undefined;
  } catch (error) {
    if (error instanceof UnravelError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** @param kinds - originals, reconstructions before if there are any, and after, of the shape `shape` */
async function writeSheet(
  path: string,
  kinds: readonly Float32Array[],
  shape: readonly [number, number, number, number],
): Promise<void> {
  const [count, ...picture] = shape;
  const shown = Math.min(ON_SHEET, count);
  const numbers = picture.reduce((product, n) => product * n, 1);
  const rows = kinds.map((pictures) =>
    inRows(
      picturesFromBatch([shown, ...picture], pictures.subarray(0, shown * numbers)).map((each) =>
        tileOfSize(each, TILE_PX),
      ),
      COLUMNS,
    ),
  );
  const labels = kinds.length === 3 ? ['original', 'before', 'after'] : ['original', 'after'];
  const groups = rows[0]!.map((_, i) => rows.map((kind) => kind[i]!));
  const sheet = drawSheet(groups.flat(), {
    rowsPerGroup: kinds.length,
    rowLabels: groups.flatMap(() => labels),
  });
  await writeFileAtomic(path, await encodePng(sheet));
}
