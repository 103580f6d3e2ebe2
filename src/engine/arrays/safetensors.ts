import type { SkippedFile } from '../../contract/dataset.ts';
import { decodeNumbers } from '../files/numbers.ts';
import { readTensorHeader } from '../files/safetensors.ts';
import { rowElements, type ArrayArchive, type StoredArray } from './archive.ts';
import { openFile } from './open-file.ts';
import { wholeRows } from './row-stream.ts';

/**
 * Opens a safetensors file. Tensors of types that are not supported are refused one by one.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openSafetensors(path: string): Promise<ArrayArchive> {
  const { entries, bodyStart } = await readTensorHeader(path);
  const file = openFile(path);
  const arrays = new Map<string, StoredArray>();
  const refused: SkippedFile[] = [];
  for (const { name, dtype, type, shape, start, end } of entries) {
    if (type === undefined) {
      refused.push({ file: name, reason: `numbers of type ${dtype} are not supported` });
      continue;
    }
    const count = shape[0] ?? 1;
    const rowBytes = count === 0 ? 0 : (end - start) / count;
    arrays.set(name, {
      type,
      shape,
      isReversed: false,
      canSeek: true,
      async *rows(from, to) {
        if (rowBytes === 0 || rowElements({ shape }) === 0) return;
        const bytes = file.stream(bodyStart + start + from * rowBytes);
        for await (const piece of wholeRows(bytes, 0, rowBytes, to - from, false)) {
          yield decodeNumbers(type, piece as Buffer<ArrayBuffer>);
        }
      },
    });
  }
  return { path, kind: 'safetensors file', arrays, refused, close: () => file.close() };
}
