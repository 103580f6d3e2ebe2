import type { SeenPoints } from './picking.ts';

/** A part of the picture, pixels from its upper left. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Chooses points whose tiles do not overlap. What is shown already stays as long as it can, so that tiles move with
 * their points instead of flickering; gaps are then filled in an order that looks random and is always the same.
 */
export class TileChooser {
  /** Indices of the chosen points; only the first {@link count} count. */
  readonly chosen: Int32Array;
  count = 0;
  /** Where no tile may be. */
  covered: readonly Box[] = [];
  readonly #spacingPx: number;
  readonly #marginPx: number;
  #columns = 0;
  #rows = 0;
  /** One tile at most has its middle in a cell as wide as the spacing; −1 where none has. */
  #cells = new Int32Array(0);

  /**
   * @param spacingPx - between the middles of two tiles, sideways or upwards, at least
   * @param marginPx - from a tile's middle to the edge and to what is covered, at least
   */
  constructor(most: number, spacingPx: number, marginPx: number) {
    this.chosen = new Int32Array(most);
    this.#spacingPx = spacingPx;
    this.#marginPx = marginPx;
  }

  /** Drops what no longer fits; with `fill` adds what does. */
  choose(points: SeenPoints, width: number, height: number, fill: boolean): void {
    this.#clear(width, height);
    const before = this.count;
    this.count = 0;
    for (let k = 0; k < before; k++) this.#add(points, this.chosen[k]!, width, height);
    if (!fill) return;
    const total = points.x.length;
    const stride = strideFor(total);
    let i = 0;
    for (let k = 0; k < total && this.count < this.chosen.length; k++) {
      this.#add(points, i, width, height);
      i = (i + stride) % total;
    }
  }

  clear(): void {
    this.count = 0;
  }

  /** The chosen point whose tile is under a pixel, or −1. */
  tileAt(points: SeenPoints, x: number, y: number, halfTilePx: number): number {
    for (let k = 0; k < this.count; k++) {
      const i = this.chosen[k]!;
      if (Math.abs(points.x[i]! - x) <= halfTilePx && Math.abs(points.y[i]! - y) <= halfTilePx) return i;
    }
    return -1;
  }

  #clear(width: number, height: number): void {
    this.#columns = Math.max(1, Math.ceil(width / this.#spacingPx));
    this.#rows = Math.max(1, Math.ceil(height / this.#spacingPx));
    const size = this.#columns * this.#rows;
    if (this.#cells.length < size) this.#cells = new Int32Array(size);
    this.#cells.fill(-1);
  }

  #add(points: SeenPoints, i: number, width: number, height: number): void {
    const x = points.x[i]!;
    const y = points.y[i]!;
    const margin = this.#marginPx;
    // False for NaN, which hidden points have.
    if (!(x >= margin && y >= margin && x <= width - margin && y <= height - margin)) return;
    for (const { left, top, right, bottom } of this.covered) {
      if (x > left - margin && x < right + margin && y > top - margin && y < bottom + margin) return;
    }
    const column = Math.floor(x / this.#spacingPx);
    const row = Math.floor(y / this.#spacingPx);
    for (let r = Math.max(0, row - 1); r <= Math.min(this.#rows - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(this.#columns - 1, column + 1); c++) {
        const other = this.#cells[r * this.#columns + c]!;
        if (other < 0) continue;
        const apart = Math.max(Math.abs(points.x[other]! - x), Math.abs(points.y[other]! - y));
        if (apart < this.#spacingPx) return;
      }
    }
    this.#cells[row * this.#columns + column] = i;
    this.chosen[this.count] = i;
    this.count += 1;
  }
}

/** A step that visits every index once, far apart from one to the next: near the golden section, with no common factor. */
function strideFor(total: number): number {
  let stride = Math.max(1, Math.round(total * 0.618034));
  while (greatestCommonDivisor(stride, total) !== 1) stride += 1;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
