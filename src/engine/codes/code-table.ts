import type { HostTensor } from '../files/safetensors.ts';

/** Codes of images: where the encoder puts them. */
export interface Codes {
  /** One for each image. */
  readonly names: readonly string[];
  /** `[images, latentDim]`, posterior means; an AE's codes. */
  readonly mu: HostTensor;
  /** `[images, latentDim]`, log Σ; none for an AE, which has no posterior. */
  readonly logVar?: HostTensor | undefined;
}

/** Codes as they were read, to be decoded. */
export interface ReadCodes {
  /** `[codes, latentDim]`. */
  readonly z: HostTensor;
  readonly names?: readonly string[];
}
