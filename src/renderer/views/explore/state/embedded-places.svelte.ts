import type { EmbeddedProjection } from '../../../../contract/operations/codes.ts';
import { MOST_NEAREST } from '../../../../contract/operations/codes.ts';
import { tensor, type Tensor } from '../../../../contract/tensor.ts';
import { Latest } from '../../../state/latest.ts';
import { positionsOf, type Place } from './linear-projection.ts';

/** Number of images among which a code is placed. */
export const NEIGHBOURS = 8;

/** More places than a path has codes; older ones are forgotten, and asked for again where they are needed. */
const MOST_KNOWN = 256;

interface Known {
  readonly code: Float32Array;
  readonly place: Place;
}

/** What {@link EmbeddedPlaces} asks the engine for: the nearest images to codes `[n, latentDim]`, as `[n, k]`. */
export type FindNearest = (z: Tensor<'f32'>) => Promise<Tensor<'i32'>>;

/**
 * Places of codes in an embedding. An embedding has no map from codes to positions, so a code is placed at the mean of
 * the positions of the images that are nearest to it in latent space.
 */
export class EmbeddedPlaces {
  /** The newest place that came: where the live code is shown until its own place is known. */
  last: Place | undefined;
  /** `[images, 3]`. */
  readonly #positions: Float32Array;
  /** A new list for each answer, so that whatever read a place that was not known reads it again. */
  #known = $state.raw<readonly Known[]>([]);
  #wanted: Float32Array[] = [];
  readonly #ask: Latest<readonly Float32Array[], Tensor<'i32'>>;

  constructor(projection: EmbeddedProjection, findNearest: FindNearest, onFailure: (error: unknown) => void) {
    this.#positions = positionsOf(projection);
    this.#ask = new Latest({
      load: (codes) => {
        const latentDim = codes[0]!.length;
        const z = new Float32Array(codes.length * latentDim);
        codes.forEach((code, i) => z.set(code, i * latentDim));
        return findNearest(tensor('f32', [codes.length, latentDim], z));
      },
      show: ({ data, shape: [, count = 0] }, codes) => {
        const came = codes.map((code, i) => ({
          code,
          place: this.#meanOf(data.subarray(i * count, (i + 1) * count)),
        }));
        this.last = came.at(-1)?.place;
        this.#known = [...this.#known.slice(-MOST_KNOWN), ...came];
      },
      fail: onFailure,
    });
  }

  /** The position of an image. */
  placeOfImage(index: number): Place {
    const [x = 0, y = 0, z = 0] = this.#positions.subarray(index * 3, index * 3 + 3);
    return [x, y, z];
  }

  /** The image that is nearest to a place, in so many axes. */
  imageAt([x, y, z]: Place, axes: 2 | 3 = 3): number {
    const data = this.#positions;
    let [nearest, least] = [0, Infinity];
    for (let i = 0; i * 3 < data.length; i++) {
      const away = axes === 2 ? 0 : data[i * 3 + 2]! - z;
      const distance = (data[i * 3]! - x) ** 2 + (data[i * 3 + 1]! - y) ** 2 + away ** 2;
      if (distance < least) [nearest, least] = [i, distance];
    }
    return nearest;
  }

  /** The place of a code; undefined while it is not known yet. Then it is asked for. */
  placeOf(code: Float32Array): Place | undefined {
    const known = this.#known.find((one) => one.code === code)?.place;
    if (!known) this.#want(code);
    return known;
  }

  /** Asks nothing more. */
  close(): void {
    this.#wanted = [];
    this.#ask.close();
  }

  /** Codes that are wanted in one turn are asked for together. */
  #want(code: Float32Array): void {
    if (this.#wanted.length === 0) {
      queueMicrotask(() => {
        const codes = this.#wanted.slice(-MOST_NEAREST.codes);
        this.#wanted = [];
        if (codes.length > 0) this.#ask.ask(codes);
      });
    }
    this.#wanted.push(code);
  }

  #meanOf(images: Int32Array): Place {
    const mean: [number, number, number] = [0, 0, 0];
    for (const image of images) {
      this.placeOfImage(image).forEach((value, axis) => (mean[axis]! += value / images.length));
    }
    return mean;
  }
}
