import type { DateScale } from '../../contract/label-values.ts';

/** A column's dates: their scale, and the value of each text. */
export interface ParsedDates {
  readonly date: DateScale;
  /** By text; the numbers of steps since `date.from`. */
  readonly values: ReadonlyMap<string, number>;
}

/** A text's time in milliseconds since 1970, as if it had been written in UTC. */
interface Moment {
  readonly time: number;
  readonly hasClock: boolean;
  /** The time zone as it was written; empty for none. */
  readonly zone: string;
}

/** Reads a text; undefined if it is not a date of the form. */
type DateForm = (text: string) => Moment | undefined;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Numbers of other eight digits, such as serial numbers, are no dates. */
const YEARS = { first: 1900, last: 2100 };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME = new RegExp(
  `^(${MONTHS.join('|')}|january|february|march|april|june|july|august|sept|september|october|november|december)\\.?$`,
  'i',
);
const CLOCK = String.raw`(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?`;

/** The moment of a day and a time of day; undefined if the calendar does not have it. */
function momentOf(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second, zone = '']: readonly (string | undefined)[],
): Moment | undefined {
  const hasClock = hour !== undefined;
  const [h, m, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const time = Date.UTC(year, month - 1, day, h, m, s);
  const read = new Date(time);
  const isReal =
    year >= YEARS.first &&
    year <= YEARS.last &&
    read.getUTCMonth() === month - 1 &&
    read.getUTCDate() === day;
  return isReal ? { time, hasClock, zone } : undefined;
}

/** A form in which the numbers stand for the named parts, in their order. */
function numberForm(pattern: string, order: readonly ('year' | 'month' | 'day')[]): DateForm {
  const whole = new RegExp(`^${pattern}${CLOCK}$`);
  return (text) => {
    const match = whole.exec(text);
    if (!match) return undefined;
    const part = (name: 'year' | 'month' | 'day'): number => Number(match[order.indexOf(name) + 1]);
    return momentOf([part('year'), part('month'), part('day')], match.slice(4));
  };
}

/** `1 Mar 2026`, `01-Mar-2026` and `March 1, 2026`. */
const NAMED_MONTH: DateForm = (text) => {
  const dayFirst = new RegExp(String.raw`^(\d{1,2})\.?[ -]([A-Za-z]+\.?)[ ,-]+(\d{4})${CLOCK}$`).exec(text);
  const monthFirst = new RegExp(String.raw`^([A-Za-z]+\.?) (\d{1,2}),? (\d{4})${CLOCK}$`).exec(text);
  const match = dayFirst ?? monthFirst;
  const [day, name] = dayFirst ? [match?.[1], match?.[2]] : [match?.[2], match?.[1]];
  if (!match || !name || !MONTH_NAME.test(name)) return undefined;
  const month = MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  return momentOf([Number(match[3]), month, Number(day)], match.slice(4));
};

const YEAR_FIRST = ['year', 'month', 'day'] as const;
const FORMS: readonly DateForm[] = [
  numberForm(String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`, YEAR_FIRST),
  numberForm(String.raw`(\d{4})[/.](\d{1,2})[/.](\d{1,2})`, YEAR_FIRST),
  numberForm(String.raw`(\d{1,2})\.(\d{1,2})\.(\d{4})`, ['day', 'month', 'year']),
  NAMED_MONTH,
];
/** Which of the two is meant is only certain where one number of the column is no month. */
const SLASHED: readonly DateForm[] = [
  numberForm(String.raw`(\d{1,2})[/-](\d{1,2})[/-](\d{4})`, ['day', 'month', 'year']),
  numberForm(String.raw`(\d{1,2})[/-](\d{1,2})[/-](\d{4})`, ['month', 'day', 'year']),
];
/** `20260301`, which is a date only in a column that is called so. */
const DIGITS = numberForm(String.raw`(\d{4})(\d{2})(\d{2})`, YEAR_FIRST);

/** The moments of all texts in a form; undefined if one of them does not have it. */
function readAll(form: DateForm, texts: readonly string[]): Moment[] | undefined {
  const moments: Moment[] = [];
  for (const text of texts) {
    const moment = form(text);
    if (!moment) return undefined;
    moments.push(moment);
  }
  return moments;
}

/** The distance of a written time zone from UTC, in milliseconds. */
function zoneOffset(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * MINUTE_MS;
}

/**
 * Reads a column's texts as dates: `2026-03-01`, `2026/3/1`, `1.3.2026`, `1 Mar 2026`, `March 1, 2026`, each with a
 * time or without, `20260301` in a column whose name says that it has dates, and `13/3/2026`, if some text shows
 * whether the day or the month comes first. All texts must have the same form.
 *
 * Times are kept as they were written; if the texts have different time zones, they become UTC.
 *
 * @param texts - all known texts of the column
 * @returns undefined if they are not dates
 */
export function parseDates(name: string, texts: readonly string[]): ParsedDates | undefined {
  if (texts.length === 0) return undefined;
  const slashed = SLASHED.map((form) => readAll(form, texts)).filter((moments) => moments !== undefined);
  const forms = /date|day/i.test(name) ? [...FORMS, DIGITS] : FORMS;
  let moments = slashed.length === 1 ? slashed[0] : undefined;
  for (const form of forms) moments ??= readAll(form, texts);
  if (!moments) return undefined;
  const hasZones = new Set(moments.map(({ zone }) => zone)).size > 1;
  const times = moments.map(({ time, zone }) => time - (hasZones ? zoneOffset(zone) : 0));
  const first = Math.floor(times.reduce((least, time) => Math.min(least, time)) / DAY_MS) * DAY_MS;
  const step = moments.some(({ hasClock }) => hasClock) ? 'second' : 'day';
  const stepMs = step === 'day' ? DAY_MS : 1000;
  return {
    date: { from: new Date(first).toISOString().slice(0, 10), step },
    values: new Map(texts.map((text, i) => [text, (times[i]! - first) / stepMs])),
  };
}
