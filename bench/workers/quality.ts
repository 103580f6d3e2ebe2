import type { DatasetInfo } from '../../src/contract/dataset.ts';
import { DEFAULT_IMAGE_SIZE } from '../../src/contract/image-size.ts';
import type { Dataset } from '../../src/engine/data/dataset.ts';
import { TrainedModel } from '../../src/engine/inference/model.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import { evaluateHeldOut } from '../../src/engine/training/held-out.ts';
import { measureStatistics } from '../../src/engine/training/statistics.ts';
import { readFaces } from '../faces.ts';
import type { Options, Work } from './work.ts';
import { timed } from './timing.ts';
import { BATCH, IMAGE_BYTES, specFor, Trainer } from './trainer.ts';

const TRAIN_BATCHES = 30;
const HELD_OUT = 512;
/** Number of batches for measuring batch norm's statistics. */
const STATISTICS_BATCHES = 10;

/**
 * Trains the paper's VAE on faces and reports the held-out loss (squared error and KL) after each answer's steps.
 * The same seed gives the same weights, batches and noise at every precision.
 */
export function quality({ precision }: Options): Work {
  const { images } = readFaces(TRAIN_BATCHES * BATCH + HELD_OUT);
  const batch = (i: number): Uint8Array =>
    images.subarray(i * BATCH * IMAGE_BYTES, (i + 1) * BATCH * IMAGE_BYTES);
  const heldOut = images.subarray(TRAIN_BATCHES * BATCH * IMAGE_BYTES);
  const objective = { model: 'vae' } as const;
  const spec = specFor(objective);
  const trainer = new Trainer(spec, objective, {
    precision: precision === 'mixed' ? 'mixed' : 'full',
    datasetSize: TRAIN_BATCHES * BATCH,
  });
  let done = 0;
  const next = (): Uint8Array => {
    const epoch = Math.floor(done / TRAIN_BATCHES);
    const order = createRandom(1, 'bench order', epoch).permutation(TRAIN_BATCHES);
    return batch(order[done++ % TRAIN_BATCHES]!);
  };
  return async (steps) => {
    const { ms } = await timed(steps, () => trainer.step(next()));
    const seen = Array.from({ length: STATISTICS_BATCHES }, (_, i) => batch(i));
    const statistics = measureStatistics(
      trainer.model,
      seen.map((images) => ({ images })),
      BATCH,
      1,
    );
    // The held-out loss is computed in float32 at both precisions, because only the weights are compared.
    const model = new TrainedModel(spec, trainer.model.weights(), statistics);
    const indices = Uint32Array.from({ length: HELD_OUT }, (_, i) => i);
    const { reconstruction, kl } = await evaluateHeldOut(model, inMemory(heldOut), indices);
    model.dispose();
    return { ms, loss: reconstruction + kl };
  };
}

/** Images in memory as a data set, with only the parts that an evaluation uses. */
function inMemory(images: Uint8Array): Dataset {
  const info: DatasetInfo = {
    version: 1,
    id: 'bench',
    name: 'bench',
    kind: 'faces',
    created: '',
    images: images.length / IMAGE_BYTES,
    imageSize: DEFAULT_IMAGE_SIZE,
    channels: 3,
    crop: 'none',
    source: '',
    columns: [],
    skipped: [],
    duplicates: [],
  };
  return {
    info,
    names: () => Promise.resolve([]),
    column: () => Promise.resolve(new Float32Array(info.images)),
    readImages: (indices) => {
      const chosen = new Uint8Array(indices.length * IMAGE_BYTES);
      for (let i = 0; i < indices.length; i++) {
        const at = indices[i]! * IMAGE_BYTES;
        chosen.set(images.subarray(at, at + IMAGE_BYTES), i * IMAGE_BYTES);
      }
      return Promise.resolve(chosen);
    },
    close: () => Promise.resolve(),
  };
}
