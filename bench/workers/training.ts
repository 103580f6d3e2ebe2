import { createRandom } from '../../src/engine/basics/random.ts';
import { operationCount } from '../../src/engine/tensorflow/tensors.ts';
import type { Options, Work } from './work.ts';
import { answer } from './timing.ts';
import { BATCH, IMAGE_BYTES, specFor, Trainer, withWidth } from './trainer.ts';

/** Training steps of the paper's VAE on random images, as PyTorch's side does them. */
export function training({ precision, batch = String(BATCH), width }: Options): Work {
  const objective = { model: 'vae' } as const;
  const full = specFor(objective);
  const spec = width === undefined ? full : withWidth(full, Number(width));
  const trainer = new Trainer(spec, objective, {
    precision: precision === 'mixed' ? 'mixed' : 'full',
    datasetSize: 7600,
  });
  const random = createRandom(1, 'bench images');
  const images = new Uint8Array(Number(batch) * IMAGE_BYTES).map(() => random.integer(256));
  return (steps) =>
    answer(steps, () => {
      const before = operationCount();
      const { loss } = trainer.step(images);
      return { loss: loss.total, calls: operationCount() - before };
    });
}
