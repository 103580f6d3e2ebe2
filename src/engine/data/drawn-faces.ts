import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { imageBytes, type ImageSize } from '../../contract/image-size.ts';
import { drawFace, FACE_FACTORS, faceFactors } from '../synthetic/faces.ts';
import type { Dataset } from './dataset.ts';
import { checkIndices, columnIndex } from './stored-dataset.ts';

/** Number of faces drawn in one turn of the event loop. Drawing one takes about a millisecond. */
const FACES_PER_TURN = 8;
/** Number of faces in a block of the cache. Faces are cached, because a training reads each one in every epoch. */
const KEPT_BLOCK_FACES = 256;
/** Maximum size of the cache. The 20,000 faces of the starter data set (64×64 pixels) fit. */
const MOST_KEPT_BYTES = 256 * 2 ** 20;

/** The name of a sample face; the same whether the faces are stored or drawn. */
export function faceName(index: number, faces: number): string {
  return `face-${String(index).padStart(Math.max(5, String(faces - 1).length), '0')}`;
}

/** A cache of drawn faces. When it is full, further faces are drawn each time. */
class FaceCache {
  readonly #seed: number;
  readonly #imageSize: ImageSize;
  /** Size of a face in bytes. */
  readonly #bytes: number;
  readonly #mostBlocks: number;
  readonly #blocks = new Map<number, { readonly faces: Uint8Array; readonly isDrawn: Uint8Array }>();

  constructor(seed: number, imageSize: ImageSize) {
    this.#seed = seed;
    this.#imageSize = imageSize;
    this.#bytes = imageBytes({ imageSize, channels: 3 });
    this.#mostBlocks = Math.floor(MOST_KEPT_BYTES / (KEPT_BLOCK_FACES * this.#bytes));
  }

  /** @returns whether the face had to be drawn */
  write(index: number, into: Uint8Array): boolean {
    const number = Math.floor(index / KEPT_BLOCK_FACES);
    let block = this.#blocks.get(number);
    if (!block && this.#blocks.size < this.#mostBlocks) {
      block = {
        faces: new Uint8Array(KEPT_BLOCK_FACES * this.#bytes),
        isDrawn: new Uint8Array(KEPT_BLOCK_FACES),
      };
      this.#blocks.set(number, block);
    }
    const place = index % KEPT_BLOCK_FACES;
    const kept = block?.faces.subarray(place * this.#bytes, (place + 1) * this.#bytes);
    const isNew = block?.isDrawn[place] !== 1;
    if (isNew) drawFace(faceFactors(this.#seed, index), this.#imageSize, kept ?? into);
    if (kept) into.set(kept);
    if (block) block.isDrawn[place] = 1;
    return isNew;
  }

  clear(): void {
    this.#blocks.clear();
  }
}

/** Opens a data set of sample faces that are not stored: they are drawn when they are read. */
export function openDrawnFaces(info: DatasetInfo): Dataset {
  const seed = info.seed ?? 0;
  const { imageSize } = info;
  const bytes = imageBytes({ imageSize, channels: 3 });
  const kept = new FaceCache(seed, imageSize);
  let names: readonly string[] | undefined;
  let factors: readonly Float32Array[] | undefined;

  function allFactors(): readonly Float32Array[] {
    if (factors) return factors;
    const columns = FACE_FACTORS.map(() => new Float32Array(info.images));
    for (let index = 0; index < info.images; index++) {
      faceFactors(seed, index).forEach((value, factor) => (columns[factor]![index] = value));
    }
    factors = columns;
    return columns;
  }

  return {
    info,
    names() {
      names ??= Array.from({ length: info.images }, (_, index) => faceName(index, info.images));
      return Promise.resolve(names);
    },
    column(column) {
      const { name } = info.columns[columnIndex(info, column)]!;
      return Promise.resolve(allFactors()[FACE_FACTORS.findIndex((spec) => spec.name === name)]!.slice());
    },
    async readImages(indices) {
      checkIndices(info, indices);
      const images = new Uint8Array(indices.length * bytes);
      let drawn = 0;
      for (let i = 0; i < indices.length; i++) {
        if (kept.write(indices[i]!, images.subarray(i * bytes, (i + 1) * bytes))) drawn += 1;
        if (drawn === FACES_PER_TURN) {
          drawn = 0;
          await nextTurn();
        }
      }
      return images;
    },
    close() {
      kept.clear();
      return Promise.resolve();
    },
  };
}
