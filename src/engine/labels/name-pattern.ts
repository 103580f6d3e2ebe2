import { UnravelError } from '../../contract/errors.ts';
import type { OfferedPattern } from '../../contract/label-choice.ts';
import { typeColumn, type ColumnValues } from '../data/columns.ts';
import { ColumnBuilder } from '../files/csv.ts';
import { hasPictureExtension } from './image-index.ts';

/** Part of the names that must fit a pattern for it to be offered. */
const MOST_NAMES = 0.9;
/** Number of names from which a pattern is found. */
const SAMPLE = 2000;
const EXAMPLES = 10;
/** Words that are labels repeat: a part of the names with more distinct words than this is none. */
const MOST_WORDS = 100;

/** A pattern of file names with a label in each named place. */
export interface NamePattern {
  readonly text: string;
  readonly columns: readonly string[];
  /** The values of a name's places; undefined if it does not fit. */
  match(name: string): readonly string[] | undefined;
}

/** The last part of a path without the endings of pictures, of which UTKFace's files have two: `.jpg.chip.jpg`. */
function stem(name: string): string {
  let base = name.slice(name.lastIndexOf('/') + 1);
  while (hasPictureExtension(base)) base = base.slice(0, base.lastIndexOf('.')).replace(/\.chip$/, '');
  return base;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Reads a pattern such as `{age}_{gender}_{race}_{*}`: each named place becomes a column, `{*}` stands for anything. It
 * describes the file name without its folders and its ending.
 *
 * @throws UnravelError `bad-input`
 */
export function parseNamePattern(text: string): NamePattern {
  const wrong = (what: string): UnravelError =>
    new UnravelError('bad-input', `“${text}” is not a pattern of file names: ${what}.`, {
      hint: 'Write a name in braces for each value and {*} for the rest, such as {age}_{gender}_{*}.',
    });
  const columns: string[] = [];
  let source = '';
  let at = 0;
  let isAfterPlace = false;
  const pattern = hasPictureExtension(text) ? text.replace(/\.[^.]+$/, '') : text;
  for (const match of pattern.matchAll(/\{([^{}]*)\}/g)) {
    const literal = pattern.slice(at, match.index);
    if (/[{}]/.test(literal)) throw wrong('a brace is not closed or not opened');
    if (literal === '' && isAfterPlace) throw wrong('two places have nothing between them');
    if (literal.includes('/')) throw wrong('it describes the file name only, without folders');
    const name = match[1]!.trim();
    if (name === '') throw wrong('a place has no name');
    if (columns.includes(name)) throw wrong(`it has two places “${name}”`);
    source += escaped(literal) + (name === '*' ? '.*?' : '(.+?)');
    if (name !== '*') columns.push(name);
    at = match.index + match[0].length;
    isAfterPlace = true;
  }
  const rest = pattern.slice(at);
  if (/[{}]/.test(rest)) throw wrong('a brace is not closed or not opened');
  if (columns.length === 0) throw wrong('it has no place with a name');
  if (columns.length > 50) throw wrong('it has more than 50 places');
  const expression = new RegExp(`^${source}${escaped(rest)}$`, 'u');
  return {
    text,
    columns,
    match: (name) => {
      const base = stem(name);
      return base.length > 500 ? undefined : expression.exec(base)?.slice(1);
    },
  };
}

/**
 * The labels in file names.
 *
 * @throws UnravelError `bad-input` if no name fits
 */
export function patternColumns(
  pattern: NamePattern,
  names: readonly string[],
): { columns: ColumnValues[]; leftOut: string[]; fitting: number } {
  const builders = pattern.columns.map((name) => new ColumnBuilder(name));
  let fitting = 0;
  for (const name of names) {
    const values = pattern.match(name);
    if (values) fitting += 1;
    builders.forEach((builder, i) => builder.push(values?.[i]?.trim() ?? ''));
  }
  if (fitting === 0) {
    throw new UnravelError(
      'bad-input',
      `No file name fits the pattern “${pattern.text}”; the first one is “${names[0] ?? ''}”.`,
      {
        hint: 'The pattern describes the name without its folders and its ending.',
      },
    );
  }
  const typed = builders.map((builder) => typeColumn(builder.build()));
  return {
    columns: typed.filter((column) => column !== undefined),
    leftOut: pattern.columns.filter((_, i) => typed[i] === undefined),
    fitting,
  };
}

/** Patterns of data sets that are in use. */
const KNOWN: readonly { readonly pattern: string; readonly isOne: (values: readonly string[]) => boolean }[] =
  [
    {
      // UTKFace: age in years, 0 or 1, 0 to 4, and the time of the picture.
      pattern: '{age}_{gender}_{race}_{*}',
      isOne: ([age, gender, race]) =>
        /^\d{1,3}$/.test(age!) && Number(age) <= 120 && /^[01]$/.test(gender!) && /^[0-4]$/.test(race!),
    },
  ];

function sampleOf(names: readonly string[]): string[] {
  const count = Math.min(names.length, SAMPLE);
  return Array.from({ length: count }, (_, i) => names[Math.floor((i * names.length) / count)]!);
}

function knownPattern(names: readonly string[]): string | undefined {
  return KNOWN.find(({ pattern, isOne }) => {
    const parsed = parseNamePattern(pattern);
    const fitting = names.filter((name) => {
      const values = parsed.match(name);
      // The last place is the time, so a name has four parts or more.
      return values !== undefined && isOne(values);
    });
    return fitting.length >= MOST_NAMES * names.length;
  })?.pattern;
}

/** A pattern of names with as many parts between a separator, some of which repeat as labels do. */
function separatedPattern(names: readonly string[]): string | undefined {
  const stems = names.map(stem);
  for (const separator of ['__', '_', '-', ' ']) {
    const split = stems.map((name) => name.split(separator));
    const counts = new Map<number, number>();
    for (const { length } of split) counts.set(length, (counts.get(length) ?? 0) + 1);
    const [parts, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
    if (parts < 2 || parts > 12 || count < MOST_NAMES * names.length) continue;
    const fitting = split.filter(
      ({ length, ...own }) => length === parts && Object.values(own).every((part) => part !== ''),
    );
    if (fitting.length < MOST_NAMES * names.length) continue;
    let labels = 0;
    const places = Array.from({ length: parts }, (_, place) => {
      const words = new Set(fitting.map((own) => own[place]!));
      const isLabel = words.size > 1 && words.size <= MOST_WORDS && words.size * 2 <= fitting.length;
      if (isLabel) labels += 1;
      return isLabel ? `{part ${place + 1}}` : words.size === 1 ? [...words][0]! : '{*}';
    });
    if (labels > 0 && !places.some((place) => /[{}]/.test(place) && !/^\{(part \d+|\*)\}$/.test(place))) {
      return places.join(separator);
    }
  }
  return undefined;
}

/**
 * The pattern that at least nine in ten file names fit, if one is found: a known data set's, or parts between separators of
 * which some repeat.
 */
export function offerNamePattern(names: readonly string[]): OfferedPattern | undefined {
  if (names.length < 4) return undefined;
  const sample = sampleOf(names);
  const text = knownPattern(sample) ?? separatedPattern(sample);
  if (text === undefined) return undefined;
  const pattern = parseNamePattern(text);
  const fitting = names.filter((name) => pattern.match(name) !== undefined);
  return {
    pattern: text,
    images: fitting.length,
    columns: [...pattern.columns],
    examples: fitting.slice(0, EXAMPLES).map((image) => ({ image, values: [...pattern.match(image)!] })),
  };
}
