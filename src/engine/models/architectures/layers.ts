import type { ImageSize } from '../../../contract/image-size.ts';
import type { ConvSpec, DenseSpec } from '../architecture.ts';

/** A convolution or a transposed one; by default of 4×4 pixels and stride 2, without bias, batch norm or activation. */
export function conv(kind: ConvSpec['kind'], filters: number, more: Partial<ConvSpec>): ConvSpec {
  return {
    kind,
    filters,
    kernel: 4,
    stride: 2,
    padding: 'same',
    bias: false,
    batchNorm: false,
    activation: 'linear',
    ...more,
  };
}

/** How often an image is halved until its side is `sidePx` long. */
export function halvings(imageSize: ImageSize, sidePx: number): number {
  return Math.log2(imageSize / sidePx);
}

/** The encoder's last layer: mu and logVar, each initialised as a separate layer; for an AE only the code. */
export function posterior(latentDim: number, variational: boolean): DenseSpec {
  const parts = variational ? 2 : 1;
  return { kind: 'dense', units: parts * latentDim, parts, activation: 'linear' };
}
