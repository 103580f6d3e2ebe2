import { rowTooLong, TABLE_LIMITS } from './table-limits.ts';

/**
 * The lines of a text, which end as they do on any system.
 *
 * @param source - the text, piece by piece
 * @param path - what to call it in errors
 * @returns as many at a time as a piece holds
 * @throws UnravelError `bad-input` for a line that is too long to be one
 */
export async function* readLines(
  source: AsyncIterable<string | Buffer>,
  path: string,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  let count = 0;
  for await (const piece of source) {
    // A carriage return at the end may be followed by its line feed in the next piece.
    const lines = (rest + piece.toString()).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    count += lines.length;
    yield lines;
    if (rest.length > TABLE_LIMITS.rowCharacters) throw rowTooLong(path, count + 1);
  }
  if (rest !== '') yield [rest];
}
