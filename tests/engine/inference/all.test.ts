import { expect, it } from 'vitest';
import { encodeAll } from '../../../src/engine/inference/all.ts';
import { TrainedModel } from '../../../src/engine/inference/model.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { initialWeights } from '../../../src/engine/models/weights.ts';

const [images, latentDim] = [300, 4];

it.each([true, false])('encodes more images than go in one piece (variational: %s)', async (variational) => {
  const spec = describeModel({ architecture: 'burgess', latentDim, imageSize: 32, channels: 1, variational });
  const model = new TrainedModel(spec, initialWeights(spec, 1), new Map());
  const pixels = Uint8Array.from({ length: images * 32 * 32 }, (_, i) => (i * 7919) % 256);
  const read = (indices: ArrayLike<number>): Promise<Uint8Array> =>
    Promise.resolve(pixels.slice(indices[0]! * 1024, (indices[indices.length - 1]! + 1) * 1024));
  const names = Array.from({ length: images }, (_, i) => `image ${i}`);

  const { mu, logVar } = await encodeAll(model, { names, read });
  const whole = model.encode(pixels, images);
  model.dispose();
  expect(mu).toHaveLength(images * latentDim);
  expect(logVar).toHaveLength(variational ? images * latentDim : 0);
  mu.forEach((value, i) => expect(Math.abs(value - whole.mu[i]!)).toBeLessThan(1e-5));
});
