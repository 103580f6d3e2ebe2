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

const TABLE = /\.(csv|tsv|tab|jsonl|ndjson|json|parquet)$/i;
/** Tables that are not read, and why. They are named where they lie with images. */
const UNREAD: readonly { readonly ending: RegExp; readonly reason: string }[] = [
  {
    ending: /\.(xlsx|xlsm|xlsb|xls)$/i,
    reason: 'it is an Excel workbook, which is not read; save its sheet as CSV',
  },
  {
    ending: /\.ods$/i,
    reason: 'it is an OpenDocument spreadsheet, which is not read; save its sheet as CSV',
  },
  {
    ending: /\.(feather|arrow)$/i,
    reason: 'it is a table of Arrow, which is not read; save it as Parquet or CSV',
  },
  {
    ending: /\.(pkl|pickle)$/i,
    reason: 'it is a pickle of Python, which may run programs and is not read; save it as Parquet or CSV',
  },
];
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
  return TABLE.test(base) || LIST.test(base) || unreadTable(base) !== undefined;
}

/** Why a table is not read, by its name; undefined for others. */
export function unreadTable(path: string): string | undefined {
  return UNREAD.find(({ ending }) => ending.test(path))?.reason;
}

/** True for a file in JSON, by its name: it may also be about a single image of the same name. */
export function isJson(path: string): boolean {
  return /\.json$/i.test(path);
}

/** True for a file whose name says that it holds labels. */
export function isLikelyLabels(path: string): boolean {
  return LIKELY.test(baseOf(path));
}

/** True for a file in Parquet's format, by its name. */
export function isParquet(path: string): boolean {
  return /\.parquet$/i.test(path);
}
