import { splitPosterior } from '../../../src/engine/losses/posterior.ts';
import { describe, expect, it } from 'vitest';
import { TrainedModel } from '../../../src/engine/inference/model.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { TrainingModel } from '../../../src/engine/models/training-model.ts';
import { initialWeights, type Weights } from '../../../src/engine/models/weights.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { measureStatistics } from '../../../src/engine/training/statistics.ts';
import { download } from '../../../src/engine/tensorflow/tensors.ts';

const [batch, latentDim] = [12, 6];
const spec = describeModel({
  architecture: 'paper',
  latentDim,
  imageSize: 64,
  channels: 3,
  variational: false,
});

function somethingElseThanTheStart(): Weights {
  const random = createRandom(5);
  return new Map(
    [...initialWeights(spec, 1)].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((value) => value + 0.02 * random.normal()) },
    ]),
  );
}

function someImages(): Uint8Array {
  const random = createRandom(6);
  return new Uint8Array(batch * 64 * 64 * 3).map(() => random.integer(256));
}

describe('measured statistics', () => {
  it('make a frozen model give, on the batch they were measured on, what the training one gives', () => {
    const [weights, images] = [somethingElseThanTheStart(), someImages()];
    const training = new TrainingModel(spec, weights);
    const statistics = measureStatistics(training, [{ images }], batch, 1);
    const { mu } = splitPosterior(training.encode(images, batch), batch, latentDim);
    const reconstruction = training.reconstruct(mu, batch);
    const expected = download(reconstruction.output);
    training.freeReconstruction(reconstruction);
    training.dispose();

    const frozen = new TrainedModel(spec, weights, statistics);
    const codes = frozen.encode(images, batch).mu;
    codes.forEach((code, i) => expect(Math.abs(code - mu[i]!)).toBeLessThan(2e-3));
    const decoded = frozen.decodeRaw(mu, batch);
    decoded.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-3));
    frozen.dispose();
  });

  it('over two batches pool their means and their spread', () => {
    const weights = initialWeights(spec, 1);
    const training = new TrainingModel(spec, weights);
    const [dark, bright] = [30, 220].map((value) => new Uint8Array(batch * 64 * 64 * 3).fill(value));
    const of = (...batches: Uint8Array[]): Weights =>
      measureStatistics(
        training,
        batches.map((images) => ({ images })),
        batch,
        1,
      );
    const [a, b, both] = [of(dark!), of(bright!), of(dark!, bright!)];
    training.dispose();
    const at = (statistics: Weights, name: string): number => statistics.get(`encoder.0.${name}`)!.data[7]!;
    const mean = (at(a, 'mean') + at(b, 'mean')) / 2;
    expect(at(both, 'mean')).toBeCloseTo(mean, 5);
    const between = ((at(a, 'mean') - at(b, 'mean')) / 2) ** 2;
    expect(at(both, 'variance')).toBeCloseTo((at(a, 'variance') + at(b, 'variance')) / 2 + between, 4);
  });
});
