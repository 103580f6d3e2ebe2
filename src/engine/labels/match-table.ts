import type { CsvColumn } from '../files/csv.ts';
import { hasPictureExtension, MatchGrade, type ImageIndex } from './image-index.ts';
import type { RawTable } from './raw-table.ts';

/** Number of rows from which the column of names is found, spread over the table. */
const SAMPLE_ROWS = 4000;
/** Part of the cells of a column without extensions, such as numbers, that must name images. */
const LEAST_SHARE = 0.5;
const EXAMPLES = 5;

/** A name that might be one of several images. */
export interface AmbiguousName {
  readonly name: string;
  readonly candidates: readonly string[];
}

/** A table whose rows are images. */
export interface MatchedTable {
  readonly file: string;
  readonly rows: number;
  /** The name of the column that names the images. */
  readonly nameColumn: string;
  /** The other columns. */
  readonly columns: readonly CsvColumn[];
  readonly delimiter: string | undefined;
  /** `[images]`: the row of each image of the source, −1 for none. */
  readonly rowOf: Int32Array;
  /** `[rows]`: the text that names the row's image. */
  readonly nameOf: (row: number) => string;
  /** Number of images that are named by their whole path, not by the last part of it only. */
  readonly sure: number;
  readonly matched: number;
  /** `[rows]`: 1 for later rows for an image that has one, which are not used. */
  readonly isRepeat: Uint8Array;
  readonly ambiguous: { readonly count: number; readonly examples: readonly AmbiguousName[] };
  /** What was recognised, in whole sentences. */
  readonly notes: readonly string[];
}

/** Why a table cannot be used, in words that follow “it was not used for labels: ”. */
export interface Unmatched {
  readonly reason: string;
}

/** The values of the first row of a table without a header, put back in front of the others. */
function withRow({ name, texts, codes }: CsvColumn, text: string): CsvColumn {
  const at = texts.indexOf(text);
  const all = at < 0 ? [...texts, text] : texts;
  const rows = new Int32Array(codes.length + 1);
  rows[0] = at < 0 ? texts.length : at;
  rows.set(codes, 1);
  return { name, texts: all, codes: rows };
}

interface Score {
  readonly column: number;
  readonly images: number;
  readonly share: number;
  readonly isSure: boolean;
  readonly hasExtension: boolean;
  readonly ambiguous: number;
}

