/** What a spreadsheet takes for a formula by its first letter (OWASP, "CSV Injection"), after any white space. */
const FORMULA = /^'*\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const ESCAPED_FORMULA = /^'(?='*\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20])/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Also the separators of other countries' spreadsheets, which would cut a text that is not quoted. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** What is written into a cell. */
export type CsvValue = string | number | null | undefined;

/** How texts are written. */
export interface CsvOptions {
  /** Leaves texts as they are that a spreadsheet would run as formulas. */
  readonly isRaw?: boolean;
}

/**
 * A cell of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before it, which
 * {@link textOfCsv} takes off again; numbers stay numbers, also where they are texts.
 */
export function csvField(value: CsvValue, { isRaw = false }: CsvOptions = {}): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = !isRaw && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text as it was before {@link csvField}, or a person in a spreadsheet, put an apostrophe before it. */
export function textOfCsv(text: string): string {
  return text.replace(ESCAPED_FORMULA, '');
}
