import type { LabelCells } from '../data/label-cells.ts';
import type { HostTensor } from '../files/safetensors.ts';

/** Codes of images, as the encoder gives them. */
export interface Codes {
  /** The name of each image. */ readonly names: readonly string[];
  /** `[images, latentDim]`, posterior means; an AE's codes. */
  readonly mu: HostTensor;
  /** `[images, latentDim]`, log Σ; none for an AE, which has no posterior. */
  readonly logVar?: HostTensor | undefined;
  /** What is known of the images; only a table has room for it. */
  readonly labels?: readonly LabelCells[] | undefined;
}

/** Codes that were read from a file, for decoding. */
export interface ReadCodes {
  /** `[codes, latentDim]`. */
  readonly z: HostTensor;
  readonly names?: readonly string[];
}
