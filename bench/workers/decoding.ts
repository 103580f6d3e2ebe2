import { TrainedModel } from '../../src/engine/inference/model.ts';
import { initialWeights, normedLayers } from '../../src/engine/models/weights.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import type { Options, Work } from './work.ts';
import { answer } from './timing.ts';
import { IMAGE_BYTES, LATENT_DIM, specFor } from './trainer.ts';

/** Decodes latents through the paper's decoder and reads the images back. */
export function decoding({ batch = '1' }: Options): Work {
  const spec = specFor({ model: 'vae' });
  // What the weights are does not matter to the time; untrained statistics are those of a new batch norm.
  const statistics = new Map(
    normedLayers(spec).flatMap(({ name, channels }) => [
      [`${name}.mean`, { shape: [channels], data: new Float32Array(channels) }] as const,
      [`${name}.variance`, { shape: [channels], data: new Float32Array(channels).fill(1) }] as const,
    ]),
  );
  const model = new TrainedModel(spec, initialWeights(spec, 1), statistics);
  const count = Number(batch);
  const random = createRandom(1, 'bench latents');
  const images = count * IMAGE_BYTES;
  return (steps) =>
    answer(steps, () => {
      const z = new Float32Array(count * LATENT_DIM).map(() => 2 * random.uniform() - 1);
      if (model.decode(z, count).length !== images) throw new Error('a decode gave too few numbers');
      return {};
    });
}
