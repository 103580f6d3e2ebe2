import type { Random } from '../basics/random.ts';
import type { FeatureBins } from './feature-bins.ts';

/** Depth of the trees: the default of scikit-learn's gradient boosting. */
const DEPTH = 3;
const SPLITS = 2 ** DEPTH - 1;
/** Number of leaves of a tree. */
export const LEAVES = 2 ** DEPTH;

/** A full binary tree: node n has the children 2n + 1 and 2n + 2. */
export interface RegressionTree {
  /** The feature by which each node splits, `[7]`; −1 for no split, where all rows go left. */
  readonly feature: Int16Array;
  /** Rows whose feature is at most this go left, `[7]`. */
  readonly threshold: Float64Array;
}

/** The split of a node, and its gain: the reduction of the squared error. */
interface Split {
  feature: number;
  threshold: number;
  gain: number;
}

/** The best boundary between two bins: the last bin on the left, with the sums over all bins before it. */
interface Boundary {
  feature: number;
  /** The last bin with rows on the left, and the first one on the right. */
  left: number;
  right: number;
  /** Sum of the residuals, and number of rows, in the bins before `left`. */
  sumBefore: number;
  countBefore: number;
}

/** The gain of splitting off `count` of `rows`, from the sums of their residuals (Friedman 2001, eq. 35). */
function gainOf(sum: number, count: number, total: number, rows: number): number {
  const difference = sum / count - (total - sum) / (rows - count);
  return ((count * (rows - count)) / rows) * difference * difference;
}

/**
 * Grows trees of depth three over the same rows, reusing its memory. Each split is the one that reduces the squared
 * error most. A histogram gives the feature and the two bins around the split, and the rows of these bins its exact
 * position. The histogram of the larger of two children is computed by subtraction.
 *
 * Features are tried in a random order at every split, as in scikit-learn: in small nodes several features split
 * equally well, and the first of a fixed order would get too much importance.
 */
export class TreeGrower {
  readonly #bins: FeatureBins;
  readonly #random: Random;
  readonly #features: Uint16Array;
  readonly #rows: number;
  /** Rows in the order of their nodes. */
  readonly #order: Uint32Array;
  readonly #spare: Uint32Array;
  /** Values and residuals of the rows in the two bins around a split. */
  readonly #values: Float64Array;
  readonly #residuals: Float64Array;
  /** By node: the sum of the residuals in each bin, and their number; the number of the first node is constant. */
  readonly #sums: readonly Float64Array[];
  readonly #counts: readonly Float64Array[];
  /** Start and end of each node's rows in `order`; nodes of the last level are leaves. */
  readonly #starts = new Uint32Array(SPLITS + LEAVES);
  readonly #ends = new Uint32Array(SPLITS + LEAVES);
  /** The leaf of each row, for the last tree grown. */
  readonly leafOf: Uint8Array;

  constructor(bins: FeatureBins, random: Random) {
    this.#bins = bins;
    this.#random = random;
    this.#features = Uint16Array.from({ length: bins.features }, (_, feature) => feature);
    this.#rows = bins.table.length / bins.features;
    this.#order = new Uint32Array(this.#rows);
    this.#spare = new Uint32Array(this.#rows);
    this.#values = new Float64Array(this.#rows);
    this.#residuals = new Float64Array(this.#rows);
    const size = bins.starts[bins.features]!;
    this.#sums = Array.from({ length: SPLITS }, () => new Float64Array(size));
    this.#counts = Array.from({ length: SPLITS }, () => new Float64Array(size));
    for (const place of bins.places) this.#counts[0]![place]! += 1;
    this.leafOf = new Uint8Array(this.#rows);
  }

  /**
   * Grows a tree towards residuals; afterwards, {@link leafOf} contains the leaf of every row.
   *
   * @param importance - `[features]`; the gain of each split per row is added to its feature
   */
  grow(residuals: Float64Array, importance: Float64Array): RegressionTree {
    const tree = { feature: new Int16Array(SPLITS).fill(-1), threshold: new Float64Array(SPLITS) };
    for (let row = 0; row < this.#rows; row++) this.#order[row] = row;
    this.#starts[0] = 0;
    this.#ends[0] = this.#rows;
    this.#fillFirst(residuals);
    for (let node = 0; node < SPLITS; node++) {
      const split = this.#findSplit(node, residuals);
      if (split) {
        tree.feature[node] = split.feature;
        tree.threshold[node] = split.threshold;
        importance[split.feature]! += split.gain / this.#rows;
      }
      this.#divide(node, split);
      if (2 * node + 2 < SPLITS) this.#fillChildren(node, residuals);
    }
    for (let leaf = 0; leaf < LEAVES; leaf++) {
      const node = SPLITS + leaf;
      for (let i = this.#starts[node]!; i < this.#ends[node]!; i++) this.leafOf[this.#order[i]!] = leaf;
    }
    return tree;
  }

  #fillFirst(residuals: Float64Array): void {
    const { features, places } = this.#bins;
    const sums = this.#sums[0]!.fill(0);
    for (let row = 0, at = 0; row < residuals.length; row++) {
      const residual = residuals[row]!;
      for (const end = at + features; at < end; at++) sums[places[at]!]! += residual;
    }
  }

  #fill(node: number, residuals: Float64Array): void {
    const { features, places } = this.#bins;
    const order = this.#order;
    const sums = this.#sums[node]!.fill(0);
    const counts = this.#counts[node]!.fill(0);
    const end = this.#ends[node]!;
    for (let i = this.#starts[node]!; i < end; i++) {
      const row = order[i]!;
      const residual = residuals[row]!;
      for (let at = row * features, last = at + features; at < last; at++) {
        const place = places[at]!;
        sums[place]! += residual;
        counts[place]! += 1;
      }
    }
  }

  #fillChildren(node: number, residuals: Float64Array): void {
    const [left, right] = [2 * node + 1, 2 * node + 2];
    const isLeftSmaller =
      this.#ends[left]! - this.#starts[left]! <= this.#ends[right]! - this.#starts[right]!;
    const [smaller, larger] = isLeftSmaller ? [left, right] : [right, left];
    this.#fill(smaller, residuals);
    for (const histograms of [this.#sums, this.#counts]) {
      const [parent, known, other] = [histograms[node]!, histograms[smaller]!, histograms[larger]!];
      for (let i = 0; i < parent.length; i++) other[i] = parent[i]! - known[i]!;
    }
  }

  #findSplit(node: number, residuals: Float64Array): Split | undefined {
    const rows = this.#ends[node]! - this.#starts[node]!;
    if (rows < 2) return undefined;
    const { starts } = this.#bins;
    const sums = this.#sums[node]!;
    let total = 0;
    for (let place = 0; place < starts[1]!; place++) total += sums[place]!;
    const boundary = this.#bestBoundary(sums, this.#counts[node]!, total, rows);
    return boundary && this.#refine(node, boundary, residuals, total, rows);
  }

