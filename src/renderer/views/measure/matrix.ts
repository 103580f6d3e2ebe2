import type { DimensionName, MetricMatrix } from '../../../contract/metrics.ts';
import { scaleColour } from '../../theme/scale.ts';
import type { Palette } from '../../theme/tokens.ts';

/** A row of the heat map: a dimension and what it has with each label or factor. */
export interface MatrixRow {
  readonly dimension: number;
  /** The label or factor that it carries best, where it carries one. */
  readonly name: string | null;
  readonly values: readonly number[];
}

/** A metric's matrix as it is shown: rows in order, in the unit that people read. */
export interface ShownMatrix {
  readonly title: string;
  /** What a row's number follows: `z`, or `a` for independent axes. */
  readonly symbol: 'z' | 'a';
  readonly unit: 'bits' | 'share' | 'votes' | 'weight';
  readonly columns: readonly string[];
  readonly rows: readonly MatrixRow[];
  /** Where the scale ends; a round number. */
  readonly most: number;
  /** Whether there are values below nothing, so that the scale goes both ways. */
  readonly isSigned: boolean;
}

/** The next round number: 1, 2, 2.5 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((each) => value <= each * power * (1 + 1e-9)) ?? 10;
  // Powers of ten below one are no exact numbers.
  return Number((step * power).toPrecision(3));
}

/**
 * A matrix to look at: dimensions that are named come first, the one that tells most at the top; information is in bits,
 * as the names of the dimensions are.
 *
 * @param names - in the order of the matrix's rows
 */
export function showMatrix(
  matrix: MetricMatrix,
  names: readonly DimensionName[],
  symbol: 'z' | 'a' = 'z',
): ShownMatrix {
  const { columns, values } = matrix;
  const factor = matrix.unit === 'nats' ? 1 / Math.LN2 : 1;
  const rows = matrix.rows.map((_row, dimension) => ({
    dimension,
    name: names[dimension]?.column ?? null,
    bits: names[dimension]?.bits ?? 0,
    values: values
      .slice(dimension * columns.length, (dimension + 1) * columns.length)
      .map((value) => value * factor),
  }));
  const largest = (row: { readonly values: readonly number[] }): number =>
    Math.max(0, ...row.values.map(Math.abs));
  rows.sort((a, b) => b.bits - a.bits || largest(b) - largest(a) || a.dimension - b.dimension);
  return {
    title: matrix.title,
    symbol,
    unit: matrix.unit === 'nats' ? 'bits' : matrix.unit,
    columns,
    rows,
    most: roundUp(Math.max(0, ...rows.map(largest))),
    isSigned: values.some((value) => value < 0),
  };
}

/** A value in its cell; what is as good as nothing is left empty. */
export function cellText(value: number, { unit, most }: Pick<ShownMatrix, 'unit' | 'most'>): string {
  if (unit === 'votes') return value === 0 ? '' : String(Math.round(value));
  const digits = most >= 20 ? 0 : most >= 5 ? 1 : 2;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return '';
  return value < 0 ? `−${text}` : text;
}

/** A value in words: `1.99 bits`, `83 votes`. */
export function valueWords(value: number, matrix: Pick<ShownMatrix, 'unit' | 'most'>): string {
  const text = cellText(value, matrix) || '0';
  return matrix.unit === 'bits' || matrix.unit === 'votes' ? `${text} ${matrix.unit}` : text;
}

/** A cell's colours: its own, and that of what is written on it. */
export interface CellColour {
  readonly ground: string;
  readonly ink: string;
}

/** Relative luminance, as contrast is reckoned with (WCAG 2). */
function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

const DARK_INK = '#000000';
const LIGHT_INK = '#FFFFFF';

/** The colour of a value: square roots are shown, so that small values can be told apart. */
export function cellColour(
  value: number,
  { most, isSigned }: Pick<ShownMatrix, 'most' | 'isSigned'>,
  { tide, seam }: Pick<Palette, 'tide' | 'seam'>,
): CellColour {
  const part = Math.sqrt(Math.min(1, Math.abs(value) / most));
  const rgb = isSigned ? scaleColour(seam, 0.5 + (Math.sign(value) * part) / 2) : scaleColour(tide, part);
  const light = luminance(rgb);
  // Whichever of the two has more contrast.
  const ink = (light + 0.05) ** 2 > 0.05 * 1.05 ? DARK_INK : LIGHT_INK;
  return { ground: `rgb(${rgb.join(', ')})`, ink };
}
