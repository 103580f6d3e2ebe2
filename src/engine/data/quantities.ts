/** A column's numbers, which were all written with the same unit. */
export interface Quantities {
  readonly unit: string;
  /** By text. */
  readonly values: ReadonlyMap<string, number>;
}

const QUANTITY =
  /^([+−-]?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)\s*([\p{L}°%‰µΩ][^\s\d,;]{0,10}\d?)$/iu;
const ZERO = /^[+-]?0+(?:\.0*)?$/;

/**
 * Reads a column's texts as numbers with one unit: `12 µM`, `0.5µM`. A zero may stand without it. Texts that begin
 * with more zeros than a number does, such as `007b`, are names.
 *
 * @param texts - all known texts of the column
 * @returns undefined if they are not numbers, or have different units
 */
export function parseQuantities(texts: readonly string[]): Quantities | undefined {
  let unit: string | undefined;
  const values = new Map<string, number>();
  for (const text of texts) {
    if (ZERO.test(text)) {
      values.set(text, 0);
      continue;
    }
    const match = QUANTITY.exec(text);
    const own = match?.[2];
    if (!match || own === undefined) return undefined;
    unit ??= own;
    // The micro sign and the Greek letter look the same.
    if (own.normalize('NFKC') !== unit.normalize('NFKC')) return undefined;
    values.set(text, Number(match[1]!.replace('−', '-')));
  }
  return unit === undefined ? undefined : { unit, values };
}
