import * as v from 'valibot';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
/** Whole numbers up to here are exact in float32. */
const MOST_EXACT = 2 ** 24;

/**
 * The dates of a column. Its values are the numbers of days or seconds since `from`, because a float32 cannot hold
 * a second of this century exactly, but can hold the seconds of half a year. Time zones are not stored: dates and
 * times are shown as they were written.
 */
export const DateScaleSchema = v.object({
  /** The column's first day, such as `2026-03-01`. */
  from: v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a date such as 2026-03-01'),
    v.check((text) => !Number.isNaN(Date.parse(`${text}T00:00:00Z`)), 'is not a day of the calendar'),
  ),
  step: v.picklist(['day', 'second']),
});
export type DateScale = v.InferOutput<typeof DateScaleSchema>;

/** What must be known of a column to write its values as people read them. */
export interface LabelKind {
  readonly type: 'binary' | 'categorical' | 'continuous';
  /** The words of a categorical column, and of a binary one that does not mean yes and no. */
  readonly categories?: readonly string[] | undefined;
  readonly unit?: string | undefined;
  readonly date?: DateScale | undefined;
}

/** True for a binary column that says yes or no; a binary column with two words has `categories`. */
export function isYesNo({ type, categories }: LabelKind): boolean {
  return type === 'binary' && categories === undefined;
}

/** The words of a binary or categorical column, by its values. */
export function wordsOf({ type, categories }: LabelKind): readonly string[] {
  if (categories) return categories;
  return type === 'binary' ? ['No', 'Yes'] : [];
}

/** The time of a value in milliseconds since 1970, as if it had been written in UTC. */
function timeOf({ from, step }: DateScale, value: number): number {
  return Date.parse(`${from}T00:00:00Z`) + value * (step === 'day' ? DAY_MS : SECOND_MS);
}

/** A value of one column of dates as the value of another for the same time. */
export function rescaleDate(value: number, from: DateScale, to: DateScale): number {
  const perDay = { day: 1, second: DAY_MS / SECOND_MS };
  const days = (Date.parse(from.from) - Date.parse(to.from)) / DAY_MS;
  return (value * perDay[to.step]) / perDay[from.step] + days * perDay[to.step];
}

/** A value of a column of dates: `2026-03-01`, or `2026-03-01 14:30` if the column has times. */
export function dateText(scale: DateScale, value: number): string {
  const unit = scale.step === 'day' ? DAY_MS : Math.abs(value) < MOST_EXACT ? SECOND_MS : 60 * SECOND_MS;
  const time = new Date(Math.round(timeOf(scale, value) / unit) * unit);
  if (Number.isNaN(time.getTime())) return 'not a date';
  const text = time.toISOString();
  const day = text.slice(0, text.indexOf('T'));
  if (scale.step === 'day') return day;
  const clock = text.slice(text.indexOf('T') + 1, text.indexOf('.'));
  return `${day} ${clock.endsWith(':00') ? clock.slice(0, -3) : clock}`;
}

/** A number with at most two decimals, or with two digits where it is smaller; with a minus as wide as a plus. */
function numberText(value: number): string {
  const isSmall = value !== 0 && Math.abs(value) < 0.1;
  return String(Number(isSmall ? value.toPrecision(2) : value.toFixed(2))).replace(/^-/, '−');
}

/** A number with its unit: `12 µM`; a percent sign and a degree stand beside the number. */
export function withUnit(text: string, unit: string | undefined): string {
  if (unit === undefined) return text;
  return /^[%°]$/.test(unit) ? `${text}${unit}` : `${text} ${unit}`;
}

/** A value as people read it: `drug A`, `Yes`, `2026-03-01`, `12 µM` or `−0.11`. */
export function valueText(kind: LabelKind, value: number): string {
  if (Number.isNaN(value)) return 'not known';
  if (kind.type !== 'continuous') return wordsOf(kind)[value] ?? numberText(value);
  return kind.date ? dateText(kind.date, value) : withUnit(numberText(value), kind.unit);
}
