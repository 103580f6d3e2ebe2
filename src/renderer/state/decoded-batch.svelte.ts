import type { Client } from '../../contract/client.ts';
import { tensor } from '../../contract/tensor.ts';
import { facesOf, type FaceImage } from '../components/face.ts';
import { Latest } from './latest.ts';
import { Lateness } from './lateness.svelte.ts';

/** A row of codes and their pictures, decoded together; those of the newest codes win. */
export class DecodedBatch {
  /** As many as the codes last decoded; fewer than are shown while more are on their way. */
  images = $state.raw<readonly FaceImage[]>([]);
  readonly #lateness = new Lateness();
  readonly #decode: Latest<Float32Array>;
  #codes = new Float32Array(0);
  #latentDim = 0;

  /**
   * @param run - whose decoder shows the codes
   * @param onFailure - hears why a decode failed
   */
  constructor(client: Client, run: string, onFailure: (error: unknown) => void) {
    this.#decode = new Latest(async (codes) => {
      const shape = [codes.length / this.#latentDim, this.#latentDim];
      try {
        this.images = facesOf(await client.request('models.decode', { run, z: tensor('f32', shape, codes) }));
        this.#lateness.arrive(codes === this.#codes);
      } catch (error) {
        // Asked for the same codes again, it tries again.
        if (codes === this.#codes) this.#codes = new Float32Array(0);
        onFailure(error);
      }
    });
  }

  /** True while the pictures belong to other codes, and have for long enough to be noticed. */
  get isLate(): boolean {
    return this.#lateness.isLate;
  }

  /** Decodes codes, unless they are the ones that are shown or on their way. */
  show(codes: readonly Float32Array[]): void {
    const joined = join(codes);
    if (areSame(joined, this.#codes)) return;
    this.#codes = joined;
    this.#latentDim = codes[0]?.length ?? 0;
    if (joined.length === 0) return;
    this.#lateness.wait();
    this.#decode.ask(joined);
  }
}

function join(codes: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const latentDim = codes[0]?.length ?? 0;
  const joined = new Float32Array(codes.length * latentDim);
  codes.forEach((code, i) => joined.set(code, i * latentDim));
  return joined;
}

function areSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
