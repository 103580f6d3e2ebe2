import type { Column } from '../../contract/dataset.ts';
import { dateText, valueText, withUnit, wordsOf, type LabelKind } from '../../contract/label-values.ts';
import { signed } from '../components/format.ts';
import { CIVIDIS, type Palette, type ThemeName } from '../theme/tokens.ts';

/** The colour of a group: a category's, the one of what is left over, none, or a place on the scale. */
type Tone =
  | { readonly kind: 'category'; readonly index: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'plain' }
  | { readonly kind: 'scale'; readonly at: number };

/** Points that share a row of the legend. */
export interface PointGroup {
  readonly label: string;
  readonly count: number;
  readonly tone: Tone;
}

/** How points are told apart. */
export interface Grouping {
  /** In the legend's order. */
  readonly groups: readonly PointGroup[];
  /** Each point's group, `[points]`. */
  readonly groupOf: Uint8Array;
  /** Where continuous values have a colour each: 0 to 1, `[points]`, NaN where it is not known. */
  readonly scale?: Float32Array;
}

/** What colours depend on besides the points. */
export interface Look {
  readonly palette: Palette;
  readonly theme: ThemeName;
}

/** So many categories have a colour of their own. */
const MOST_CATEGORIES = 6;
const BANDS = 5;
/** The part of the values beyond either end of the scale, where some lie far out. */
const TAIL = 0.02;
const TAIL_SAMPLE = 10_000;
const OUTLYING = 1.3;
/** Of Cividis, what stands out against either ground. */
const SCALE_RANGE: Readonly<Record<ThemeName, readonly [number, number]>> = {
  dark: [0.3, 1],
  light: [0, 0.75],
};
const SHADES = 256;

/** One group of all points. */
export function ungrouped(points: number): Grouping {
  return {
    groups: [{ label: 'All images', count: points, tone: { kind: 'plain' } }],
    groupOf: new Uint8Array(points),
  };
}

/** Trained on, or held out. */
export function groupBySplit(split: Uint8Array): Grouping {
  return groupByClass(Float32Array.from(split), ['Train', 'Held out']);
}

/** By a label or factor; values that are not known are a group at the end. */
export function groupByColumn(column: Column, values: Float32Array): Grouping {
  if (column.type !== 'continuous') return groupByClass(values, wordsOf(column));
  const few = fewValues(values);
  return few ? groupByValue(values, few, column) : groupByScale(values, column);
}

/** The values of a column that has few, ascending; undefined if it has more than there are rows in a legend. */
function fewValues(values: Float32Array): Float32Array | undefined {
  const distinct = new Set<number>();
  let known = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    known += 1;
    distinct.add(value);
    if (distinct.size > MOST_CATEGORIES) return undefined;
  }
  return distinct.size > 1 && distinct.size * 2 <= known ? Float32Array.from(distinct).sort() : undefined;
}

/** By a date or number that has few values: a group each, with the colours of a scale in equal steps. */
function groupByValue(values: Float32Array, distinct: Float32Array, kind: LabelKind): Grouping {
  const placeOf = new Map(Array.from(distinct, (value, place) => [value, place]));
  const counts = new Array<number>(distinct.length).fill(0);
  const groupOf = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const place = placeOf.get(values[i]!);
    if (place !== undefined) counts[place]! += 1;
    groupOf[i] = place ?? distinct.length;
  }
  const at = (place: number): number => place / (distinct.length - 1);
  const groups: PointGroup[] = counts.map((count, place) => ({
    label: valueText(kind, distinct[place]!),
    count,
    tone: { kind: 'scale', at: at(place) },
  }));
  const unknown = values.length - counts.reduce((sum, count) => sum + count, 0);
  if (unknown > 0) groups.push({ label: 'Unknown', count: unknown, tone: { kind: 'rest' } });
  const scale = values.map((value) => {
    const place = placeOf.get(value);
    return place === undefined ? Number.NaN : at(place);
  });
  return { groups, groupOf, scale };
}

/**
 * The six most frequent classes, in their own order; the others together.
 *
 * @param values - each point's class, an index of `names`
 */
