import { setImmediate as nextTurn } from 'node:timers/promises';
import { IMAGE_SIZE, type DatasetInfo } from '../../contract/dataset.ts';
import { drawFace, FACE_FACTORS, faceFactors } from '../synthetic/faces.ts';
import type { Dataset } from './dataset.ts';
import { COLOUR_BYTES } from '../image-files/image-bytes.ts';
import { checkIndices, columnIndex } from './stored-dataset.ts';

/** Drawing one takes about a millisecond: so many, and then others have their turn. */
const FACES_PER_TURN = 8;
/** Faces are kept in blocks once drawn, because a training asks for each in every epoch. */
const KEPT_BLOCK_FACES = 256;
/** 256 MiB: the starter's 20,000 faces fit. */
const MOST_KEPT_BLOCKS = 85;

/** The name of a sample face; the same whether the faces are stored or drawn. */
export function faceName(index: number, faces: number): string {
  return `face-${String(index).padStart(Math.max(5, String(faces - 1).length), '0')}`;
}

/** Faces that were drawn before, up to a bound; beyond it they are drawn again. */
class KeptFaces {
  readonly #seed: number;
  readonly #blocks = new Map<number, { readonly faces: Uint8Array; readonly isDrawn: Uint8Array }>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @returns whether it had to be drawn */
  write(index: number, into: Uint8Array): boolean {
    const number = Math.floor(index / KEPT_BLOCK_FACES);
    let block = this.#blocks.get(number);
    if (!block && this.#blocks.size < MOST_KEPT_BLOCKS) {
      block = {
        faces: new Uint8Array(KEPT_BLOCK_FACES * COLOUR_BYTES),
        isDrawn: new Uint8Array(KEPT_BLOCK_FACES),
      };
      this.#blocks.set(number, block);
    }
    const place = index % KEPT_BLOCK_FACES;
    const kept = block?.faces.subarray(place * COLOUR_BYTES, (place + 1) * COLOUR_BYTES);
    const isNew = block?.isDrawn[place] !== 1;
    if (isNew) drawFace(faceFactors(this.#seed, index), IMAGE_SIZE, kept ?? into);
    if (kept) into.set(kept);
    if (block) block.isDrawn[place] = 1;
    return isNew;
  }

  clear(): void {
    this.#blocks.clear();
  }
}

/** Opens a data set of sample faces of which nothing is stored: they are drawn when they are asked for. */
export function openDrawnFaces(info: DatasetInfo): Dataset {
  const seed = info.seed ?? 0;
  const kept = new KeptFaces(seed);
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
      const images = new Uint8Array(indices.length * COLOUR_BYTES);
      let drawn = 0;
      for (let i = 0; i < indices.length; i++) {
        if (kept.write(indices[i]!, images.subarray(i * COLOUR_BYTES, (i + 1) * COLOUR_BYTES))) drawn += 1;
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