function sampleRows(rows: number): number[] {
  const count = Math.min(rows, SAMPLE_ROWS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

function scoreColumn(
  column: CsvColumn,
  at: number,
  rows: readonly number[],
  first: string | undefined,
  index: ImageIndex,
): Score {
  const images = new Set<number>();
  let [matched, extensions, sure, ambiguous] = [0, 0, 0, 0];
  const texts = rows.map((row) => column.texts[column.codes[row]!]!);
  if (first !== undefined) texts.push(first);
  for (const text of texts) {
    const match = index.find(text);
    if (match === undefined) continue;
    matched += 1;
    if (hasPictureExtension(text)) extensions += 1;
    if ('candidates' in match) ambiguous += 1;
    else {
      images.add(match.image);
      if (match.grade === MatchGrade.path) sure += 1;
    }
  }
  return {
    column: at,
    images: images.size,
    share: matched / Math.max(1, rows.length),
    isSure: sure * 2 > matched,
    hasExtension: extensions * 2 > matched,
    ambiguous,
  };
}

/** Names without extensions may be ages or prices, so most of them must be names and hardly any may repeat. */
function isPlausible(
  { images, ambiguous, share, hasExtension }: Score,
  rows: number,
  total: number,
): boolean {
  if (images === 0 && ambiguous === 0) return false;
  if (hasExtension) return true;
  const isDistinct = images + ambiguous >= 0.9 * share * rows;
  return isDistinct && (share >= LEAST_SHARE || images >= LEAST_SHARE * total);
}

/** True for a column of file names of pictures, whether they are those of the images or not. */
function holdsPictures({ texts, codes }: CsvColumn, rows: readonly number[]): boolean {
  const pictures = rows.filter((row) => hasPictureExtension(texts[codes[row]!]!)).length;
  return pictures * 2 > rows.length;
}

/** Numbers beside file names of other pictures are names only if they name nearly all of many images. */
function coversAll({ images }: Score, total: number): boolean {
  return images >= 20 && images >= 0.9 * total;
}

function weight({ images, ambiguous, hasExtension }: Score): number {
  return (images + ambiguous) * (hasExtension ? 1 : 0.5);
}

/** True for a first row that is no header, because it names a picture or has numbers where the column has numbers. */
function isRow(
  first: readonly string[],
  columns: readonly CsvColumn[],
  name: number,
  index: ImageIndex,
): boolean {
  const text = first[name]!;
  if (text === '') return false;
  if (hasPictureExtension(text)) return true;
  const match = index.find(text);
  const { texts } = columns[name]!;
  const isNumber = (value: string): boolean => value !== '' && Number.isFinite(Number(value));
  if (match !== undefined && (isNumber(text) || !texts.some(hasPictureExtension))) return true;
  return first.every(isNumber) && texts.every(isNumber);
}

/** Names of columns of lists without a header, which CelebA's files are known to have. */
function knownNames(file: string, count: number): string[] | undefined {
  if (count !== 1) return undefined;
  if (/identity/i.test(file)) return ['identity'];
  if (/partition|split/i.test(file)) return ['partition'];
  return undefined;
}

/** True for the index that pandas writes: a column without a name, or with one like `Unnamed: 0`, that counts the rows. */
function isRowNumber({ name, texts, codes }: CsvColumn): boolean {
  if (name !== '' && !/^unnamed: ?\d+$/i.test(name)) return false;
  const start = Number(texts[codes[0]!] || 'x');
  if (start !== 0 && start !== 1) return false;
  return codes.every((code, row) => Number(texts[code]) === row + start);
}

function headerText(name: string): string {
  return name === '' ? 'without a name' : `“${name}”`;
}

/** How the column of names is chosen. */
export interface MatchOptions {
  /** The name of the column that names the images, or its number from 1; found by its values if left out. */
  readonly nameColumn?: string | undefined;
}

/** Finds a column by its name, without regard to case, or by its number. */
function chosenColumn(first: readonly string[], wanted: string): number {
  const exact = first.indexOf(wanted);
  if (exact >= 0) return exact;
  const alike = first.findIndex((name) => name.trim().toLowerCase() === wanted.trim().toLowerCase());
  if (alike >= 0) return alike;
  return /^\d+$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= first.length
    ? Number(wanted) - 1
    : -1;
}

/**
 * Finds which column of a table names the images, by what it holds, whether the table has a header, and the row of each
 * image.
 */
export function matchTable(
  raw: RawTable,
  index: ImageIndex,
  { nameColumn }: MatchOptions = {},
): MatchedTable | Unmatched {
  const notes = [...raw.notes];
  const header = raw.first ?? raw.columns.map(({ name }) => name);
  const sample = sampleRows(raw.rows);
  let scores = raw.columns.map((column, at) => scoreColumn(column, at, sample, raw.first?.[at], index));
  if (nameColumn !== undefined) {
    const at = chosenColumn(header, nameColumn);
    if (at < 0) {
      return {
        reason: `it has no column “${nameColumn}”; its columns are ${header.slice(0, 12).map(headerText).join(', ')}`,
      };
    }
    scores = scores.filter(({ column, images, ambiguous }) => column === at && images + ambiguous > 0);
    if (scores.length === 0) {
      return { reason: `no value of its column ${headerText(header[at]!)} names an image` };
    }
  } else {
    const hasPictures = raw.columns.some((column) => holdsPictures(column, sample));
    scores = scores.filter(
      (score) =>
        isPlausible(score, sample.length, index.names.length) &&
        (!hasPictures || score.hasExtension || coversAll(score, index.names.length)),
    );
  }
  scores.sort((a, b) => weight(b) - weight(a) || Number(b.isSure) - Number(a.isSure) || a.column - b.column);
  const best = scores[0];
  if (!best) {
    const row = raw.columns[0]?.texts[0] ?? raw.first?.[0] ?? '';
    return {
      reason: `no column of it names the images: its first row is for “${row.slice(0, 80)}”, the first image is “${index.names[0] ?? ''}”`,
    };
  }
  const name = best.column;
  let { columns, rows } = raw;
  const isHeadless = raw.first !== undefined && isRow(raw.first, raw.columns, name, index);
  if (isHeadless) {
    const known = knownNames(raw.file, raw.columns.length - 1);
    let other = 0;
    columns = raw.columns.map((column, i) => ({
      ...withRow(column, raw.first![i]!),
      name: i === name ? '' : (known?.[other++] ?? `column ${i + 1}`),
    }));
    rows += 1;
    notes.push(
      known
        ? `It has no header line; its values are called “${known[0]}”.`
        : `It has no header line, so its columns are called ${columns
            .filter((_, i) => i !== name)
            .slice(0, 3)
            .map((column) => `“${column.name}”`)
            .join(', ')}${columns.length > 4 ? ', …' : ''}.`,
    );
  }
  const names = columns[name]!;
  notes.push(
    isHeadless || names.name === ''
      ? `The images are named by its column ${name + 1}.`
      : `The images are named by its column “${names.name}”.`,
  );
  const others = columns.filter((column, i) => {
    if (i === name) return false;
    if (rows > 1 && isRowNumber(column)) {
      notes.push(`Its column ${headerText(column.name)} counts the rows and was left out.`);
      return false;
    }
    return true;
  });
  return {
    ...joinRows(names, index, notes),
    file: raw.file,
    rows,
    nameColumn: names.name || `column ${name + 1}`,
    columns: others.map((column, i) =>
      column.name === '' ? { ...column, name: `column ${i + 1}` } : column,
    ),
    delimiter: raw.delimiter,
    notes,
  };
}

/** The row of each image, where the whole path counts more than its last part. */
function joinRows(
  names: CsvColumn,
  index: ImageIndex,
  notes: string[],
): Pick<MatchedTable, 'rowOf' | 'nameOf' | 'sure' | 'matched' | 'isRepeat' | 'ambiguous'> {
  const images = index.names.length;
  const rowOf = new Int32Array(images).fill(-1);
  const grades = new Uint8Array(images);
  const isRepeat = new Uint8Array(names.codes.length);
  /** Images that rows for different folders name by the last part only. */
  const disputed = new Map<number, string[]>();
  const examples: AmbiguousName[] = [];
  let [ambiguous, repeated] = [0, 0];
  const found = names.texts.map((text) => index.find(text));
  names.codes.forEach((code, row) => {
    const match = found[code];
    if (match === undefined) return;
    const text = names.texts[code]!;
    if ('candidates' in match) {
      ambiguous += 1;
      if (examples.length < EXAMPLES) {
        examples.push({
          name: text,
          candidates: match.candidates.slice(0, 3).map((image) => index.names[image]!),
        });
      }
      return;
    }
    const { image, grade } = match;
    const before = rowOf[image]!;
    if (before < 0 || grade > grades[image]!) {
      rowOf[image] = row;
      grades[image] = grade;
      disputed.delete(image);
      return;
    }
    if (grade < grades[image]!) return;
    const first = names.texts[names.codes[before]!]!;
    if (grade === MatchGrade.base && first !== text) {
      disputed.set(image, [...(disputed.get(image) ?? [first]), text]);
    } else {
      repeated += 1;
      isRepeat[row] = 1;
    }
  });
  for (const [image, texts] of disputed) {
    rowOf[image] = -1;
    grades[image] = 0;
    ambiguous += texts.length;
    if (examples.length < EXAMPLES)
      examples.push({ name: index.names[image]!, candidates: texts.slice(0, 3) });
  }
  if (repeated > 0) {
    notes.push(
      `It names ${repeated === 1 ? 'an image' : 'images'} more than once; the first row was used (${repeated} later ${repeated === 1 ? 'row' : 'rows'}).`,
    );
  }
  let [sure, matched] = [0, 0];
  grades.forEach((grade, image) => {
    if (rowOf[image]! < 0) return;
    matched += 1;
    if (grade === MatchGrade.path) sure += 1;
  });
  return {
    rowOf,
    nameOf: (row) => names.texts[names.codes[row]!]!,
    sure,
    matched,
    isRepeat,
    ambiguous: { count: ambiguous, examples },
  };
}
