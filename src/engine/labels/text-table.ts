import { decodeText } from '../files/decode-text.ts';
import { readCsvRows } from '../files/csv-rows.ts';
import { readLines } from '../files/text-lines.ts';
import { delimiterWord, findDelimiter, separatorLine, type Delimiter } from './delimiter.ts';
import { brokenTable, TableBuilder, type RawTable } from './raw-table.ts';
import { readJson, readJsonLines } from './json-lines.ts';

/** Characters from which the form of a text is determined. */
const HEAD_CHARACTERS = 64 * 1024;

/** What a text is that is no table. */
function refusalOf(head: string): string | undefined {
  const start = head.trimStart().slice(0, 200).toLowerCase();
  if (/^(<!doctype|<html|<head|<body|<\?xml|<svg)/.test(start)) return 'it is a web page or XML, not a table';
  if (start.startsWith('pk\u0003\u0004')) return 'it is an archive or an Excel workbook, not a text';
  if (start.startsWith('version https://git-lfs')) return 'it is a pointer of Git LFS, not the table itself';
  if (start.startsWith('%pdf')) return 'it is a PDF, not a table';
  return undefined;
}

async function* replay(head: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  if (head !== '') yield head;
  for (;;) {
    const next = await rest.next();
    if (next.done) return;
    yield next.value;
  }
}

async function takeWords(text: AsyncIterable<string>, file: string, builder: TableBuilder): Promise<void> {
  let line = 0;
  for await (const lines of readLines(text, file)) {
    for (const row of lines) {
      line += 1;
      const trimmed = row.trim();
      if (trimmed !== '') builder.take(trimmed.split(/\s+/), line);
    }
  }
}

/**
 * Reads a text with a row for each image: CSV with any usual delimiter, lists of words between spaces as CelebA's, and JSON
 * Lines. Encoding and delimiter are recognised.
 *
 * @param source - the text in pieces
 * @param file - its path for messages
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readTextTable(source: AsyncIterable<string | Buffer>, file: string): Promise<RawTable> {
  const notes: string[] = [];
  const decoded = decodeText(source, (name) => notes.push(`Its letters are ${name}.`))[
    Symbol.asyncIterator
  ]();
  let head = '';
  let isComplete = false;
  try {
    while (head.length < HEAD_CHARACTERS && !isComplete) {
      const next = await decoded.next();
      if (next.done) isComplete = true;
      else head += next.value;
    }
    const refusal = refusalOf(head);
    if (refusal !== undefined) {
      throw brokenTable(file, refusal, 'Download the list again, or save it as CSV.');
    }
    // A list of records, and not a header such as `[id]`.
    const isList = /^\s*\[\s*\{/.test(head);
    if (isList || /^\s*\{/.test(head) || /\.json$/i.test(file)) {
      const isWhole = isList || /\.json$/i.test(file);
      const table = await (isWhole ? readJson : readJsonLines)(replay(head, decoded), file);
      return { ...table, file, notes: [...notes, ...table.notes] };
    }

    let delimiter: Delimiter | undefined;
    const lineEnd = /\r\n|\n|\r/.exec(head);
    const said = lineEnd ? separatorLine(head.slice(0, lineEnd.index)) : undefined;
    if (said !== undefined) {
      head = head.slice(lineEnd!.index + lineEnd![0].length);
      delimiter = said;
      notes.push(`Its first line says that ${delimiterWord(said)} separate the values.`);
    } else {
      // The last line of a part of the text may be cut off.
      const whole = isComplete ? head : head.slice(0, head.search(/[\r\n][^\r\n]*$/) + 1 || head.length);
      delimiter = findDelimiter(whole);
      if (delimiter !== ',') notes.push(`Its values are separated by ${delimiterWord(delimiter)}.`);
    }
    const builder = new TableBuilder(file, { isStrict: delimiter === ' ' });
    const text = replay(head, decoded);
    if (delimiter === ' ') await takeWords(text, file, builder);
    else {
      await readCsvRows(
        text,
        file,
        (cells, row, isUnclosed) => {
          builder.take(cells, row);
          if (!isUnclosed) return;
          const lines =
            cells
              .at(-1)!
              .split(/\r\n|\n|\r/)
              .filter((line) => line.trim() !== '').length - 1;
          notes.push(
            `A quotation mark in its row ${row} is not closed, so ${lines === 1 ? 'the line after it was' : `the ${lines} lines after it were`} read as one value with it. Close it, or remove it.`,
          );
        },
        delimiter,
      );
    }
    return { file, ...builder.build(), notes: [...notes, ...builder.notes], delimiter };
  } finally {
    await decoded.return(undefined);
  }
}
