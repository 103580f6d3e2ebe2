import { basename } from 'node:path';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { LabelChoice } from '../../contract/label-choice.ts';
import { ImageIndex } from './image-index.ts';
import { isJson, isLikelyLabels, type LabelFile } from './label-file.ts';
import { matchTable, type MatchedTable, type Unmatched } from './match-table.ts';
import { namedLabelFile, readTable } from './read-table.ts';

/** Which tables are joined to images. */
export interface LabelWish {
  /** Paths of tables that must be joined; `false` for no table at all. */
  readonly labels?: string | readonly string[] | false | undefined;
  /** The column that names the images, for all tables; see {@link MatchOptions}. */
  readonly nameColumn?: string | undefined;
  /** A choice among the tables that were found; all that fit are joined if left out. */
  readonly tables?: LabelChoice['tables'];
}

/** Where images and tables are. */
export interface LabelledSource {
  /** The images' paths inside the source. */
  readonly names: readonly string[];
  /** The source's own path. */
  readonly root: string;
  readonly labelFiles: readonly LabelFile[];
}

/** A table that was found with the images, and what becomes of it. */
export interface FoundTable {
  readonly file: string;
  readonly table?: MatchedTable;
  /** Why it is not used. */
  readonly reason?: string;
  /** Titles of its columns, where it could be read. */
  readonly columns: readonly string[];
}

/** The tables for a source. */
export interface FoundLabels {
  readonly tables: readonly MatchedTable[];
  /** All tables that were read and may be shown, in the order in which they were found. */
  readonly found: readonly FoundTable[];
  /** Tables that were found and are not used, with the reason. */
  readonly refused: readonly SkippedFile[];
}

/** Maximum number of tables that are read. */
const MOST_TABLES = 50;
/** Larger tables outside the source are read only where their name says that they hold labels. */
const MOST_UNLIKELY_BYTES = 64 * 2 ** 20;
const HINT = 'Give a table with a column of the images’ file names, or say which column holds them.';

function ambiguousReason({ ambiguous }: MatchedTable): string {
  const [example] = ambiguous.examples;
  return `its names fit several images or rows: “${example!.name}” may be ${example!.candidates.join(' or ')}. Write the folders into its names`;
}

function matched(result: MatchedTable | Unmatched): result is MatchedTable {
  return !('reason' in result);
}

function isCelebaPath(root: string): boolean {
  return /celeba|img_align/i.test(root.split('/').slice(-2).join('/'));
}

/** Why a table that fits some images is not used by itself; undefined if it is. */
function refusal(table: MatchedTable, { place }: LabelFile, source: LabelledSource): string | undefined {
  if (table.matched === 0) return ambiguousReason(table);
  if (place !== 'above') return undefined;
  const images = source.names.length;
  const isMost = table.matched * 2 > images;
  if (isMost && (table.matched * 2 > table.rows || isCelebaPath(source.root))) return undefined;
  return `it lies two folders above the images and may be about others, although it names ${table.matched.toLocaleString('en')} of them. Choose it yourself if it is about these`;
}

async function readNamed(
  paths: readonly string[],
  index: ImageIndex,
  nameColumn: string | undefined,
): Promise<MatchedTable[]> {
  const tables: MatchedTable[] = [];
  for (const path of new Set(paths)) {
    const result = matchTable(await readTable(namedLabelFile(path)), index, { nameColumn });
    const reason = !matched(result)
      ? result.reason
      : result.matched === 0
        ? ambiguousReason(result)
        : undefined;
    if (reason !== undefined) {
      throw new UnravelError('bad-input', `${path} cannot be used for labels: ${reason}.`, {
        path,
        hint: HINT,
      });
    }
    tables.push(result as MatchedTable);
  }
  return tables;
}

/** Tables that only end like the images' names, while another one names the same images with their folders. */
function overruled(table: MatchedTable, others: readonly MatchedTable[]): MatchedTable | undefined {
  if (table.sure * 2 > table.matched) return undefined;
  return others.find((other) => {
    if (other === table || other.sure * 2 <= other.matched) return false;
    let both = 0;
    table.rowOf.forEach((row, image) => {
      if (row >= 0 && other.rowOf[image]! >= 0) both += 1;
    });
    return both * 2 > table.matched;
  });
}

/** The most probable tables first: in the source, then beside it, those with telling names before others. */
function inOrder(files: readonly LabelFile[]): LabelFile[] {
  const rank = { named: 0, inside: 1, beside: 2, above: 3 };
  return [...files].sort(
    (a, b) =>
      rank[a.place] - rank[b.place] || Number(isLikelyLabels(b.file)) - Number(isLikelyLabels(a.file)),
  );
}

