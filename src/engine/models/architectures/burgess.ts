import type { ConvSpec, DenseSpec, ModelShape, Networks } from '../architecture.ts';
import { conv, halvings, posterior } from './layers.ts';

/**
 * The network of Burgess et al. 2018, on which most published disentanglement was measured: convolutions of one width down
 * to 4×4 pixels, of which there is one more for every doubling of the image.
 */
export function burgess({ latentDim, imageSize, channels, variational }: ModelShape): Networks {
  const block = { bias: true, activation: 'relu' } as const;
  const depth = halvings(imageSize, 4);
  const dense = (units: number): DenseSpec => ({ kind: 'dense', units, parts: 1, activation: 'relu' });
  const repeated = (kind: ConvSpec['kind'], times: number): ConvSpec[] =>
    Array.from({ length: times }, () => conv(kind, 32, block));
  return {
    encoder: [...repeated('conv', depth), dense(256), dense(256), posterior(latentDim, variational)],
    decoder: [
      dense(256),
      dense(256),
      dense(4 * 4 * 32),
      { kind: 'reshape', to: [4, 4, 32] },
      ...repeated('conv-transpose', depth - 1),
      conv('conv-transpose', channels, { bias: true }),
    ],
    output: variational ? 'sigmoid' : 'linear',
  };
}
