import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Colour, Picture } from '../pictures/picture.ts';
import { oklabToBytes, writeOklab } from './oklab.ts';

/** A histogram of the images' colours, merged in cells. */
interface Histogram {
  /** `[cells, 3]`, OKLab, the mean of the cell's colours. */
  readonly colours: Float32Array;
  /** `[cells]`. */
  readonly weights: Float64Array;
}

/** Six bits a channel: 262,144 cells, of which faces fill some ten thousand. */
const CELL_BITS = 6;
const REFINEMENTS = 12;

function pack(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

/**
 * The colours of all images when a palette can hold them, and else undefined.
 *
 * @param reserved - colours that must be among them
 */
export function exactPalette(
  pictures: readonly Picture[],
  reserved: readonly Colour[],
): Colour[] | undefined {
  const seen = new Set(reserved.map((colour) => pack(...colour)));
  for (const { data } of pictures) {
    for (let i = 0; i < data.length; i += 3) {
      seen.add(pack(data[i]!, data[i + 1]!, data[i + 2]!));
      if (seen.size > 256) return undefined;
    }
  }
  return [...seen].map((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]);
}

async function countColours(pictures: readonly Picture[], reserved: readonly Colour[]): Promise<Histogram> {
  const cells = 2 ** (3 * CELL_BITS);
  const sums = new Float64Array(cells * 3);
  const counts = new Float64Array(cells);
  const skip = new Set(reserved.map((colour) => pack(...colour)));
  const lab = new Float32Array(3);
  const shift = 8 - CELL_BITS;
  const pixels = pictures.reduce((sum, { width, height }) => sum + width * height, 0);
  // About a million pixels are plenty. An odd step walks through rows and enlarged pixels evenly.
  const step = Math.max(1, Math.floor(pixels / 1_000_000)) | 1;
  for (const { data } of pictures) {
    for (let i = 0; i < data.length; i += 3 * step) {
      const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
      if (skip.has(pack(red, green, blue))) continue;
      const cell = ((red >> shift) << (2 * CELL_BITS)) | ((green >> shift) << CELL_BITS) | (blue >> shift);
      writeOklab(lab, 0, red, green, blue);
      counts[cell]! += 1;
      for (let c = 0; c < 3; c++) sums[3 * cell + c]! += lab[c]!;
    }
    await nextTurn();
  }
  const used = [...counts.keys()].filter((cell) => counts[cell]! > 0);
  return {
    colours: Float32Array.from({ length: used.length * 3 }, (_, i) => {
      const cell = used[Math.floor(i / 3)]!;
      return sums[3 * cell + (i % 3)]! / counts[cell]!;
    }),
    // The exponent reduces the weight of large flat areas, so that small features such as eyes and lips also get
    // colours.
    weights: Float64Array.from(used, (cell) => counts[cell]! ** 0.75),
  };
}

interface Box {
  readonly members: Uint32Array;
  readonly error: number;
  readonly axis: number;
  readonly mean: number;
}

function boxOf(members: Uint32Array, { colours, weights }: Histogram): Box {
  let total = 0;
  const sum = [0, 0, 0];
  const squares = [0, 0, 0];
  for (const i of members) {
    total += weights[i]!;
    for (let c = 0; c < 3; c++) {
      sum[c]! += weights[i]! * colours[3 * i + c]!;
      squares[c]! += weights[i]! * colours[3 * i + c]! ** 2;
    }
  }
  const errors = squares.map((square, c) => square - sum[c]! ** 2 / total);
  const axis = errors.indexOf(Math.max(...errors));
  // A single colour cannot be split, whatever rounding leaves of its error.
  return { members, axis, mean: sum[axis]! / total, error: members.length > 1 ? Math.max(...errors) : 0 };
}

/** Splits the box of largest error at its mean until there are enough (Wu 1991's order, a plain cut). */
function splitBoxes(histogram: Histogram, count: number): Box[] {
  const boxes = [boxOf(Uint32Array.from(histogram.weights.keys()), histogram)];
  while (boxes.length < count) {
    const worst = boxes.reduce((most, box, i) => (box.error > boxes[most]!.error ? i : most), 0);
    const { members, axis, mean, error } = boxes[worst]!;
    if (error <= 1e-12) break;
    const isLow = (i: number) => histogram.colours[3 * i + axis]! <= mean;
    const low = members.filter(isLow);
    const high = members.filter((i) => !isLow(i));
    if (low.length === 0 || high.length === 0) break;
    boxes.splice(worst, 1, boxOf(low, histogram), boxOf(high, histogram));
  }
  return boxes;
}

/** The index of the centre nearest to a colour. */
function nearest(centres: Float32Array, l: number, a: number, b: number): number {
  let best = 0;
  let least = Infinity;
  for (let k = 0; k < centres.length; k += 3) {
    const distance = (centres[k]! - l) ** 2 + (centres[k + 1]! - a) ** 2 + (centres[k + 2]! - b) ** 2;
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best / 3;
}

/** Moves each centre to the mean of the colours nearest to it (Lloyd 1982), except fixed ones. */
async function refine(centres: Float32Array, fixed: number, { colours, weights }: Histogram): Promise<void> {
  for (let round = 0; round < REFINEMENTS; round++) {
    await nextTurn();
    const sums = new Float64Array((centres.length / 3) * 4);
    for (let i = 0; i < weights.length; i++) {
      const k = nearest(centres, colours[3 * i]!, colours[3 * i + 1]!, colours[3 * i + 2]!);
      for (let c = 0; c < 3; c++) sums[4 * k + c]! += weights[i]! * colours[3 * i + c]!;
      sums[4 * k + 3]! += weights[i]!;
    }
    for (let k = fixed; k < centres.length / 3; k++) {
      const total = sums[4 * k + 3]!;
      if (total > 0) for (let c = 0; c < 3; c++) centres[3 * k + c] = sums[4 * k + c]! / total;
    }
  }
}

/**
 * The 256 colours that serve all images best: boxes of least variance, then k-means, in OKLab. The same images give
 * the same palette. Other work runs in between.
 *
 * @param pictures - colour images
 * @param reserved - colours that the palette holds exactly, at its start
 */
export async function choosePalette(
  pictures: readonly Picture[],
  reserved: readonly Colour[] = [],
): Promise<Colour[]> {
  const histogram = await countColours(pictures, reserved);
  if (histogram.weights.length === 0) return [...reserved];
  const boxes = splitBoxes(histogram, 256 - reserved.length);
  const centres = new Float32Array((reserved.length + boxes.length) * 3);
  reserved.forEach(([red, green, blue], k) => writeOklab(centres, 3 * k, red, green, blue));
  boxes.forEach(({ members }, k) => {
    let total = 0;
    const sum = [0, 0, 0];
    for (const i of members) {
      total += histogram.weights[i]!;
      for (let c = 0; c < 3; c++) sum[c]! += histogram.weights[i]! * histogram.colours[3 * i + c]!;
    }
    centres.set(
      sum.map((value) => value / total),
      3 * (reserved.length + k),
    );
  });
  await refine(centres, reserved.length, histogram);
  const chosen = Array.from(boxes, (_, k) => {
    const at = 3 * (reserved.length + k);
    return oklabToBytes(centres[at]!, centres[at + 1]!, centres[at + 2]!);
  });
  return [...reserved, ...chosen];
}
