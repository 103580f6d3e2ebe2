import { describe, expect, it } from 'vitest';
import { ARCHITECTURE_SIZES, ArchitectureNameSchema } from '../../../src/contract/architecture.ts';
import { IMAGE_SIZES } from '../../../src/contract/image-size.ts';
import { describeModel, planModel, type ModelShape } from '../../../src/engine/models/architecture.ts';
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

it('burgess has about half a million parameters', () => {
  const spec = describeModel({ ...paper, architecture: 'burgess', latentDim: 10 });
  // The pretrained models of ../shared/data hold as many numbers.
  expect(parameterCount(spec)).toBe(504_055);
});

describe.each(['paper', 'burgess'] as const)('%s', (architecture) => {
  it.each([
    [32, 1],
    [32, 3],
    [64, 1],
    [64, 3],
  ] as const)('ends where it began, for images of %i pixels and %i channels', (imageSize, channels) => {
    const { encoder, decoder } = planModel(describeModel({ ...paper, architecture, imageSize, channels }));
    expect(encoder[0]!.input).toEqual(decoder.at(-1)!.output);
    expect(encoder.at(-1)!.output).toEqual([1, 1, 64]);
  });
});

describe('an image size', () => {
  it.each(ArchitectureNameSchema.options)(
    'of %s is planned for where it is listed, else refused',
    (architecture) => {
      for (const imageSize of IMAGE_SIZES) {
        const plan = () => planModel(describeModel({ ...paper, architecture, imageSize }));
        if (ARCHITECTURE_SIZES[architecture].includes(imageSize)) {
          const { encoder, decoder } = plan();
          expect(encoder[0]!.input).toEqual([imageSize, imageSize, 3]);
          expect(decoder.at(-1)!.output).toEqual([imageSize, imageSize, 3]);
        } else {
          expect(plan).toThrow(
            `The architecture ${architecture} takes images of 32×32 or 64×64 pixels, not of ${imageSize}×${imageSize}.`,
          );
        }
      }
    },
  );
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