export function groupByClass(values: Float32Array, names: readonly string[]): Grouping {
  const counts = new Array<number>(names.length).fill(0);
  const isClass = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < names.length;
  let unknown = 0;
  for (const value of values) {
    if (isClass(value)) counts[value]! += 1;
    else unknown += 1;
  }
  const present = names.map((_, i) => i).filter((i) => counts[i]! > 0);
  const own = new Set(present.toSorted((a, b) => counts[b]! - counts[a]!).slice(0, MOST_CATEGORIES));
  const groups: PointGroup[] = [];
  const groupOfClass = new Array<number | undefined>(names.length);
  let others = 0;
  for (const i of present) {
    if (!own.has(i)) {
      others += counts[i]!;
      continue;
    }
    groupOfClass[i] = groups.length;
    const tone: Tone = { kind: 'category', index: groups.length };
    groups.push({ label: names[i]!, count: counts[i]!, tone });
  }
  const other = groups.length;
  if (others > 0) groups.push({ label: 'Other', count: others, tone: { kind: 'rest' } });
  const last = groups.length;
  if (unknown > 0) groups.push({ label: 'Unknown', count: unknown, tone: { kind: 'rest' } });
  const groupOf = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    groupOf[i] = isClass(value) ? (groupOfClass[value] ?? other) : last;
  }
  return { groups, groupOf };
}

/**
 * By a continuous value: a colour each, and bands of equal width for the legend.
 *
 * @param kind - the column, for its unit or its dates; left out for a latent dimension
 */
export function groupByScale(values: Float32Array, kind?: LabelKind): Grouping {
  const { lowest, highest, low, high, unknown } = rangeOf(values);
  // A few values that lie far out would leave the others one colour.
  const isOpen = highest - lowest > OUTLYING * (high - low);
  const [from, to] = isOpen ? [low, high] : [lowest, highest];
  const width = to > from ? to - from : 1;
  const scale = values.map((value) => Math.min(1, Math.max(0, (value - from) / width)));
  const bandOf = (part: number): number => Math.min(BANDS - 1, Math.floor(part * BANDS));
  const counts = new Array<number>(BANDS).fill(0);
  for (const part of scale) if (!Number.isNaN(part)) counts[bandOf(part)]! += 1;
  const edges = Array.from({ length: BANDS + 1 }, (_, band) => from + (width * band) / BANDS);
  const write = writerOfBands(edges, kind);
  const nameOf = (band: number): string => {
    if (isOpen && band === 0) return write.below(edges[1]!);
    if (isOpen && band === BANDS - 1) return write.from(edges[band]!);
    return write.between(edges[band]!, edges[band + 1]!, band === BANDS - 1);
  };
  const groups: PointGroup[] = counts.map((count, band) => ({
    label: nameOf(band),
    count,
    tone: { kind: 'scale', at: (band + 0.5) / BANDS },
  }));
  if (unknown > 0) groups.push({ label: 'Unknown', count: unknown, tone: { kind: 'rest' } });
  const groupOf = new Uint8Array(values.length);
  for (let i = 0; i < scale.length; i++) {
    const part = scale[i]!;
    groupOf[i] = Number.isNaN(part) ? BANDS : bandOf(part);
  }
  return { groups, groupOf, scale };
}

/** How the bands of a legend are written. */
interface BandWriter {
  below(edge: number): string;
  from(edge: number): string;
  /** @param isLast - whether the upper edge belongs to the band */
  between(low: number, high: number, isLast: boolean): string;
}

function writerOfBands(edges: readonly number[], kind: LabelKind | undefined): BandWriter {
  const { date, unit } = kind ?? {};
  if (date?.step === 'day') return daysOfBands((day) => dateText(date, day));
  const digits = digitsFor(edges);
  const edge = date
    ? (value: number): string => dateText(date, Math.round(value / 60) * 60)
    : (value: number): string => signed(value, digits);
  return {
    below: (value) => `below ${withUnit(edge(value), unit)}`,
    from: (value) => `${withUnit(edge(value), unit)} and more`,
    between: (low, high) => `${edge(low)} to ${withUnit(edge(high), unit)}`,
  };
}

