/** A picture in memory, rows from the top, channels interleaved. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes a pixel; only the first {@link channels} of them are read (four bytes of RGBA hold three channels). */
  readonly pixelBytes: 1 | 3 | 4;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A rectangle of a picture, in pixels; its edges may lie within pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How much of the source pixels one target pixel covers, along one axis. */
interface Coverage {
  /** The first and the last source pixel that it touches. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** The share of the first and of the last; those between are covered whole. Zero for the last if it is the first. */
  readonly firstWeight: Float64Array;
  readonly lastWeight: Float64Array;
  /**
   * The same as weights of three neighbours from the first on, if no target touches more; `[size, 3]`. Most
   * pictures are made less than half as large, and a loop without branches takes half the time.
   */
  readonly threeWeights: Float64Array | undefined;
}

function coverage(from: number, to: number, limit: number, size: number): Coverage {
  const step = (to - from) / size;
  const first = new Int32Array(size);
  const last = new Int32Array(size);
  const firstWeight = new Float64Array(size);
  const lastWeight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    // Measured from the same origin each time, so that edges of neighbours are the same number.
    const start = from + i * step;
    const end = i === size - 1 ? to : from + (i + 1) * step;
    const a = Math.min(Math.floor(start), limit - 1);
    // An end on a pixel's edge does not touch the pixel that begins there.
    const b = Math.max(a, Math.min(Math.ceil(end) - 1, limit - 1));
    first[i] = a;
    last[i] = b;
    firstWeight[i] = (b === a ? end : a + 1) - start;
    lastWeight[i] = b === a ? 0 : end - b;
  }
  return {
    first,
    last,
    firstWeight,
    lastWeight,
    threeWeights: asThree(first, last, firstWeight, lastWeight),
  };
}

function asThree(
  first: Int32Array,
  last: Int32Array,
  firstWeight: Float64Array,
  lastWeight: Float64Array,
): Float64Array | undefined {
  const weights = new Float64Array(first.length * 3);
  for (let i = 0; i < first.length; i++) {
    const span = last[i]! - first[i]!;
    if (span > 2) return undefined;
    weights[i * 3] = firstWeight[i]!;
    if (span > 0) weights[i * 3 + span] = lastWeight[i]!;
    if (span === 2) weights[i * 3 + 1] = 1;
  }
  return weights;
}

/** Most data sets hold pictures of one size, so the last coverage of each axis is kept. */
const kept: Record<'rows' | 'columns', { key: string; value: Coverage } | undefined> = {
  rows: undefined,
  columns: undefined,
};

function keptCoverage(
  axis: 'rows' | 'columns',
  from: number,
  to: number,
  limit: number,
  size: number,
): Coverage {
  const key = `${from} ${to} ${limit} ${size}`;
  const last = kept[axis];
  if (last?.key === key) return last.value;
  const value = coverage(from, to, limit, size);
  kept[axis] = { key, value };
  return value;
}

let line = new Float64Array(0);

/**
 * Makes a rectangle of a picture `size`×`size` pixels: each new pixel is the mean of what it covers, source
 * pixels at the rim by the share that is covered. Plain arithmetic in doubles, so the same bytes everywhere;
 * colours are averaged as stored, as every reader of these data sets does.
 *
 * @param source - the picture
 * @param box - the part that is kept, within the picture
 * @param size - width and height of the result
 * @param into - takes `[size, size, channels]`, rounded to the nearest byte
 */
export function areaResize(source: Pixels, box: Box, size: number, into: Uint8Array): void {
  const { width, height, pixelBytes, channels, data } = source;
  const rows = keptCoverage('rows', box.top, box.bottom, height, size);
  const columns = keptCoverage('columns', box.left, box.right, width, size);
  const scale = (size * size) / ((box.bottom - box.top) * (box.right - box.left));
  const from = columns.first[0]! * pixelBytes;
  const count = (columns.last[size - 1]! + 1) * pixelBytes - from;
  // The last target's third neighbour may lie beyond; its weight is zero.
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

/** Sums the source rows under one target row, weighted, into `line`. */
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
  // Two or three rows are what most targets cover: one pass over memory instead of one a row.
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
    into[out] = sums[a]! * wa + sums[b]! * wb + sums[c]! * wc + 0.5;
    into[out + 1] = sums[a + 1]! * wa + sums[b + 1]! * wb + sums[c + 1]! * wc + 0.5;
    into[out + 2] = sums[a + 2]! * wa + sums[b + 2]! * wb + sums[c + 2]! * wc + 0.5;
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
    into[out] = red * scale + 0.5;
    into[out + 1] = green * scale + 0.5;
    into[out + 2] = blue * scale + 0.5;
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
    into[offset + x] = grey * scale + 0.5;
  }
}
