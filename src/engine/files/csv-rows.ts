import { Readable } from 'node:stream';
import Papa from 'papaparse';
import { UnravelError } from '../../contract/errors.ts';
import { rowTooLong, TABLE_LIMITS } from './table-limits.ts';

/** Number of rows from which the delimiter is determined. */
const PREVIEW_ROWS = 10;

function isEmpty(cells: readonly string[]): boolean {
  return cells.every((text) => text.trim() === '');
}

/**
 * Reads the rows of a CSV text piece by piece, including the header. Whether commas, semicolons or tabs separate
 * the values is detected unless it is given; empty lines are skipped.
 *
 * @param source - the text
 * @param path - what to call it in errors
 * @param take - called with each row, its number, from 1, and whether its last value has a quotation mark that is not
 * closed; if it throws, reading ends with that error
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readCsvRows(
  source: AsyncIterable<string | Buffer>,
  path: string,
  take: (cells: readonly string[], row: number, isUnclosed: boolean) => void,
  delimiter?: string,
): Promise<void> {
  let rows = 0;
  /** Number of characters up to the end of the last complete row. */
  let whole = 0;

  async function* bounded(): AsyncGenerator<string> {
    let given = 0;
    for await (const piece of source) {
      // The parser keeps an incomplete row and parses it again with each piece.
      if (given - whole > TABLE_LIMITS.rowCharacters) throw rowTooLong(path, rows + 1);
      const text = piece.toString();
      given += text.length;
      yield text;
    }
  }

  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const input = Readable.from(bounded(), { highWaterMark: 1 });
    Papa.parse<string[]>(input, {
      delimiter:
        delimiter ??
        ((text) => Papa.parse(text, { preview: PREVIEW_ROWS, skipEmptyLines: 'greedy' }).meta.delimiter),
      step({ data, meta, errors }, parser) {
        rows += 1;
        whole = meta.cursor;
        if (isEmpty(data)) return;
        try {
          take(
            data,
            rows,
            errors.some(({ code }) => code === 'MissingQuotes'),
          );
        } catch (error) {
          // Aborting calls `complete`, which has no effect after the rejection.
          fail(error);
          parser.abort();
          input.destroy();
        }
      },
      complete: () => resolve(),
      error: (cause: Error) => {
        if (cause instanceof UnravelError) {
          fail(cause);
          return;
        }
        const missing = 'code' in cause && cause.code === 'ENOENT';
        fail(
          new UnravelError(missing ? 'not-found' : 'bad-input', `Could not open ${path}.`, {
            path,
            cause,
            hint: 'Check the name, and that you may read it.',
          }),
        );
      },
    });
  });
}
