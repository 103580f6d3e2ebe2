import { describe, expect, it } from 'vitest';
import { ArchitectureNameSchema, type ArchitectureName } from '../../../src/contract/architecture.ts';
import type { ImageSize } from '../../../src/contract/image-size.ts';
import { planModel, type ModelShape } from '../../../src/engine/models/architecture.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { planImageDiscriminator } from '../../../src/engine/models/companions.ts';
import { initialWeights, modelSlots, parameterCount } from '../../../src/engine/models/weights.ts';

const paper: ModelShape = {
  architecture: 'paper',
  latentDim: 32,
  imageSize: 64,
  channels: 3,
  variational: true,
};

describe("the paper's architecture", () => {
  it('has 6,320,679 trainable parameters', () => {
    expect(parameterCount(describeModel(paper))).toBe(6_320_679);
  });

  it('has 6,319,623 as an AE', () => {
    expect(parameterCount(describeModel({ ...paper, variational: false }))).toBe(6_319_623);
  });

  it('goes down to one pixel and back up to the image', () => {
    const { encoder, decoder } = planModel(describeModel(paper));
    expect(encoder.map(({ output }) => output)).toEqual([
      [32, 32, 64],
      [16, 16, 128],
      [8, 8, 128],
      [4, 4, 256],
      [2, 2, 512],
      [1, 1, 32],
      [1, 1, 64],
    ]);
    expect(decoder.map(({ output }) => output)).toEqual([
      [1, 1, 32],
      [1, 1, 512],
      [4, 4, 256],
      [8, 8, 128],
      [16, 16, 128],
      [32, 32, 64],
      [64, 64, 3],
      [64, 64, 3],
    ]);
  });

  it("has no batch norm after each network's last convolution", () => {
    const { encoder, decoder } = describeModel(paper);
    expect(encoder[5]).toMatchObject({ kind: 'conv', batchNorm: false, bias: false, activation: 'linear' });
    expect(decoder.at(-1)).toMatchObject({ kind: 'conv', kernel: 5, batchNorm: false, bias: false });
  });
});

it('residual has as many parameters as the paper’s network, within 3 %', () => {
  const count = parameterCount(describeModel({ ...paper, architecture: 'residual' }));
  expect(Math.abs(count / 6_320_679 - 1)).toBeLessThan(0.03);
});

it('burgess has about half a million parameters', () => {
  const spec = describeModel({ ...paper, architecture: 'burgess', latentDim: 10 });
  // The pretrained models of ../shared/data hold as many numbers.
  expect(parameterCount(spec)).toBe(504_055);
});

describe.each(ArchitectureNameSchema.options)('%s', (architecture) => {
  it.each([
    [32, 1],
    [32, 3],
    [64, 1],
    [64, 3],
    [128, 1],
    [128, 3],
    [256, 1],
    [256, 3],
  ] as const)('ends where it began, for images of %i pixels and %i channels', (imageSize, channels) => {
    const { encoder, decoder } = planModel(describeModel({ ...paper, architecture, imageSize, channels }));
    expect(encoder[0]!.input).toEqual(decoder.at(-1)!.output);
    expect(encoder.at(-1)!.output).toEqual([1, 1, 64]);
  });
});

describe('an image size', () => {
  const shapes = (architecture: ArchitectureName, imageSize: ImageSize) => {
    const { encoder, decoder } = planModel(describeModel({ ...paper, architecture, imageSize }));
    return { encoder: encoder.map(({ output }) => output), decoder: decoder.map(({ output }) => output) };
  };

  it.each(['paper', 'burgess'] as const)(
    'twice as large adds a layer beside the image to %s',
    (architecture) => {
      for (const imageSize of [64, 128] as const) {
        const [small, large] = [
          shapes(architecture, imageSize),
          shapes(architecture, (2 * imageSize) as ImageSize),
        ];
        expect(large.encoder).toHaveLength(small.encoder.length + 1);
        expect(large.decoder).toHaveLength(small.decoder.length + 1);
        // Beyond the layers that are beside the image, everything is the same.
        expect(large.encoder.slice(1)).toEqual(small.encoder);
        const inner = small.decoder.findIndex(([side]) => side === imageSize);
        expect(large.decoder.slice(0, inner)).toEqual(small.decoder.slice(0, inner));
        expect(large.decoder.at(-1)).toEqual([2 * imageSize, 2 * imageSize, 3]);
      }
    },
  );

  it('twice as large adds a convolution and a block beside the image to residual', () => {
    const [small, large] = [shapes('residual', 64), shapes('residual', 128)];
    expect(large.encoder).toEqual([[64, 64, 16], [64, 64, 16], ...small.encoder]);
    expect(large.decoder.slice(0, -1)).toEqual([
      ...small.decoder.slice(0, -1),
      [128, 128, 16],
      [128, 128, 16],
      [128, 128, 16],
    ]);
  });

  it('gives the paper’s network half the filters in each layer that it adds', () => {
    const { encoder, decoder } = shapes('paper', 256);
    expect(encoder.slice(0, 3)).toEqual([
      [128, 128, 16],
      [64, 64, 32],
      [32, 32, 64],
    ]);
    expect(decoder.slice(-5)).toEqual([
      [32, 32, 64],
      [64, 64, 32],
      [128, 128, 16],
      [256, 256, 3],
      [256, 256, 3],
    ]);
  });

  it.each([64, 128, 256])('of %i leaves VAE-GAN features of 8 by 8', (imageSize) => {
    const { lower, upper } = planImageDiscriminator(imageSize, 3);
    expect(lower[0]!.input).toEqual([imageSize, imageSize, 3]);
    expect(lower.at(-1)!.output).toEqual([8, 8, 128]);
    expect(upper.at(-1)!.output).toEqual([1, 1, 1]);
  });
});

describe('initial weights', () => {
  const spec = describeModel(paper);
  const weights = initialWeights(spec, 5);

  it('lie within Glorot’s limits and fill them', () => {
    for (const { name, role, fanIn, fanOut } of modelSlots(spec)) {
      const { data } = weights.get(name)!;
      if (role === 'scale') expect(data.every((value) => value === 1)).toBe(true);
      if (role === 'offset') expect(data.every((value) => value === 0)).toBe(true);
      if (role !== 'matrix') continue;
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(limit));
      expect(largest).toBeGreaterThan(0.9 * limit);
    }
  });

  it('initialise mu and logVar as two layers of their own', () => {
    const { data, shape } = weights.get('encoder.6.matrix')!;
    expect(shape).toEqual([32, 64]);
    const limit = Math.sqrt(6 / 64);
    expect(data.some((value) => Math.abs(value) > 0.98 * limit)).toBe(true);
  });

  it('depend on the seed', () => {
    expect(initialWeights(spec, 5).get('decoder.6.filter')).toEqual(weights.get('decoder.6.filter'));
    expect(initialWeights(spec, 6).get('decoder.6.filter')).not.toEqual(weights.get('decoder.6.filter'));
  });
});
