import type { LabelReport } from '../../contract/dataset.ts';
import type { CsvColumn } from '../files/csv.ts';
import { isInfinite, typeColumn, type ColumnValues } from '../data/columns.ts';
import { shortName } from './find-labels.ts';
import type { MatchedTable } from './match-table.ts';
import { hasInfinity, plainNumbers, sheetErrors } from './numbers.ts';

/** Labels in the order of a data set's images. */
export interface JoinedLabels {
  readonly columns: readonly ColumnValues[];
  readonly report: LabelReport;
}

/**
 * Maximum number of categories of all columns together. Further columns are left out, because every category is
 * stored in the description.
 */
const MAX_CATEGORIES = 100_000;
/** Number of unmatched rows and of unmatched images that are listed. */
const EXAMPLES = 5;

/** A column of one table. */
interface Part {
  readonly table: MatchedTable;
  readonly column: CsvColumn;
}

/** Columns of one name, from tables that name different images. */
interface Group {
  readonly name: string;
  readonly parts: Part[];
}

/** CelebA writes its partition as numbers. */
const PARTITION = ['train', 'validation', 'test'];

function withPartitionWords(column: CsvColumn, file: string): CsvColumn {
  const isPartition = /^partition$/i.test(column.name) || /partition/i.test(shortName(file));
  const isNumbered = column.texts.every((text) => /^[012]?$/.test(text));
  if (!isPartition || !isNumbered || column.texts.length < 2) return column;
  return { ...column, texts: column.texts.map((text) => (text === '' ? '' : PARTITION[Number(text)]!)) };
}

/** True where two columns have the same text for every image that both tables name. */
function agree(a: Part, b: Part): boolean {
  return a.table.rowOf.every((row, image) => {
    const other = b.table.rowOf[image]!;
    if (row < 0 || other < 0) return true;
    return a.column.texts[a.column.codes[row]!] === b.column.texts[b.column.codes[other]!];
  });
}

