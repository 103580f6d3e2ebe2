import { rowTooLong, TABLE_LIMITS } from './table-limits.ts';

/**
 * The lines of a text, with the line ends of any system.
 *
 * @param source - the text, piece by piece
 * @param path - what to call it in errors
 * @returns in each step the lines of one piece
 * @throws UnravelError `bad-input` for a line that is too long
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
