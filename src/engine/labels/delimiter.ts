import Papa from 'papaparse';

/** What separates the values of a row; a space stands for any number of spaces and tabs. */
export type Delimiter = '\t' | ';' | '|' | ',' | ' ';

const CANDIDATES: readonly Exclude<Delimiter, ' '>[] = ['\t', ';', '|', ','];
/** Part of the rows that must have the same number of values. */
const MOST_ROWS = 0.9;
const LINES = 50;
/** The same for words between spaces where nothing else separates: a list may have been cut short. */
const LEAST_ROWS = 0.5;

const WORDS: Readonly<Record<Delimiter, string>> = {
  '\t': 'tabs',
  ';': 'semicolons',
  '|': 'vertical bars',
  ',': 'commas',
  ' ': 'spaces',
};

/** A delimiter in words: `semicolons`. */
export function delimiterWord(delimiter: Delimiter): string {
  return WORDS[delimiter];
}

/** A line `sep=;`, with which spreadsheets are told the delimiter. */
export function separatorLine(text: string): Delimiter | undefined {
  const match = /^"?sep=([\t;|, ])"?\s*$/i.exec(text.replace(/^\uFEFF/, ''));
  return match?.[1] as Delimiter | undefined;
}

/** The most frequent width of rows and the share of the rows that have it; the header may lack one name. */
function widths(rows: readonly number[]): { width: number; share: number } {
  const counts = new Map<number, number>();
  for (const width of rows) counts.set(width, (counts.get(width) ?? 0) + 1);
  const [width, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  const isHeaderShort = rows.length > 1 && rows[0] === width - 1;
  return { width, share: (count + (isHeaderShort ? 1 : 0)) / Math.max(1, rows.length) };
}

/**
 * Finds what separates the values of a table: the candidate that gives most rows the same number of values, and of several
 * the one that gives most values. Words between spaces only count where nothing else separates.
 *
 * @param head - the first complete lines, without a `sep=` line
 */
export function findDelimiter(head: string): Delimiter {
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  if (lines.length > 1 && /^\s*\d+\s*$/.test(lines[0]!)) lines.shift();
  const shown = lines.slice(0, LINES);
  let best: { delimiter: Delimiter; width: number; share: number } | undefined;
  for (const delimiter of CANDIDATES) {
    const { data } = Papa.parse<string[]>(shown.join('\n'), { delimiter });
    const { width, share } = widths(data.map((row) => row.length));
    if (width < 2) continue;
    if (!best || share > best.share || (share === best.share && width > best.width)) {
      best = { delimiter, width, share };
    }
  }
  if (best && best.share >= MOST_ROWS) return best.delimiter;
  const words = widths(shown.map((line) => line.trim().split(/\s+/).length));
  if (words.width >= 2 && words.share >= (best ? Math.max(MOST_ROWS, best.share) : LEAST_ROWS)) return ' ';
  // A list of names with only one value has no delimiter.
  return best?.delimiter ?? ',';
}
