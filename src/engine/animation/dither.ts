import type { Colour, Picture } from '../pictures/picture.ts';
import { writeOklab } from './oklab.ts';

/** Bayer's 4×4 order (1973): the threshold of each position in the pattern. */
const ORDER = Uint8Array.of(0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5);
const MIX = ORDER.length;
/**
 * How much of the error of its earlier colours a mix corrects. Full correction would choose distant colours, which
 * is visible as grain; without correction there are visible bands.
 */
const CORRECTION = 0.25;
/**
 * Number of nearest palette colours to mix from. Distant colours would be visible as grain, and searching all takes
 * five times as long.
 */
const CANDIDATES = 6;

/**
 * Maps images to a palette, with a fixed dither pattern against banding. The palette colour of a pixel depends on
 * its colour and position only, not on its neighbours or the frame, so nothing flickers.
 *
 * Every colour is mixed from sixteen palette colours, each chosen to correct the error of those before it, ordered
 * by lightness and laid out in Bayer's order (Knoll's pattern dithering, US 6,606,166 B1, expired).
 */
export class PaletteMapper {
  readonly #palette: Float32Array;
  /** One more than a colour's place in `#mixes`, by its 24 bits; 0: not mixed yet. Pages never touched cost nothing. */
  readonly #slots = new Uint32Array(2 ** 24);
  #mixes = new Uint8Array(4096 * MIX);
  #mixCount = 0;
  readonly #dither: boolean;
  readonly #near: Uint8Array;
  readonly #distances: Float64Array;

  /**
   * @param palette - at most 256 colours
   * @param dither - false maps every pixel to the nearest colour
   */
  constructor(palette: readonly Colour[], dither = true) {
    this.#palette = new Float32Array(palette.length * 3);
    this.#dither = dither;
    this.#near = new Uint8Array(Math.min(dither ? CANDIDATES : 1, palette.length));
    this.#distances = new Float64Array(this.#near.length);
    palette.forEach(([red, green, blue], k) => {
      writeOklab(this.#palette, 3 * k, red, green, blue);
    });
    palette.forEach(([red, green, blue], k) => {
      // Colours of the palette are not dithered, so that flat surfaces stay flat.
      this.#slots[(red << 16) | (green << 8) | blue] = this.#store(new Uint8Array(MIX).fill(k));
    });
  }

  #store(mix: Uint8Array): number {
    if ((this.#mixCount + 1) * MIX > this.#mixes.length) {
      const larger = new Uint8Array(this.#mixes.length * 2);
      larger.set(this.#mixes);
      this.#mixes = larger;
    }
    this.#mixes.set(mix, this.#mixCount * MIX);
    this.#mixCount += 1;
    return this.#mixCount;
  }

  /** The palette colours nearest to one, nearest first, written to `#near`. */
  #findNear(l: number, a: number, b: number): void {
    const palette = this.#palette;
    const near = this.#near;
    const distances = this.#distances.fill(Infinity);
    const last = near.length - 1;
    for (let k = 0; k < palette.length; k += 3) {
      const dl = palette[k]! - l;
      const da = palette[k + 1]! - a;
      const db = palette[k + 2]! - b;
      const distance = dl * dl + da * da + db * db;
      if (distance >= distances[last]!) continue;
      let place = last;
      for (; place > 0 && distances[place - 1]! > distance; place--) {
        distances[place] = distances[place - 1]!;
        near[place] = near[place - 1]!;
      }
      distances[place] = distance;
      near[place] = k / 3;
    }
  }

  #mix(red: number, green: number, blue: number): Uint8Array {
    const palette = this.#palette;
    const near = this.#near;
    const target = new Float32Array(3);
    writeOklab(target, 0, red, green, blue);
    const [l, a, b] = target as unknown as [number, number, number];
    this.#findNear(l, a, b);
    const mix = new Uint8Array(MIX).fill(near[0]!);
    if (!this.#dither) return mix;
    let [missedL, missedA, missedB] = [0, 0, 0];
    for (let i = 0; i < MIX; i++) {
      let least = Infinity;
      let best = 0;
      for (const k of near) {
        const dl = palette[3 * k]! - l - CORRECTION * missedL;
        const da = palette[3 * k + 1]! - a - CORRECTION * missedA;
        const db = palette[3 * k + 2]! - b - CORRECTION * missedB;
        const distance = dl * dl + da * da + db * db;
        if (distance < least) {
          least = distance;
          best = k;
        }
      }
      mix[i] = best;
      missedL += l - palette[3 * best]!;
      missedA += a - palette[3 * best + 1]!;
      missedB += b - palette[3 * best + 2]!;
    }
    return mix.sort((one, other) => palette[3 * one]! - palette[3 * other]! || one - other);
  }

  /**
   * @param picture - a colour image
   * @returns `[height × width]`, indices into the palette
   */
  map({ width, height, data }: Picture): Uint8Array {
    const indices = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = y * width + x;
        const red = data[3 * pixel]!;
        const green = data[3 * pixel + 1]!;
        const blue = data[3 * pixel + 2]!;
        const key = (red << 16) | (green << 8) | blue;
        let slot = this.#slots[key]!;
        if (slot === 0) {
          slot = this.#store(this.#mix(red, green, blue));
          this.#slots[key] = slot;
        }
        indices[pixel] = this.#mixes[(slot - 1) * MIX + ORDER[(y & 3) * 4 + (x & 3)]!]!;
      }
    }
    return indices;
  }
}
