import type { ModelShape, Networks, ResidualSpec } from '../architecture.ts';
import { conv, halvings, posterior } from './layers.ts';

/** The filters of `residual` by the side of the feature map, pixels. */
const RESIDUAL_WIDTHS: Readonly<Record<number, number>> = {
  ...{ 1: 256, 4: 256, 8: 128, 16: 64, 32: 32 },
  ...{ 64: 16, 128: 16, 256: 8 },
};

/**
 * Residual blocks (He et al. 2016) with batch norm and SiLU (Elfwing et al. 2018), the usual network of small, sharp VAEs.
 * At every size, down to 4×4 pixels, the encoder has a convolution that halves the image and a block; the decoder a
 * block, then pixels repeated and a convolution. Repeated pixels do not overlap, as the kernels of transposed
 * convolutions do, so that no grid appears. Between 4×4 pixels and the code, both have a vector of features, whose
 * batch norm keeps posteriors moderate at the beginning. For 64 pixels it has as many weights as `paper`.
 */
export function residual({
  latentDim,
  imageSize,
  channels,
  variational,
  conditionWidth = 0,
}: ModelShape): Networks {
  const width = (side: number): number => RESIDUAL_WIDTHS[side]!;
  const normed = { batchNorm: true, activation: 'silu' } as const;
  const flat = { kernel: 3, stride: 1 } as const;
  const whole = { kernel: 4, stride: 1, padding: 'valid' } as const;
  const block = (side: number): ResidualSpec => ({
    kind: 'residual',
    layers: [
      conv('conv', width(side), { ...normed, ...flat }),
      conv('conv', width(side), { ...flat, batchNorm: true }),
    ],
    activation: 'silu',
  });
  const sides = Array.from({ length: halvings(imageSize, 4) }, (_, i) => 4 * 2 ** i);
  return {
    encoder: [
      ...sides.toReversed().flatMap((side) => [conv('conv', width(side), normed), block(side)]),
      conv('conv', width(1), { ...normed, ...whole }),
      posterior(latentDim, variational),
    ],
    decoder: [
      { kind: 'reshape', to: [1, 1, latentDim + conditionWidth] },
      conv('conv-transpose', width(1), { ...normed, ...whole, kernel: 1 }),
      conv('conv-transpose', width(4), { ...normed, ...whole }),
      ...sides.flatMap((side) => [
        block(side),
        { kind: 'resize', to: [2 * side, 2 * side], method: 'nearest' } as const,
        conv('conv', width(2 * side), { ...normed, ...flat }),
      ]),
      block(imageSize),
      conv('conv', channels, { ...flat, bias: true }),
    ],
    output: variational ? 'sigmoid' : 'linear',
  };
}