/** A band of days is written by its first and its last whole day. */
function daysOfBands(dayOf: (day: number) => string): BandWriter {
  return {
    below: (edge) => `before ${dayOf(Math.ceil(edge))}`,
    from: (edge) => `from ${dayOf(Math.ceil(edge))}`,
    between: (low, high, isLast) => {
      const first = Math.ceil(low);
      const last = isLast ? Math.floor(high) : Math.ceil(high) - 1;
      return last <= first ? dayOf(first) : `${dayOf(first)} to ${dayOf(last)}`;
    },
  };
}

/** As few digits as tell edges of bands about where they are. */
function digitsFor(edges: readonly number[]): number {
  const band = edges[1]! - edges[0]!;
  const isNear = (digits: number): boolean =>
    edges.every((edge) => Math.abs(edge - Number(edge.toFixed(digits))) <= 0.05 * band);
  return [0, 1, 2].find(isNear) ?? Math.min(6, Math.max(2, Math.ceil(-Math.log10(band)) + 1));
}

/** Between what the values lie, and between what most of them do; all 0 where none is known. */
function rangeOf(values: Float32Array) {
  let lowest = Infinity;
  let highest = -Infinity;
  let unknown = 0;
  for (const value of values) {
    if (Number.isNaN(value)) unknown += 1;
    else if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  if (unknown === values.length) lowest = highest = 0;
  // Sorting all would hold the window up; where the tails begin a sample tells well enough.
  const stride = Math.max(1, Math.floor(values.length / TAIL_SAMPLE));
  const sample = values.filter((value, i) => i % stride === 0 && !Number.isNaN(value)).sort();
  const at = (part: number): number => sample[Math.round((sample.length - 1) * part)] ?? lowest;
  return { lowest, highest, low: at(TAIL), high: at(1 - TAIL), unknown };
}

/** A group's colour, as CSS writes it. */
export function toneColour(tone: Tone, { palette, theme }: Look): string {
  switch (tone.kind) {
    case 'category':
      return palette.categories[tone.index] ?? palette.ctl;
    case 'rest':
      return palette.ctl;
    case 'plain':
      return palette.ink3;
    case 'scale': {
      const [red, green, blue] = scaleShade(tone.at, theme);
      return `rgb(${red}, ${green}, ${blue})`;
    }
  }
}

/**
 * The points' colours.
 *
 * @param hidden - by group: whether it is filtered out
 * @returns `[points, 4]`, red, green, blue, and 0 for a hidden point
 */
export function paintPoints(
  { groups, groupOf, scale }: Grouping,
  hidden: readonly boolean[],
  look: Look,
): Uint8Array {
  const flat = groups.map(({ tone }) => rgbOf(toneColour(tone, look)));
  const shades = scale ? allShades(look.theme) : undefined;
  const colours = new Uint8Array(groupOf.length * 4);
  for (let i = 0; i < groupOf.length; i++) {
    const group = groupOf[i]!;
    const part = scale?.[i] ?? Number.NaN;
    const colour = shades && part >= 0 ? shades[Math.round(part * (SHADES - 1))]! : flat[group]!;
    colours[i * 4] = colour[0];
    colours[i * 4 + 1] = colour[1];
    colours[i * 4 + 2] = colour[2];
    colours[i * 4 + 3] = hidden[group] ? 0 : 255;
  }
  return colours;
}

type Rgb = readonly [number, number, number];

function allShades(theme: ThemeName): Rgb[] {
  return Array.from({ length: SHADES }, (_, i) => scaleShade(i / (SHADES - 1), theme));
}

/** Cividis at a part of the range that a theme uses of it. */
function scaleShade(part: number, theme: ThemeName): Rgb {
  const [from, to] = SCALE_RANGE[theme];
  const at = (from + part * (to - from)) * (CIVIDIS.length - 1);
  const below = Math.min(CIVIDIS.length - 2, Math.floor(at));
  const a = rgbOf(CIVIDIS[below]!);
  const b = rgbOf(CIVIDIS[below + 1]!);
  const mix = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * (at - below));
  return [mix(0), mix(1), mix(2)];
}

/** Of `#RRGGBB` or `rgb(r, g, b)`. */
function rgbOf(colour: string): Rgb {
  if (colour.startsWith('#')) {
    const value = Number.parseInt(colour.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0] = colour.match(/\d+/g)?.map(Number) ?? [];
  return [red, green, blue];
}
