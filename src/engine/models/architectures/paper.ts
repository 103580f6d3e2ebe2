import type { ModelShape, Networks } from '../architecture.ts';
import { conv, halvings, posterior } from './layers.ts';

/**
 * Schik's network. For 64 pixels it has six convolutions in the encoder, down to one pixel, and seven in the
 * decoder, with batch norm and LeakyReLU between them. Every doubling of the image adds a layer beside the image to
 * both, with half the filters of its neighbour: 32 for 128 pixels, 16 for 256. For 32 pixels there is one layer less in
 * both.
 */
export function paper({
  latentDim,
  imageSize,
  channels,
  variational,
  conditionWidth = 0,
}: ModelShape): Networks {
  const normed = { batchNorm: true, activation: 'leaky-relu' } as const;
  // Filters of the layers with a common pattern. The encoder's last layer and the decoder's first two are listed
  // below.
  const down = [16, 32, 64, 128, 128, 256, 512].slice(-(halvings(imageSize, 1) - 1));
  const wide = imageSize === 32 ? [128, 64] : [128, 128, 64, 32, 16].slice(0, halvings(imageSize, 4) - 1);
  const up = [...wide, channels];
  return {
    encoder: [
      ...down.map((filters) => conv('conv', filters, normed)),
      conv('conv', latentDim, {}),
      posterior(latentDim, variational),
    ],
    decoder: [
      { kind: 'reshape', to: [1, 1, latentDim + conditionWidth] },
      conv('conv-transpose', 512, { ...normed, kernel: 1, stride: 1, padding: 'valid' }),
      conv('conv-transpose', 256, { ...normed, stride: 1, padding: 'valid' }),
      ...up.map((filters) => conv('conv-transpose', filters, normed)),
      conv('conv', channels, { kernel: 5, stride: 1 }),
    ],
    output: variational ? 'sigmoid' : 'linear',
  };
}
