import { UnravelError } from '../../contract/errors.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import { readLines } from '../files/text-lines.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { LabelTable } from './label-table.ts';

const CAPACITY = 4096;

/**
 * Reads CelebA's `list_attr_celeba.txt`: the number of rows, the attributes' names, then one row per image with its
 * name and −1 or 1 for each attribute.
 *
 * @param source - the text
 * @param path - what to call it in errors
 * @returns binary columns, 1 where the image has the attribute
 * @throws UnravelError `bad-input`
 */
export async function readCelebaAttributes(
  source: AsyncIterable<string | Buffer>,
  path: string,
): Promise<LabelTable> {
  const keys: string[] = [];
  let names: string[] | undefined;
  // `[rows, attributes]`; 202,599 rows of 40 attributes are 8 MB.
  let values = new Int8Array(0);
  let line = 0;

  function take(text: string): void {
    line += 1;
    const words = text.trim().split(/\s+/);
    if (words[0] === '' || (names === undefined && words.length === 1 && /^\d+$/.test(words[0]!))) return;
    if (names === undefined) {
      checkColumns(path, words);
      names = words;
      values = new Int8Array(CAPACITY * names.length);
      return;
    }
    if (words.length !== names.length + 1) {
      throw new UnravelError(
        'bad-input',
        `Could not read ${path}: line ${line} has ${words.length - 1} values, not ${names.length}.`,
        { path, hint: 'Download list_attr_celeba.txt again.' },
      );
    }
    checkRows(path, keys.length + 1, names.length);
    const offset = keys.length * names.length;
    if (offset === values.length) {
      const grown = new Int8Array(values.length * 2);
      grown.set(values);
      values = grown;
    }
    keys.push(words[0]!);
    for (let i = 0; i < names.length; i++) values[offset + i] = words[i + 1] === '1' ? 1 : 0;
  }

  for await (const lines of readLines(source, path)) lines.forEach(take);
  if (!names || keys.length === 0) {
    throw new UnravelError('bad-input', `Could not read ${path}: it holds no attributes.`, {
      path,
      hint: 'Download list_attr_celeba.txt again.',
    });
  }
  const width = names.length;
  const columns = names.map((name, i): ColumnValues => {
    const column = Float32Array.from(keys, (_, row) => values[row * width + i]!);
    return { column: { name, type: 'binary', factor: false }, values: column };
  });
  return { path, keys, columns, leftOut: [] };
}
