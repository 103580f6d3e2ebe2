import type { Client } from '../../contract/client.ts';
import { tensor } from '../../contract/tensor.ts';
import { facesOf, type FaceImage } from '../components/face.ts';
import { Latest } from './latest.ts';
import { Lateness } from './lateness.svelte.ts';

/** The condition of a conditional model, as its column has it: of all codes, or of each. */
type Condition = number | readonly number[] | undefined;

/** What a row of pictures is decoded from. */
interface Decoded {
  /** `[n, latentDim]`. */
  readonly codes: Float32Array<ArrayBuffer>;
  readonly latentDim: number;
  readonly condition: Condition;
}

/** A row of codes and their pictures, decoded together; those of the newest codes win. */
export class DecodedBatch {
  /** As many as the codes last decoded; fewer than are shown while more are on their way. */
  images = $state.raw<readonly FaceImage[]>([]);
  readonly #lateness = new Lateness();
  readonly #decode: Latest<Decoded, FaceImage[]>;
  /** What was asked for last. */
  #asked: Decoded | undefined;

  /**
   * @param run - whose decoder shows the codes
   * @param onFailure - hears why a decode failed
   */
  constructor(client: Client, run: string, onFailure: (error: unknown) => void) {
    this.#decode = new Latest({
      load: async ({ codes, latentDim, condition }) =>
        facesOf(
          await client.request('models.decode', {
            ...{ run, z: tensor('f32', [codes.length / latentDim, latentDim], codes) },
            ...(condition === undefined
              ? {}
              : { condition: typeof condition === 'object' ? [...condition] : condition }),
          }),
        ),
      show: (images, asked) => {
        this.images = images;
        this.#lateness.arrive(asked === this.#asked);
      },
      fail: (error) => {
        // Asked for the same codes again, it tries again.
        this.#asked = undefined;
        onFailure(error);
      },
    });
  }

  /** True while the pictures belong to other codes, and have for long enough to be noticed. */
  get isLate(): boolean {
    return this.#lateness.isLate;
  }

  /**
   * Decodes codes, unless they are the ones that are shown or on their way.
   *
   * @param condition - the condition of a conditional model; left out, the usual
   */
  show(codes: readonly Float32Array[], condition?: Condition): void {
    const asked: Decoded = { codes: join(codes), latentDim: codes[0]?.length ?? 0, condition };
    if (this.#asked && areSame(asked, this.#asked)) return;
    this.#asked = asked;
    if (asked.codes.length === 0) {
      this.#decode.forget();
      this.#lateness.arrive(true);
      return;
    }
    this.#lateness.wait();
    this.#decode.ask(asked);
  }

  /** Decodes nothing any more. */
  close(): void {
    this.#decode.close();
    this.#lateness.arrive(true);
  }
}

function join(codes: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const latentDim = codes[0]?.length ?? 0;
  const joined = new Float32Array(codes.length * latentDim);
  codes.forEach((code, i) => joined.set(code, i * latentDim));
  return joined;
}

function areSame(a: Decoded, b: Decoded): boolean {
  const areEqual = (some: ArrayLike<number>, others: ArrayLike<number>): boolean =>
    some.length === others.length && Array.prototype.every.call(some, (value, i) => value === others[i]);
  return areEqual(a.codes, b.codes) && areEqual([a.condition ?? []].flat(), [b.condition ?? []].flat());
}
