import { shownText } from '../contract/shown-text.ts';

/** A whole number with separators for the thousands: `202,599`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A number and its noun, in the plural where there is not exactly one: `1 image`, `8,000 images`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${whole(count)} ${count === 1 ? noun : plural}`;
}

/**
 * A measured number with about four digits, separators included: `1,023`, `645.2`, `20.13`, `0.004`.
 *
 * @returns `–` for what could not be measured
 */
export function measured(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const decimals = Math.min(3, Math.max(0, 3 - Math.floor(Math.log10(Math.max(1, Math.abs(value))))));
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString('en-US', options).replace(/^-/, '−');
}

/** A time in two units at most: `0.4 s`, `14 s`, `2 min 5 s`, `1 h 12 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  const units = [
    ['d', Math.floor(total / 86_400)],
    ['h', Math.floor(total / 3600) % 24],
    ['min', Math.floor(total / 60) % 60],
    ['s', total % 60],
  ] as const;
  const first = units.findIndex(([, value]) => value > 0);
  const parts = units.slice(first, first + 2).filter(([, value]) => value > 0);
  return parts.map(([unit, value]) => `${value} ${unit}`).join(' ');
}

/** A size in the unit that leaves one to three digits before the point: `812 B`, `98.3 MB`. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const value = size / 1000 ** unit;
  return `${unit === 0 || value >= 100 ? whole(value) : value.toFixed(1)} ${units[unit]!}`;
}

/** A date and time in the local time zone: `2025-11-23 14:59`. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A column of a {@link table}. */
export interface TableColumn {
  readonly head: string;
  /** `right` for numbers, `left` for words. */
  readonly align?: 'left' | 'right';
}

/** Pads a text with spaces to a width. */
export function pad(text: string, width: number, align: TableColumn['align'] = 'left'): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}

/**
 * Formats rows below a head, with aligned columns two spaces apart.
 *
 * @param rows - each has as many cells as `columns`
 * @returns lines without line breaks, the head first
 */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ head }) => head), ...rows.map((row) => row.map(shownText))];
  const widths = columns.map((_, c) => Math.max(...all.map((row) => row[c]!.length)));
  return all.map((row) =>
    row
      .map((text, c) => pad(text, widths[c]!, columns[c]!.align))
      .join('  ')
      .trimEnd(),
  );
}

/** Formats names and aligned values, as `show` commands print them. Undefined values are left out. */
export function listing(entries: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const known = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Words in a sentence: `a`, `a or b`, `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`;
}
