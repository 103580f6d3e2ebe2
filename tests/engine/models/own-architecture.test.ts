import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { OwnArchitectureSchema } from '../../../src/contract/architecture.ts';
import type { ModelShape } from '../../../src/engine/models/architecture.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { describePlan } from '../../../src/engine/models/describe-plan.ts';
import { parameterCount } from '../../../src/engine/models/weights.ts';

const sizes = { latentDim: 10, imageSize: 64, channels: 3, variational: true } as const;
const conv = (filters: number | 'channels', more = {}) => ({
  ...{ kind: 'conv', filters, kernel: 4, stride: 2, activation: 'relu' },
  ...more,
});
const up = (filters: number | 'channels', more = {}) => conv(filters, { kind: 'conv-transpose', ...more });
const dense = (units: number) => ({ kind: 'dense', units, activation: 'relu' });

/** Burgess et al.'s network, as a person would describe it. */
const burgess = {
  name: 'mine',
  encoder: [conv(32), conv(32), conv(32), conv(32), dense(256), dense(256)],
  decoder: [
    dense(256),
    dense(256),
    dense(512),
    { kind: 'reshape', to: [4, 4, 32] },
    ...[up(32), up(32), up(32), up('channels', { activation: 'linear' })],
  ],
};

function shapeOf(architecture: object, more: Partial<ModelShape> = {}): ModelShape {
  return { ...sizes, architecture: v.parse(OwnArchitectureSchema, architecture), ...more };
}

describe('an architecture of a person’s own', () => {
  it('becomes the same layers as Unravel’s where it describes them', () => {
    const own = describeModel(shapeOf(burgess));
    const { encoder, decoder } = describeModel({ ...sizes, architecture: 'burgess' });
    expect(own).toMatchObject({ encoder, decoder });
    expect(parameterCount(own)).toBe(504_055);
  });

  it('may have blocks, repeated pixels and batch norms, and takes images of either kind', () => {
    const block = {
      kind: 'residual',
      activation: 'silu',
      layers: [conv(8, { kernel: 3, stride: 1, batchNorm: true })],
    };
    const spec = describeModel(
      shapeOf(
        {
          name: 'blocks',
          encoder: [conv(8, { stride: 4 }), block],
          decoder: [
            dense(8 * 8 * 8),
            { kind: 'reshape', to: [8, 8, 8] },
            block,
            { kind: 'upsample', factor: 8 },
            conv('channels', { kernel: 3, stride: 1, activation: 'linear' }),
          ],
        },
        { channels: 1 },
      ),
    );
    const plan = describePlan(spec);
    expect(plan.decoder.map(({ kind, output }) => `${kind} ${output.join('×')}`)).toEqual([
      'dense 1×1×512',
      'reshape 8×8×8',
      'residual 8×8×8',
      'resize 64×64×8',
      'conv 64×64×1',
    ]);
    // Without a bias where there is a batch norm, with one elsewhere.
    expect(plan.decoder.map(({ parameters }) => parameters)).toEqual([
      11 * 512,
      0,
      9 * 8 * 8 + 2 * 8,
      0,
      9 * 8 + 1,
    ]);
    expect(plan.parameters).toBe(parameterCount(spec));
  });

  it.each<[string, object, string]>([
    [
      'a decoder that ends elsewhere',
      { decoder: burgess.decoder.slice(0, -1) },
      'its decoder ends with 32×32×32, and the images are 64×64×3',
    ],
    [
      'a reshape of another number',
      { decoder: [dense(500), { kind: 'reshape', to: [4, 4, 32] }] },
      'layer 2 of its decoder (reshape) makes 4×4×32 of 500 numbers',
    ],
    [
      'a convolution of a vector',
      { encoder: [dense(10), conv(4)] },
      'layer 2 of its encoder (conv) needs an image',
    ],
    [
      'a convolution of the code',
      { decoder: [up(4)] },
      'layer 1 of its decoder (conv-transpose) needs an image',
    ],
    [
      'a block that changes its size',
      { encoder: [conv(8), { kind: 'residual', layers: [conv(8)] }] },
      'layer 2 of its encoder (residual) gives 16×16×8 for 32×32×8, which cannot be added',
    ],
    [
      'an image that disappears',
      {
        encoder: [
          conv(8, { kernel: 31, stride: 1, padding: 'valid' }),
          conv(8, { kernel: 31, stride: 2, padding: 'valid' }),
          conv(8, { kernel: 31, padding: 'valid' }),
        ],
      },
      'layer 3 of its encoder (conv) gives',
    ],
    [
      'too many weights',
      { encoder: [dense(65_536)] },
      'layer 1 of its encoder (dense) has 805,371,904 weights',
    ],
  ])('is refused for %s', (_, change, problem) => {
    expect(() => describeModel(shapeOf({ ...burgess, ...change }))).toThrow(problem);
  });

  it('does not fit images of another size', () => {
    expect(() => describeModel(shapeOf(burgess, { imageSize: 128 }))).toThrow('the images are 128×128×3');
  });
});