/** Puts columns of the same name together where they do not contradict each other. */
function groupColumns(tables: readonly MatchedTable[], notesOf: Map<MatchedTable, string[]>): Group[] {
  const groups: Group[] = [];
  const byName = new Map<string, Group[]>();
  for (const table of tables) {
    const own = new Set<Group>();
    const decimals: string[] = [];
    const thousands: string[] = [];
    for (const raw of table.columns) {
      const { column, form } = plainNumbers(withPartitionWords(raw, table.file), table.delimiter);
      if (form === 'decimal comma') decimals.push(column.name);
      if (form === 'thousands') thousands.push(column.name);
      const part = { table, column };
      const alike = byName.get(column.name) ?? [];
      const group = alike.find((one) => !own.has(one) && one.parts.every((other) => agree(other, part)));
      if (group) {
        group.parts.push(part);
        own.add(group);
        continue;
      }
      // A column of the same table may have the same name; those of another one get its file's name.
      const isOther = alike.some(({ parts }) => parts[0]!.table !== table);
      const made: Group = {
        name: isOther ? `${column.name} (${shortName(table.file)})` : column.name,
        parts: [part],
      };
      own.add(made);
      groups.push(made);
      byName.set(column.name, [...alike, made]);
    }
    const notes = notesOf.get(table)!;
    if (decimals.length > 0) notes.push(`Its numbers have a decimal comma: ${listed(decimals)}.`);
    if (thousands.length > 0) notes.push(`Its numbers have commas between thousands: ${listed(thousands)}.`);
  }
  return groups;
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

/** The rows of all parts of a group, one table after the other. */
function concatenated({ name, parts }: Group): CsvColumn {
  if (parts.length === 1) return { ...parts[0]!.column, name };
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(parts.reduce((sum, { column }) => sum + column.codes.length, 0));
  let at = 0;
  for (const { column } of parts) {
    const own = column.texts.map((text) => {
      const code = codeOf.get(text) ?? codeOf.size;
      codeOf.set(text, code);
      return code;
    });
    for (const code of column.codes) codes[at++] = own[code]!;
  }
  return { name, texts: [...codeOf.keys()], codes };
}

/**
 * Joins tables to images. Columns of the same name become one where the tables name different images, or say the same of
 * them; otherwise the later one is called after its file. A column's type is that of all its rows, whether they name an
 * image or not.
 *
 * @param tables - tables that were matched to the images of a source
 * @param kept - for each image of the data set its index among the source's images
 * @param names - the data set's images
 */
export function joinTables(
  tables: readonly MatchedTable[],
  kept: ArrayLike<number>,
  names: readonly string[],
): JoinedLabels | undefined {
  if (tables.length === 0) return undefined;
  const notesOf = new Map(tables.map((table) => [table, [...table.notes]]));
  const groups = groupColumns(tables, notesOf);
  const columns: ColumnValues[] = [];
  const leftOut: string[] = [];
  let categories = 0;
  for (const group of groups) {
    const all = concatenated(group);
    const typed = typeColumn(all);
    const words = typed?.column.categories?.length ?? 0;
    if (!typed || categories + words > MAX_CATEGORIES) {
      leftOut.push(group.name);
      continue;
    }
    categories += words;
    const notes = notesOf.get(group.parts[0]!.table)!;
    if (hasInfinity(all) && !typed.column.categories?.some(isInfinite)) {
      notes.push(`Infinity is taken as an unknown value: ${group.name}.`);
    }
    const errors = sheetErrors(all);
    if (errors.length > 0) {
      notes.push(`A spreadsheet’s errors are taken as unknown values (${listed(errors)}): ${group.name}.`);
    }
    const values = new Float32Array(names.length).fill(Number.NaN);
    let offset = 0;
    for (const { table, column } of group.parts) {
      for (let i = 0; i < names.length; i++) {
        const row = table.rowOf[kept[i]!]!;
        if (row >= 0 && Number.isNaN(values[i])) values[i] = typed.values[offset + row]!;
      }
      offset += column.codes.length;
    }
    columns.push({ column: typed.column, values });
  }
  return { columns, report: reportOf(tables, kept, names, leftOut, notesOf) };
}

function reportOf(
  tables: readonly MatchedTable[],
  kept: ArrayLike<number>,
  names: readonly string[],
  columnsLeftOut: readonly string[],
  notesOf: ReadonlyMap<MatchedTable, readonly string[]>,
): LabelReport {
  const withoutImage: string[] = [];
  let rowsWithoutImage = 0;
  const used = tables.map((table) => {
    const isUsed = new Uint8Array(table.rows);
    for (let i = 0; i < names.length; i++) {
      const row = table.rowOf[kept[i]!]!;
      if (row >= 0) isUsed[row] = 1;
    }
    let missing = 0;
    isUsed.forEach((one, row) => {
      // A later row for an image that has one is told by itself.
      if (one || table.isRepeat[row]) return;
      missing += 1;
      if (withoutImage.length < EXAMPLES) withoutImage.push(table.nameOf(row));
    });
    rowsWithoutImage += missing;
    return {
      file: table.file,
      nameColumn: table.nameColumn,
      rows: table.rows,
      rowsWithoutImage: missing,
      columns: table.columns.map(({ name }) => name),
      notes: [...notesOf.get(table)!],
      ambiguous: table.ambiguous.count,
      ambiguousNames: table.ambiguous.examples.map(({ name, candidates }) => ({
        name,
        candidates: [...candidates],
      })),
    };
  });
  const withoutRow = names.filter((_, i) => tables.every(({ rowOf }) => rowOf[kept[i]!]! < 0));
  return {
    file: tables.map(({ file }) => file).join(', '),
    rowsWithoutImage,
    imagesWithoutRow: withoutRow.length,
    examples: [...withoutImage, ...withoutRow.slice(0, EXAMPLES)],
    columnsLeftOut: [...columnsLeftOut],
    tables: used,
  };
}
