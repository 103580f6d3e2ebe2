import { isInfinite, isSheetError } from '../data/columns.ts';
import type { CsvColumn } from '../files/csv.ts';

const DECIMAL_COMMA = /^([+−-]?(?:\d+|\d{1,3}(?:\.\d{3})+)),(\d+)((?:e[+-]?\d+)?(?:\s*[\p{L}°%‰µΩ].*)?)$/iu;
const THOUSANDS = /^[+−-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?:\s*[\p{L}°%‰µΩ].*)?$/u;
/** A number without a comma, beside which numbers with one may stand. */
const PLAIN =
  /^(?:[+−-]?\d+(?:e[+-]?\d+)?(?:\s*[\p{L}°%‰µΩ][^,]*)?|[+-]?inf(?:inity)?|nan|n\/?a|null|none|-|\?|)$/iu;

/** A column with its numbers as programs write them, and what was recognised. */
export interface PlainNumbers {
  readonly column: CsvColumn;
  readonly form?: 'decimal comma' | 'thousands';
}

/**
 * Rewrites numbers with a decimal comma (`0,5`, `1.234,5`) or with commas between thousands (`12,345`) in the form `0.5`.
 * Columns with other texts are left unchanged.
 *
 * @param delimiter - what separates the table's values: where it is a comma, `1,234` is a thousand, otherwise a decimal
 */
export function plainNumbers(column: CsvColumn, delimiter: string | undefined): PlainNumbers {
  const { texts } = column;
  const withComma = texts.filter((text) => text.includes(','));
  if (withComma.length === 0) return { column };
  const rest = texts.filter((text) => !text.includes(',') && !isSheetError(text));
  const areThousands =
    delimiter === ',' &&
    withComma.every((text) => THOUSANDS.test(text)) &&
    rest.every((text) => PLAIN.test(text) || /^[+-]?\d+\.\d+$/.test(text));
  if (areThousands) {
    return {
      column: { ...column, texts: texts.map((text) => text.replaceAll(/,(?=\d{3})/g, '')) },
      form: 'thousands',
    };
  }
  if (!withComma.every((text) => DECIMAL_COMMA.test(text)) || !rest.every((text) => PLAIN.test(text))) {
    return { column };
  }
  const plain = texts.map((text) =>
    text.replace(
      DECIMAL_COMMA,
      (_, whole: string, part: string, end: string) => `${whole.replaceAll('.', '')}.${part}${end}`,
    ),
  );
  return { column: { ...column, texts: plain }, form: 'decimal comma' };
}

/** True for a column in which infinity stands. */
export function hasInfinity({ texts }: CsvColumn): boolean {
  return texts.some(isInfinite);
}

/** The values of failed formulas in a column, such as `#DIV/0!`. */
export function sheetErrors({ texts }: CsvColumn): string[] {
  return texts.filter(isSheetError);
}
