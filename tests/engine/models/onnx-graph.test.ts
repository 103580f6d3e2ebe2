import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { writeOnnx, type OnnxGraph } from '../../../src/engine/files/onnx-messages.ts';
import { TrainedModel } from '../../../src/engine/inference/model.ts';
import type { ModelShape, ModelSpec } from '../../../src/engine/models/architecture.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { describeNetwork } from '../../../src/engine/models/foreign/describe.ts';
import { onnxModel } from '../../../src/engine/models/onnx-graph.ts';
import { initialWeights } from '../../../src/engine/models/weights.ts';
import type { Network } from '../../../src/contract/network.ts';
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
/** A network from elsewhere, with every layer that Unravel's own do not have. */
const foreign: Network = {
  name: 'a model of another program',
  encoder: [
    { kind: 'resize', to: [28, 28], method: 'bilinear' },
    conv('conv', { filters: 6, kernel: 3, stride: 2, padding: 1 }),
    { kind: 'activation', activation: 'leaky-relu', slope: 0.01 },
    conv('conv', { filters: 8, kernel: 4, stride: 2, padding: 1 }),
    { kind: 'activation', activation: 'silu' },
    { kind: 'dense', units: 6, parts: 2, activation: 'linear' },
  ],
  decoder: [
    { kind: 'dense', units: 7 * 7 * 4, parts: 1, activation: 'linear' },
    { kind: 'activation', activation: 'elu' },
    { kind: 'reshape', to: [7, 7, 4] },
    conv('conv-transpose', { filters: 5, kernel: 3, stride: 2, padding: 1, outputPadding: 1 }),
    { kind: 'activation', activation: 'tanh' },
    { kind: 'resize', to: [28, 28], method: 'nearest' },
    conv('conv', { filters: 1, kernel: 3, stride: 1, padding: 1 }),
    { kind: 'activation', activation: 'sigmoid' },
    { kind: 'resize', to: [32, 32], method: 'bilinear' },
  ],
  output: 'linear',
  range: 'signed',
};

function conv(
  kind: 'conv' | 'conv-transpose',
  sizes: { filters: number; kernel: number; stride: number; padding: number; outputPadding?: number },
): Network['encoder'][number] {
  return { kind, ...sizes, bias: true, batchNorm: false, activation: 'linear' };
}

const foreignShape: ModelShape = {
  architecture: 'burgess',
  latentDim: 3,
  imageSize: 32,
  channels: 1,
  variational: true,
};
const programShape: ModelShape = { ...foreignShape, deviation: 'softplus' };
const specs: [string, ModelShape, ModelSpec][] = [
  ...Object.entries(SHAPES).map(([name, shape]): [string, ModelShape, ModelSpec] => [
    name,
    shape,
    describeModel(shape),
  ]),
  [foreign.name, foreignShape, describeNetwork(foreign, foreignShape)],
  ['a posterior of the paper’s program', programShape, describeModel(programShape)],
];

describe.each(specs)('the ONNX graphs of %s', (_, shape, spec) => {
  const weights = learnedWeights(initialWeights(spec, 3));
  const statistics = learnedStatistics(spec, weights);
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
