import { coverageOf, type Coverage } from './area-coverage.ts';
import { isSmall, resizeSmall } from './area-kernel.ts';
import type { Box, Pixels } from './pixels.ts';

/**
 * Added before truncation, to round to the nearest byte. It is slightly more than a half: a mean exactly between
 * two bytes must be rounded up whatever the rounding errors of its sum, which are far smaller than the difference.
 */
const HALF = 0.5 + 2 ** -30;

let line = new Float64Array(0);

/**
 * Resizes a rectangle of a picture to `size`×`size` pixels: each target pixel is the mean of the source pixels that
 * it covers, weighted by the covered part. It uses basic arithmetic in doubles, or exact integers for small
 * pictures, so that the bytes are the same on every platform. Colours are averaged as stored (in sRGB), as other
 * readers of these data sets do.
 *
 * @param source - the picture
 * @param box - the part to resize, inside the picture
 * @param size - width and height of the result
 * @param into - receives `[size, size, channels]`, rounded to the nearest byte, halves up
 */
export function areaResize(source: Pixels, box: Box, size: number, into: Uint8Array): void {
  const { width, height, pixelBytes, channels, data } = source;
  const rows = coverageOf('rows', box.top, box.bottom, height, size);
  const columns = coverageOf('columns', box.left, box.right, width, size);
  if (isSmall(source, box, size) && resizeSmall(source, box, rows, columns, into)) return;
  const scale = (size * size) / ((box.bottom - box.top) * (box.right - box.left));
  const from = columns.first[0]! * pixelBytes;
  const count = (columns.last[size - 1]! + 1) * pixelBytes - from;
  // The third neighbour of the last target may be beyond the end; its weight is zero.
  if (line.length < count + 2 * pixelBytes) line = new Float64Array(count + 2 * pixelBytes);

  for (let y = 0; y < size; y++) {
    sumRows(data, width * pixelBytes, from, count, rows, y);
    if (channels === 3 && columns.threeWeights) {
      writeColoursOfThree(
        columns.first,
        columns.threeWeights,
        size,
        pixelBytes,
        from,
        scale,
        into,
        y * size * 3,
      );
    } else if (channels === 3) writeColours(columns, size, pixelBytes, from, scale, into, y * size * 3);
    else writeGreys(columns, size, pixelBytes, from, scale, into, y * size);
  }
}

/** Writes the weighted sum of the source rows that one target row covers into `line`. */
function sumRows(
  data: Uint8Array | Uint8ClampedArray,
  rowBytes: number,
  from: number,
  count: number,
  rows: Coverage,
  y: number,
): void {
  const sums = line;
  const first = rows.first[y]!;
  const last = rows.last[y]!;
  const firstWeight = rows.firstWeight[y]!;
  const lastWeight = rows.lastWeight[y]!;
  const at = first * rowBytes + from;
  const end = last * rowBytes + from;
  // Most targets cover two or three rows, which take one pass over memory instead of one per row.
  if (last === first + 2) {
    const middle = at + rowBytes;
    for (let i = 0; i < count; i++) {
      sums[i] = data[at + i]! * firstWeight + data[middle + i]! + data[end + i]! * lastWeight;
    }
    return;
  }
  for (let i = 0; i < count; i++) sums[i] = data[at + i]! * firstWeight + data[end + i]! * lastWeight;
  for (let row = at + rowBytes; row < end; row += rowBytes) {
    for (let i = 0; i < count; i++) sums[i] = sums[i]! + data[row + i]!;
  }
}

function writeColoursOfThree(
  first: Int32Array,
  weights: Float64Array,
  size: number,
  pixelBytes: number,
  from: number,
  scale: number,
  into: Uint8Array,
  offset: number,
): void {
  const sums = line;
  let out = offset;
  for (let x = 0; x < size; x++) {
    const a = first[x]! * pixelBytes - from;
    const b = a + pixelBytes;
    const c = b + pixelBytes;
    const wa = weights[x * 3]! * scale;
    const wb = weights[x * 3 + 1]! * scale;
    const wc = weights[x * 3 + 2]! * scale;
    into[out] = sums[a]! * wa + sums[b]! * wb + sums[c]! * wc + HALF;
    into[out + 1] = sums[a + 1]! * wa + sums[b + 1]! * wb + sums[c + 1]! * wc + HALF;
    into[out + 2] = sums[a + 2]! * wa + sums[b + 2]! * wb + sums[c + 2]! * wc + HALF;
    out += 3;
  }
}

function writeColours(
  columns: Coverage,
  size: number,
  pixelBytes: number,
  from: number,
  scale: number,
  into: Uint8Array,
  offset: number,
): void {
  const sums = line;
  let out = offset;
  for (let x = 0; x < size; x++) {
    let at = columns.first[x]! * pixelBytes - from;
    const end = columns.last[x]! * pixelBytes - from;
    const firstWeight = columns.firstWeight[x]!;
    const lastWeight = columns.lastWeight[x]!;
    let red = sums[at]! * firstWeight + sums[end]! * lastWeight;
    let green = sums[at + 1]! * firstWeight + sums[end + 1]! * lastWeight;
    let blue = sums[at + 2]! * firstWeight + sums[end + 2]! * lastWeight;
    for (at += pixelBytes; at < end; at += pixelBytes) {
      red += sums[at]!;
      green += sums[at + 1]!;
      blue += sums[at + 2]!;
    }
    into[out] = red * scale + HALF;
    into[out + 1] = green * scale + HALF;
    into[out + 2] = blue * scale + HALF;
    out += 3;
  }
}

function writeGreys(
  columns: Coverage,
  size: number,
  pixelBytes: number,
  from: number,
  scale: number,
  into: Uint8Array,
  offset: number,
): void {
  const sums = line;
  for (let x = 0; x < size; x++) {
    let at = columns.first[x]! * pixelBytes - from;
    const end = columns.last[x]! * pixelBytes - from;
    let grey = sums[at]! * columns.firstWeight[x]! + sums[end]! * columns.lastWeight[x]!;
    for (at += pixelBytes; at < end; at += pixelBytes) grey += sums[at]!;
    into[offset + x] = grey * scale + HALF;
  }
}
