import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { writeOnnx, type OnnxGraph } from '../../../src/engine/files/onnx-messages.ts';
import { TrainedModel } from '../../../src/engine/inference/model.ts';
import { describeModel } from '../../../src/engine/models/architecture.ts';
import { onnxModel } from '../../../src/engine/models/onnx-graph.ts';
import { initialWeights, normedLayers } from '../../../src/engine/models/weights.ts';
import type { Condition } from '../../../src/contract/run.ts';
import { gaussian, learnedStatistics, learnedWeights, SHAPES } from '../../fixtures/learned-weights.ts';

const COUNT = 3;

/** Puts the channels of images before their pixels, and makes values in [0, 1] of bytes. */
function channelsFirst(
  images: ArrayLike<number>,
  size: number,
  channels: number,
  most: number,
): Float32Array {
  const out = new Float32Array(images.length);
  const pixels = size * size;
  for (let i = 0; i < images.length; i++) {
    const [image, within] = [Math.floor(i / (pixels * channels)), i % (pixels * channels)];
    out[image * pixels * channels + (within % channels) * pixels + Math.floor(within / channels)] =
      images[i]! / most;
  }
  return out;
}

async function run(
  graph: OnnxGraph,
  inputs: Record<string, [Float32Array, number[]]>,
): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(writeOnnx(graph));
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, [data, dims]]) => [name, new Tensor('float32', data, dims)]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

function expectClose(found: Float32Array | undefined, expected: Float32Array): void {
  expect(found?.length).toBe(expected.length);
  const errors = expected.map((value, i) => Math.abs(value - found![i]!) / Math.max(1, Math.abs(value)));
  expect(Math.max(...errors)).toBeLessThan(1e-4);
}

const condition: Condition = { column: 'kind', type: 'categorical', categories: ['a', 'b'], usual: 0 };
describe.each(Object.entries(SHAPES))('the ONNX graphs of %s', (_, shape) => {
  const spec = describeModel(shape);
  const weights = learnedWeights(initialWeights(spec, 3));
  const statistics = learnedStatistics(normedLayers(spec));
  const { encoder, decoder } = onnxModel(spec, weights, statistics);
  const { imageSize, channels, latentDim, conditionWidth } = shape;
  const told = conditionWidth ? Float32Array.from({ length: COUNT * 2 }, (__, i) => (i + 1) % 2) : undefined;
  const extra: Record<string, [Float32Array, number[]]> = told ? { condition: [told, [COUNT, 2]] } : {};

  it('encode and decode any number of images as the engine does, within 1e-4', async () => {
    const model = new TrainedModel(spec, weights, statistics, conditionWidth ? condition : undefined);
    const random = createRandom(9);
    const images = Uint8Array.from({ length: COUNT * imageSize * imageSize * channels }, () =>
      Math.floor(random.uniform() * 256),
    );
    const z = gaussian(COUNT * latentDim, 'z');
    const posterior = model.encode(images, COUNT, told);
    const decoded = model.decode(z, COUNT, told);
    model.dispose();

    const pictures = channelsFirst(images, imageSize, channels, 255);
    const encoded = await run(encoder, {
      image: [pictures, [COUNT, channels, imageSize, imageSize]],
      ...extra,
    });
    expect(Object.keys(encoded)).toEqual(shape.variational ? ['mu', 'log_var'] : ['mu']);
    expectClose(encoded['mu'], posterior.mu);
    if (shape.variational) expectClose(encoded['log_var'], posterior.logVar);

    const { image } = await run(decoder, { z: [z, [COUNT, latentDim]], ...extra });
    expectClose(image, channelsFirst(decoded, imageSize, channels, 1));
    expect(Math.max(...decoded) - Math.min(...decoded)).toBeGreaterThan(0.05);
  });
});
