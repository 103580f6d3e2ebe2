import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import type { Split } from '../data/split.ts';
import { picturesFromBatch } from '../pictures/picture.ts';
import { encodePng } from '../pictures/png.ts';
import { drawSheet, inRows, pairRows } from '../pictures/sheet.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readConditions } from '../inference/conditions.ts';
import { drawPrior } from '../inference/draw-prior.ts';
import type { TrainedModel } from '../inference/model.ts';
import { createRandom } from '../basics/random.ts';

const PAIRS = 24;
const SAMPLES = 64;
const COLUMNS = 8;

/** The path of an epoch's sheet in the run's folder. */
export function sheetFile(folder: string, epoch: number, kind: 'reconstructions' | 'samples'): string {
  return join(folder, 'sheets', `epoch-${String(epoch).padStart(4, '0')}-${kind}.png`);
}

/**
 * Draws an epoch's sheets: held-out images above their reconstructions, and samples of the prior, with the same
 * codes in every epoch.
 *
 * @returns the paths of the two files
 */
export async function writeSheets(
  model: TrainedModel,
  {
    folder,
    dataset,
    split,
    epoch,
  }: { readonly folder: string; readonly dataset: Dataset; readonly split: Split; readonly epoch: number },
): Promise<{ reconstructions: string; samples: string }> {
  const { imageSize, channels } = model;
  const shape = (count: number): number[] => [count, imageSize, imageSize, channels];

  const chosen = split.heldOut.subarray(0, PAIRS);
  const images = await dataset.readImages(chosen);
  const originals = picturesFromBatch(shape(chosen.length), images);
  const condition = (await readConditions(model.condition, dataset))(chosen);
  const { mu } = model.encode(images, chosen.length, condition);
  const copies = picturesFromBatch(shape(chosen.length), model.decode(mu, chosen.length, condition));
  const reconstructions = sheetFile(folder, epoch, 'reconstructions');
  const pairs = drawSheet(pairRows(originals, copies, COLUMNS), { rowsPerGroup: 2 });
  await writeFileAtomic(reconstructions, await encodePng(pairs));

  const z = drawPrior(model, createRandom(0, 'prior'), SAMPLES);
  const drawn = picturesFromBatch(shape(SAMPLES), model.decode(z, SAMPLES));
  const samples = sheetFile(folder, epoch, 'samples');
  await writeFileAtomic(samples, await encodePng(drawSheet(inRows(drawn, COLUMNS))));
  return { reconstructions, samples };
}