  #bestBoundary(sums: Float64Array, counts: Float64Array, total: number, rows: number): Boundary | undefined {
    const { features, starts } = this.#bins;
    // If all residuals are equal, rounding gives a small gain that must be ignored.
    let most = 1e-14 * rows;
    let best: Boundary | undefined;
    for (let tried = 0; tried < features; tried++) {
      const feature = this.#drawFeature(tried);
      const end = starts[feature + 1]!;
      let [sum, count, left, sumBefore, countBefore] = [0, 0, -1, 0, 0];
      for (let place = starts[feature]!; place < end; place++) {
        const here = counts[place]!;
        if (here === 0) continue;
        if (left >= 0) {
          const gain = gainOf(sum, count, total, rows);
          if (gain > most) {
            most = gain;
            best = { feature, left, right: place, sumBefore, countBefore };
          }
        }
        left = place;
        sumBefore = sum;
        countBefore = count;
        sum += sums[place]!;
        count += here;
      }
    }
    return best;
  }

  /** Draws one of the features that were not tried yet, and moves it to index `tried`. */
  #drawFeature(tried: number): number {
    const at = tried + this.#random.integer(this.#features.length - tried);
    const drawn = this.#features[at]!;
    this.#features[at] = this.#features[tried]!;
    this.#features[tried] = drawn;
    return drawn;
  }

  /**
   * Finds the exact position of the split among the rows of the two bins: halfway between two neighbouring values.
   */
  #refine(node: number, boundary: Boundary, all: Float64Array, total: number, rows: number): Split {
    const { feature, left, right, sumBefore, countBefore } = boundary;
    const { features, table, places, isSingle } = this.#bins;
    const [values, residuals, order] = [this.#values, this.#residuals, this.#order];
    // If both bins contain a single value, the rows need no sorting.
    const needsOrder = !(isSingle[left]! && isSingle[right]!);
    let [found, lowest, highest, sumLeft, countLeft] = [0, 0, 0, 0, 0];
    const end = this.#ends[node]!;
    for (let i = this.#starts[node]!; i < end; i++) {
      const at = order[i]! * features + feature;
      const place = places[at]!;
      if (place !== left && place !== right) continue;
      const [value, residual] = [table[at]!, all[order[i]!]!];
      if (!needsOrder) {
        if (place === right) highest = value;
        else {
          lowest = value;
          sumLeft += residual;
          countLeft += 1;
        }
        continue;
      }
      let to = found++;
      for (; to > 0 && values[to - 1]! > value; to--) {
        values[to] = values[to - 1]!;
        residuals[to] = residuals[to - 1]!;
      }
      values[to] = value;
      residuals[to] = residual;
    }
    if (!needsOrder) {
      const gain = gainOf(sumBefore + sumLeft, countBefore + countLeft, total, rows);
      return { feature, threshold: (lowest + highest) / 2, gain };
    }
    const best = { feature, threshold: 0, gain: -1 };
    let sum = sumBefore;
    for (let i = 0; i + 1 < found; i++) {
      sum += residuals[i]!;
      if (values[i] === values[i + 1]) continue;
      const gain = gainOf(sum, countBefore + i + 1, total, rows);
      if (gain > best.gain) {
        best.gain = gain;
        best.threshold = (values[i]! + values[i + 1]!) / 2;
      }
    }
    return best;
  }

  /** Moves the rows that go left before those that go right, keeping their order. */
  #divide(node: number, split: Split | undefined): void {
    const { features, table } = this.#bins;
    const [order, spare] = [this.#order, this.#spare];
    const [start, end] = [this.#starts[node]!, this.#ends[node]!];
    let [left, right] = [start, 0];
    if (!split) left = end;
    else {
      const { feature, threshold } = split;
      for (let i = start; i < end; i++) {
        const row = order[i]!;
        if (table[row * features + feature]! <= threshold) order[left++] = row;
        else spare[right++] = row;
      }
      order.set(spare.subarray(0, right), left);
    }
    this.#starts[2 * node + 1] = start;
    this.#ends[2 * node + 1] = left;
    this.#starts[2 * node + 2] = left;
    this.#ends[2 * node + 2] = end;
  }
}

/** The leaf of a row; `at` is the index of its first feature in the table. */
export function leafOfRow({ feature, threshold }: RegressionTree, table: Float32Array, at: number): number {
  let node = 0;
  while (node < SPLITS) {
    const by = feature[node]!;
    node = 2 * node + (by < 0 || table[at + by]! <= threshold[node]! ? 1 : 2);
  }
  return node - SPLITS;
}
