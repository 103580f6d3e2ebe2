/**
 * Matches text that a spreadsheet treats as a formula because of its first character after white space (OWASP,
 * "CSV Injection").
 */
const FORMULA = /^'*\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const ESCAPED_FORMULA = /^'(?='*\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20])/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Includes semicolon and tab, which spreadsheets in some locales use as the separator. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** A value that can be written into a cell. */
export type CsvValue = string | number | null | undefined;

/** Options for writing text. */
export interface CsvOptions {
  /** True to write texts that a spreadsheet would run as formulas without an apostrophe. */
  readonly isRaw?: boolean;
}

/**
 * Formats a cell of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before it,
 * which {@link textOfCsv} removes again. A text that is a number is written unchanged.
 */
export function csvField(value: CsvValue, { isRaw = false }: CsvOptions = {}): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = !isRaw && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Removes the apostrophe that {@link csvField}, or a person in a spreadsheet, put before a text. */
export function textOfCsv(text: string): string {
  return text.replace(ESCAPED_FORMULA, '');
}
