import { UnravelError } from '../../../contract/errors.ts';
import type { CsvColumn } from '../../files/csv.ts';
import { plainNumbers } from '../../labels/numbers.ts';
import type { RawTable } from '../../labels/raw-table.ts';
import { chooseCodes, LOG_VAR, type CodesChoice, type ForeignCodes } from './foreign-codes.ts';

/** A numbered column: `mu_0`, `latent.12`, `PC1`, or only a number, as pandas writes it. */
const NUMBERED = /^(.*?)[_ .\-[(]?(\d{1,4})[\])]?$/;

/** Columns with one name and consecutive numbers. */
export interface Group {
  /** The name without the numbers; empty for columns that are only numbers. */
  readonly name: string;
  readonly columns: readonly number[];
}

const isNumber = (text: string): boolean => text.trim() !== '' && !Number.isNaN(Number(text));

/** Whether all values of a column are numbers, also those that say that one is missing, which are refused later. */
function isNumeric({ texts }: CsvColumn): boolean {
  return texts.length > 0 && texts.every((text) => isNumber(text) || isMissing(text));
}

/** Whether a text says that a number is missing. */
function isMissing(text: string): boolean {
  return /^(|nan|inf|-inf|na)$/i.test(text.trim());
}

/** Columns with one name and any numbers, by the name. */
function numberedColumns(
  header: readonly string[],
  isNumbers: (at: number) => boolean,
): Map<string, Map<number, number>> {
  const byName = new Map<string, Map<number, number>>();
  header.forEach((title, at) => {
    const match = NUMBERED.exec(title.trim());
    if (!match || !isNumbers(at)) return;
    const numbers = byName.get(match[1]!) ?? new Map<number, number>();
    if (!numbers.has(Number(match[2]))) numbers.set(Number(match[2]), at);
    byName.set(match[1]!, numbers);
  });
  return byName;
}

/**
 * The groups of columns that may be codes.
 *
 * @param isNumbers - whether a column holds numbers
 */
export function groupsOf(header: readonly string[], isNumbers: (at: number) => boolean): Group[] {
  return [...numberedColumns(header, isNumbers)].flatMap(([name, numbers]) => {
    const sorted = [...numbers].sort(([a], [b]) => a - b);
    const start = sorted[0]![0];
    const isConsecutive = start <= 1 && sorted.every(([number], i) => number === start + i);
    return isConsecutive ? [{ name, columns: sorted.map(([, at]) => at) }] : [];
  });
}

/**
 * Why numbered columns are no codes: a value that is no number, or a number that is left out. Undefined where no columns are
 * numbered.
 */
function whyNoCodes(header: readonly string[], columns: readonly CsvColumn[]): string | undefined {
  for (const [name, numbers] of numberedColumns(header, () => true)) {
    if (numbers.size < 2) continue;
    for (const at of numbers.values()) {
      const { texts, codes } = columns[at]!;
      const wrong = texts.findIndex((text) => !isNumber(text) && !isMissing(text));
      if (wrong >= 0) {
        const row = codes.indexOf(wrong) + 1;
        return `its column ${header[at]!} holds “${texts[wrong]!}” in row ${row}, which is no number`;
      }
    }
    const sorted = [...numbers.keys()].sort((a, b) => a - b);
    const gap = sorted.findIndex((number, i) => number !== Math.min(sorted[0]!, 1) + i);
    if (gap >= 0) {
      const missing = Math.min(sorted[0]!, 1) + gap;
      return `its columns ${name || 'with numbers'}… go up to ${sorted.at(-1)!}, and ${missing} is missing`;
    }
  }
  return undefined;
}

/** A column with a text in front of its values. */
function withFirst({ name, texts, codes }: CsvColumn, text: string): CsvColumn {
  const known = texts.indexOf(text);
  const all = new Int32Array(codes.length + 1);
  all[0] = known < 0 ? texts.length : known;
  all.set(codes, 1);
  return { name, texts: known < 0 ? [...texts, text] : texts, codes: all };
}

/** The numbers of columns, `[rows, columns]`; NaN for what is no number. */
function numbersOf(columns: readonly CsvColumn[], rows: number): Float32Array {
  const numbers = new Float32Array(rows * columns.length);
  columns.forEach(({ texts, codes }, j) => {
    const values = texts.map((text) => (isNumber(text) ? Number(text) : Number.NaN));
    for (let row = 0; row < rows; row++) numbers[row * columns.length + j] = values[codes[row]!]!;
  });
  return numbers;
}

/** The codes in a table without a header: its columns of numbers. */
function withoutHeader(raw: RawTable, first: readonly string[], path: string): ForeignCodes {
  const columns = raw.columns.map((column, at) => withFirst(column, first[at] ?? ''));
  const isCode = columns.map(isNumeric);
  const codes = columns.filter((_, at) => isCode[at]);
  const rows = raw.rows + 1;
  const others = columns
    .map((column, at) => ({ ...column, name: `column ${at + 1}` }))
    .filter((_, at) => !isCode[at]);
  return {
    mu: numbersOf(codes, rows),
    latentDim: codes.length,
    ...{ key: 'numbers', keys: ['numbers'] },
    rows,
    titles: [],
    table: { file: path, columns: others, rows, notes: [] },
    notes: [
      `It has no header line; its ${codes.length === 1 ? 'column' : `${codes.length} columns`} of numbers are the codes.`,
    ],
  };
}

