import type { DecoderShape } from './decoder.ts';

/** What a page sends to its decoding worker: first the model, then codes. */
export type ToWorker =
  | { readonly kind: 'model'; readonly shape: DecoderShape; readonly weights: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'code';
      readonly id: number;
      readonly z: Float32Array;
      readonly condition: Float32Array | undefined;
    };

/** An image's bytes, `[size, size, channels]`, or why there is none. */
export type FromWorker =
  | { readonly id: number; readonly image: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly failure: string };
