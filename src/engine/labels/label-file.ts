/** A file that may hold labels, found with the images or named by a person. */
export interface LabelFile {
  /** Its path for display: inside the source, or the whole path of a file outside of it. */
  readonly file: string;
  /** Where it was found: in the source, in the folder beside it, or two folders up; `named` by a person. */
  readonly place: 'inside' | 'beside' | 'above' | 'named';
  /** Its size in bytes, where it is known without reading it. */
  readonly bytes?: number;
  /** Reads its bytes, or its text, in pieces. */
  open(): AsyncIterable<string | Buffer>;
}

const TABLE = /\.(csv|tsv|tab|jsonl|ndjson|parquet)$/i;
/** Texts are tables only where their name says so: an image may have a text of its own, and most folders a README. */
const LIST =
  /^(list_.*|identity.*|.*(anno|attr|label|landmark|partition|metadata|pose).*|train|val|test)\.txt$/i;
const LIKELY = /(list_|identity|anno|attr|label|landmark|partition|metadata|celeba)/i;

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** True for a file that may be a table of labels, by its name. */
export function isTableName(path: string): boolean {
  const base = baseOf(path);
  return TABLE.test(base) || LIST.test(base);
}

/** True for a file whose name says that it holds labels. */
export function isLikelyLabels(path: string): boolean {
  return LIKELY.test(baseOf(path));
}

/** True for a file in Parquet's format, by its name. */
export function isParquet(path: string): boolean {
  return /\.parquet$/i.test(path);
}