/**
 * Finds the tables whose rows are images of a source: those that a person has named, or all that were found with the images
 * and fit them.
 *
 * @throws UnravelError `not-found` or `bad-input` if a table that was named cannot be used
 */
export async function findLabels(source: LabelledSource, wish: LabelWish = {}): Promise<FoundLabels> {
  const { labels, nameColumn, tables: chosen } = wish;
  if (labels === false) return { tables: [], found: [], refused: [] };
  const index = new ImageIndex(source.names, source.root);
  if (labels !== undefined) {
    const paths = typeof labels === 'string' ? [labels] : labels;
    const tables = await readNamed(paths, index, nameColumn);
    return {
      tables,
      found: tables.map((table) => ({ file: table.file, table, columns: titles(table) })),
      refused: [],
    };
  }
  const found: (FoundTable & { readonly isShown: boolean })[] = [];
  const stems = new Set(source.names.map(withoutExtension));
  const files = inOrder(
    // What other programs keep about a single image is no table of several.
    source.labelFiles.filter(({ file }) => !isJson(file) || !stems.has(withoutExtension(file))),
  );
  const seen = new Set<string>();
  let read = 0;
  for (const file of files) {
    if (seen.has(file.file)) continue;
    seen.add(file.file);
    const isLikely = isLikelyLabels(file.file);
    const isInside = file.place === 'inside' || file.place === 'named';
    const choice = chosen?.find((one) => one.file === file.file);
    if (read >= MOST_TABLES && !choice) {
      if (isInside) {
        found.push({
          file: file.file,
          columns: [],
          isShown: true,
          reason: `it was not read, because only ${MOST_TABLES} tables are`,
        });
      }
      continue;
    }
    if (!isInside && !isLikely && (file.bytes ?? 0) > MOST_UNLIKELY_BYTES) continue;
    read += 1;
    let raw;
    try {
      raw = await readTable(file);
    } catch (error) {
      if (!(error instanceof UnravelError)) throw error;
      // A table beside the images may be about something else, so it is not an error if it cannot be read.
      found.push({
        file: file.file,
        columns: [],
        isShown: isInside || isLikely,
        // The file is named beside it.
        reason: error.message.replace(`Could not read ${file.file}: `, '').replace(/\.$/, ''),
      });
      continue;
    }
    const result = matchTable(raw, index, { nameColumn: choice?.nameColumn ?? nameColumn });
    const columns = raw.first ?? raw.columns.map(({ name }) => name);
    if (!matched(result)) {
      found.push({ file: file.file, columns, isShown: isInside, reason: result.reason });
      continue;
    }
    const reason =
      chosen !== undefined && !choice
        ? 'another choice was made'
        : choice && result.matched > 0
          ? undefined
          : refusal(result, file, source);
    const one = { file: file.file, columns, table: result, isShown: true };
    found.push(reason === undefined ? one : { ...one, reason });
  }
  const missing = chosen?.find(({ file }) => !found.some((one) => one.file === file && one.table));
  if (missing) {
    const reason = found.find(({ file }) => file === missing.file)?.reason ?? 'it was not found';
    throw new UnravelError('bad-input', `${missing.file} cannot be used for labels: ${reason}.`, {
      hint: HINT,
    });
  }
  const fitting = found.flatMap(({ table, reason }) => (table && reason === undefined ? [table] : []));
  const settled = found.map((one) => {
    if (!one.table || one.reason !== undefined || chosen !== undefined) return one;
    const better = overruled(one.table, fitting);
    if (!better) return one;
    return {
      ...one,
      reason: `it names images by the end of their names only, and ${better.file} names the same ones with their folders`,
    };
  });
  const tables = settled.flatMap(({ table, reason }) => (table && reason === undefined ? [table] : []));
  if (nameColumn !== undefined && tables.length === 0) {
    const [first] = settled.filter(({ reason }) => reason !== undefined);
    throw new UnravelError(
      'bad-input',
      first
        ? `No table is joined by the column “${nameColumn}”. ${first.file}: ${first.reason}.`
        : `No table was found near the images, so none has a column “${nameColumn}”.`,
      { hint: HINT },
    );
  }
  return {
    tables,
    found: settled.filter(({ isShown }) => isShown),
    refused: settled
      .filter(({ isShown, reason }) => isShown && reason !== undefined)
      .map(({ file, reason }) => ({ file, reason: `it was not used for labels. ${sentence(reason!)}` })),
  };
}

function withoutExtension(name: string): string {
  return name.replace(/\.[^./]+$/, '');
}

function titles({ columns }: MatchedTable): string[] {
  return columns.map(({ name }) => name);
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** The file's name without its folders, for a column's name. */
export function shortName(file: string): string {
  return basename(file).replace(/\.[^.]+$/, '');
}
