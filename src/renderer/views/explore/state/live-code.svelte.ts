import type { Client } from '../../../../contract/client.ts';
import { tensor } from '../../../../contract/tensor.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import { Latest } from '../../../state/latest.ts';
import { Lateness } from '../../../state/lateness.svelte.ts';

/** More steps back than this are forgotten; the thread's beginning is not. */
const MOST_KNOTS = 100;

/** What a picture is decoded from. */
interface Decoded {
  readonly z: Float32Array;
  readonly told: number | undefined;
}

/**
 * The code that is pulled on, and its picture. It changes continuously; each finished pull is a knot of the thread
 * that runs from the pinned code to the live one, and *Back* undoes the last. What a conditional model is told beside
 * the code is no pull.
 */
export class LiveCode {
  /** `[latentDim]`. */
  z = $state.raw<Float32Array>(new Float32Array(0));
  /** What a conditional model is told, as its column has it; undefined for a model that is told nothing. */
  told = $state<number | undefined>();
  /** g(z), or the last that came; see {@link isLate}. */
  image = $state.raw<FaceImage | undefined>();
  /** Codes where pulls ended, the first one where the thread begins. */
  knots = $state.raw<readonly Float32Array[]>([]);
  readonly #decode: Latest<Decoded, FaceImage | undefined>;
  readonly #lateness = new Lateness();
  /** What the last knot was made by, if by a nudge. */
  #nudged: string | undefined;
  /** What the picture should be of, while it is of something earlier. */
  #awaited: Decoded | undefined;

  /**
   * @param run - whose decoder shows the code
   * @param onFailure - hears why a decode failed
   */
  constructor(client: Client, run: string, onFailure: (error: unknown) => void) {
    this.#decode = new Latest({
      load: async ({ z, told }) => {
        const images = await client.request('models.decode', {
          ...{ run, z: tensor('f32', [1, z.length], z) },
          ...(told === undefined ? {} : { condition: told }),
        });
        return facesOf(images)[0];
      },
      show: (image, asked) => {
        this.image = image;
        if (this.#awaited === asked) this.#awaited = undefined;
        this.#lateness.arrive(!this.#awaited);
      },
      fail: onFailure,
    });
  }

  /** True while the picture belongs to an earlier z, and none has come for long enough to be noticed. */
  get isLate(): boolean {
    return this.#lateness.isLate;
  }

  /** Whether there is a pull to undo. */
  get canGoBack(): boolean {
    return this.knots.length > 1;
  }

  /**
   * Starts a new thread.
   *
   * @param image - g(z), where it is known already
   * @param told - what a conditional model is told from here on
   */
  begin(z: Float32Array, image?: FaceImage, told?: number): void {
    this.#nudged = undefined;
    this.knots = [z];
    this.told = told;
    this.#show(z, image);
  }

  /** Has a conditional model told something else; the code stays as it is. */
  tell(told: number): void {
    if (told === this.told) return;
    this.told = told;
    this.#show(this.z);
  }

  /** Pulls the code without finishing: a slider under way. */
  pull(z: Float32Array): void {
    this.#show(z);
  }

  /** Finishes a pull: the code as it is becomes a knot. */
  tie(): void {
    this.#nudged = undefined;
    if (this.knots.at(-1) === this.z) return;
    const [start, ...later] = this.knots;
    this.knots = start ? [start, ...[...later, this.z].slice(1 - MOST_KNOTS)] : [this.z];
  }

  /** Pulls and finishes at once. */
  jump(z: Float32Array): void {
    this.pull(z);
    this.tie();
  }

  /**
   * Pulls by one of many small steps: steps that follow each other on one subject are one pull, which *Back* undoes
   * at once.
   *
   * @param subject - what is moved, such as a dimension
   */
  nudge(z: Float32Array, subject: string): void {
    if (this.#nudged === subject && this.canGoBack) this.knots = this.knots.slice(0, -1);
    this.jump(z);
    this.#nudged = subject;
  }

  /** Undoes the last pull. */
  back(): void {
    this.#nudged = undefined;
    const knots = this.knots.slice(0, -1);
    const z = knots.at(-1);
    if (!z) return;
    this.knots = knots;
    this.#show(z);
  }

  /** Decodes again what could not be decoded, as after a restart of the engine. */
  refresh(): void {
    if (this.#awaited) this.#decode.ask(this.#awaited);
  }

  /** Shows nothing any more. */
  close(): void {
    this.#awaited = undefined;
    this.#decode.close();
    this.#lateness.arrive(true);
    this.image = undefined;
  }

  #show(z: Float32Array, image?: FaceImage): void {
    this.z = z;
    if (image) {
      this.#awaited = undefined;
      // The picture of an earlier thread, which is under way, would replace this one.
      this.#decode.forget();
      this.image = image;
      this.#lateness.arrive(true);
    } else {
      this.#awaited = { z, told: this.told };
      this.#lateness.wait();
      this.#decode.ask(this.#awaited);
    }
  }
}

/** A code with one coordinate changed. */
export function withCoordinate(z: Float32Array, dimension: number, value: number): Float32Array {
  const changed = z.slice();
  changed[dimension] = value;
  return changed;
}
