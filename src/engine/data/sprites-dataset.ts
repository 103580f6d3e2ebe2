import type { DatasetInfo } from '../../contract/dataset.ts';
import { createRandom } from '../basics/random.ts';
import {
  drawSprite,
  SPRITE_BYTES,
  SPRITE_COUNT,
  SPRITE_FACTORS,
  spriteFactors,
} from '../synthetic/sprites.ts';
import type { Dataset } from './dataset.ts';
import { checkIndices, columnIndex } from './stored-dataset.ts';

/**
 * The sprites of a data set: all in order, or as many as it has, chosen at random by its seed.
 *
 * @returns `[images]`, sprite numbers in ascending order
 */
export function spriteNumbers(images: number, seed: number): Uint32Array {
  if (images === SPRITE_COUNT) return Uint32Array.from({ length: SPRITE_COUNT }, (_, i) => i);
  return createRandom(seed, 'sprites').permutation(SPRITE_COUNT).slice(0, images).sort();
}

/** Opens a data set of sprites, which are not stored: they are drawn when they are read. */
export function openSprites(info: DatasetInfo): Dataset {
  const numbers = spriteNumbers(info.images, info.seed ?? 0);
  const digits = String(SPRITE_COUNT - 1).length;
  let names: readonly string[] | undefined;
  return {
    info,
    names() {
      names ??= Array.from(numbers, (number) => `sprite-${String(number).padStart(digits, '0')}`);
      return Promise.resolve(names);
    },
    column(column) {
      const { name } = info.columns[columnIndex(info, column)]!;
      const factor = SPRITE_FACTORS.findIndex((spec) => spec.name === name);
      return Promise.resolve(Float32Array.from(numbers, (number) => spriteFactors(number)[factor]!));
    },
    readImages(indices) {
      checkIndices(info, indices);
      const images = new Uint8Array(indices.length * SPRITE_BYTES);
      for (let i = 0; i < indices.length; i++) {
        drawSprite(numbers[indices[i]!]!, images.subarray(i * SPRITE_BYTES, (i + 1) * SPRITE_BYTES));
      }
      return Promise.resolve(images);
    },
    close: () => Promise.resolve(),
  };
}
