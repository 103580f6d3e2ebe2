import { PIECE_BYTES } from './archive.ts';

/**
 * Cuts a stream of bytes into pieces of whole rows.
 *
 * @param chunks - the stream
 * @param skip - number of bytes before the first row
 * @param rowBytes - size of a row, not zero
 * @param rows - number of rows
 * @param isToEnd - whether the stream ends with these rows; it is then read to its end, where its checksum is
 * @returns pieces whose sizes are multiples of `rowBytes`; fewer rows if the stream ends early
 */
export async function* wholeRows(
  chunks: AsyncIterable<Buffer>,
  skip: number,
  rowBytes: number,
  rows: number,
  isToEnd: boolean,
): AsyncGenerator<Buffer> {
  let toSkip = skip;
  let left = rows * rowBytes;
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  for await (const chunk of chunks) {
    const from = Math.min(toSkip, chunk.length);
    toSkip -= from;
    const used = chunk.subarray(from, from + left);
    left -= used.length;
    pieces.push(used);
    piecesBytes += used.length;
    // The pieces are joined only when a row is complete, because one row may consist of hundreds of pieces.
    if (left > 0 && piecesBytes < Math.max(rowBytes, PIECE_BYTES)) continue;
    if (piecesBytes >= rowBytes) {
      const bytes = Buffer.concat(pieces, piecesBytes);
      const whole = piecesBytes - (piecesBytes % rowBytes);
      yield bytes.subarray(0, whole);
      pieces = [bytes.subarray(whole)];
      piecesBytes -= whole;
    }
    if (left === 0 && !isToEnd) return;
  }
  if (piecesBytes >= rowBytes) yield Buffer.concat(pieces, piecesBytes - (piecesBytes % rowBytes));
}
