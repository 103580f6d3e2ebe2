import { ColumnBuilder } from '../files/csv.ts';
import { checkColumns, checkRows } from '../files/table-limits.ts';
import { readLines } from '../files/text-lines.ts';
import { brokenTable, type RawTable } from './raw-table.ts';

type Cells = Map<string, string>;

/** The values of an object as texts; objects inside it are named by their path: `pose.yaw`. Lists are left out. */
function collect(value: object, prefix: string, into: Cells, lists: Set<string>): void {
  for (const [key, inner] of Object.entries(value) as [string, object | string | number | boolean | null][]) {
    const name = prefix + key;
    if (inner === null) into.set(name, '');
    else if (Array.isArray(inner)) lists.add(name);
    else if (typeof inner === 'object') {
      if (prefix === '') collect(inner, `${name}.`, into, lists);
      else lists.add(name);
    } else into.set(name, String(inner).trim());
  }
}

/**
 * Reads JSON Lines: an object in each line, such as the `metadata.jsonl` of Hugging Face's image folders.
 *
 * @throws UnravelError `bad-input`
 */
export async function readJsonLines(
  text: AsyncIterable<string>,
  file: string,
): Promise<Pick<RawTable, 'columns' | 'rows' | 'notes'>> {
  const columns = new Map<string, ColumnBuilder>();
  const lists = new Set<string>();
  let rows = 0;
  let line = 0;
  for await (const lines of readLines(text, file)) {
    for (const one of lines) {
      line += 1;
      if (one.trim() === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(one);
      } catch (cause) {
        throw brokenTable(
          file,
          `line ${line} is not a JSON object`,
          'Put one JSON object into each line.',
          cause,
        );
      }
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw brokenTable(file, `line ${line} is not a JSON object`, 'Put one JSON object into each line.');
      }
      const cells: Cells = new Map();
      collect(value, '', cells, lists);
      for (const name of cells.keys()) {
        if (columns.has(name)) continue;
        const column = new ColumnBuilder(name);
        for (let i = 0; i < rows; i++) column.push('');
        columns.set(name, column);
        checkColumns(file, [...columns.keys()]);
      }
      rows += 1;
      checkRows(file, rows, Math.max(1, columns.size));
      for (const [name, column] of columns) column.push(cells.get(name) ?? '');
    }
  }
  if (rows === 0) throw brokenTable(file, 'it is empty', 'Put one JSON object into each line.');
  return {
    columns: [...columns.values()].map((column) => column.build()),
    rows,
    notes:
      lists.size === 0
        ? []
        : [`Lists cannot be labels and were left out: ${[...lists].slice(0, 8).join(', ')}.`],
  };
}