/** The table with its numbers written plainly, and the names of the columns where they were not. */
function withPlainNumbers(source: RawTable): {
  readonly raw: RawTable;
  readonly decimals: readonly string[];
} {
  const decimals: string[] = [];
  const columns = source.columns.map((column) => {
    const { column: plain, form } = plainNumbers(column, source.delimiter);
    if (form !== undefined) decimals.push(column.name);
    return plain;
  });
  return { raw: { ...source, columns }, decimals };
}

/** A table whose columns were looked at for codes. */
interface Searched {
  readonly raw: RawTable;
  /** The names of columns whose numbers were written otherwise. */
  readonly decimals: readonly string[];
  readonly header: readonly string[];
  readonly groups: readonly Group[];
  /** What is wrong with numbered columns that are nearly codes. */
  readonly why: string | undefined;
}

function searchCodes(source: RawTable): Searched {
  const { raw, decimals } = withPlainNumbers(source);
  const header = raw.first ?? raw.columns.map(({ name }) => name);
  const groups = groupsOf(header, (at) => isNumeric(raw.columns[at]!));
  const isNarrow = groups.every(({ columns }) => columns.length < 2);
  return { raw, decimals, header, groups, why: isNarrow ? whyNoCodes(header, raw.columns) : undefined };
}

/** What is known of a table that may hold codes, without their numbers. */
export interface CodeGroups {
  /** What the columns that may be codes are called, without their numbers; without a header, its numbers. */
  readonly names: readonly string[];
  /** What is wrong with columns that are nearly codes. */
  readonly why: string | undefined;
}

/** Looks for columns that may be codes. */
export function codeGroups(source: RawTable): CodeGroups {
  const { raw, header, groups, why } = searchCodes(source);
  if (groups.length === 0 && raw.first && header.some(isNumber))
    return { names: ['numbers'], why: undefined };
  return { names: why === undefined ? groups.map(({ name }) => name) : [], why };
}

/** The group of columns that holds codes, and that of their log variances. */
interface ChosenGroup {
  readonly group: Group;
  readonly variance: Group | undefined;
  /** What the group is called, and everything that may be codes. */
  readonly chosen: string;
  readonly candidates: readonly string[];
}

/**
 * @param isWide - whether a group is codes by itself; others are taken where there is nothing else
 * @throws UnravelError `bad-input` if there is none, or one must be asked for
 */
export function chooseGroup(
  groups: readonly Group[],
  path: string,
  choice: CodesChoice,
  // A single numbered column is a label, unless there is nothing else.
  isWide: (group: Group) => boolean = ({ columns }) => columns.length > 1,
): ChosenGroup {
  const variance = groups.find(({ name }) => LOG_VAR.test(name));
  const others = groups.filter(({ name }) => name !== variance?.name);
  const wide = others.filter(isWide);
  const candidates = wide.length > 0 ? wide : others;
  const all = choice.key === undefined ? candidates : groups;
  const names = (of: readonly Group[]): string[] => of.map(({ name }) => name || 'numbers');
  const chosen = chooseCodes(path, names(all), choice, 'group of columns');
  const group = all.find(({ name }) => (name || 'numbers') === chosen)!;
  const fits = variance?.columns.length === group.columns.length && variance.name !== group.name;
  return { group, variance: fits ? variance : undefined, chosen, candidates: names(candidates) };
}

/**
 * Finds the codes in a table: columns with one name and numbers from 0 or 1, such as `mu_0`, `mu_1` …, or all columns of
 * numbers of a table without a header. All others are names and labels.
 *
 * @param choice - the name of the columns without their numbers, where several may be meant
 * @throws UnravelError `bad-input`
 */
export function codesOfTable(source: RawTable, path: string, choice: CodesChoice): ForeignCodes {
  const { raw, decimals, header, groups, why } = searchCodes(source);
  const numbers = header.filter(isNumber);
  // A header of numbers is one of pandas only if they count the columns.
  const counts = groups.find(({ name }) => name === '')?.columns.length === numbers.length;
  if (raw.first && numbers.length > 0 && !counts && groups.every(({ name }) => name === '')) {
    return withoutHeader(raw, raw.first, path);
  }
  if (groups.length === 0 || why !== undefined) {
    throw new UnravelError(
      'bad-input',
      `Could not read ${path}: ${why ?? 'none of its columns are the numbered dimensions of codes'}.`,
      {
        path,
        hint: `${raw.notes.map((note) => `${note} `).join('')}Call them mu_0, mu_1 and so on. Its columns are: ${header.slice(0, 12).join(', ')}${header.length > 12 ? ', …' : ''}.`,
      },
    );
  }
  const { group, variance, chosen, candidates } = chooseGroup(groups, path, choice);
  const taken = new Set([...group.columns, ...(variance?.columns ?? [])]);
  const rest = raw.columns
    .map((column, at) => ({ ...column, name: header[at]! }))
    .filter((_, at) => !taken.has(at));
  const pick = (columns: readonly number[]): Float32Array =>
    numbersOf(
      columns.map((at) => raw.columns[at]!),
      raw.rows,
    );
  const [first, last] = [header[group.columns[0]!]!, header[group.columns.at(-1)!]!];
  return {
    mu: pick(group.columns),
    ...(variance && { logVar: pick(variance.columns) }),
    latentDim: group.columns.length,
    key: chosen,
    keys: candidates,
    rows: raw.rows,
    titles: [...taken].map((at) => header[at]!),
    table: { file: path, columns: rest, rows: raw.rows, notes: [] },
    notes: [
      ...raw.notes,
      `The codes are its columns ${first} to ${last}${variance ? `, with ${header[variance.columns[0]!]!} …` : ''}.`,
      ...(decimals.length > 0
        ? ['Its numbers are written with a decimal comma or commas between thousands.']
        : []),
    ],
  };
}
