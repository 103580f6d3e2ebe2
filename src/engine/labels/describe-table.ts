import type { FoundTableInfo } from '../../contract/label-choice.ts';
import type { FoundTable } from './find-labels.ts';

/** Number of images that are shown with their rows, and of the columns that are shown of them. */
const [EXAMPLES, COLUMNS] = [10, 8];

/** Describes a table that was found, with the rows of a few images spread over the source. */
export function describeTable(
  { file, table, reason, columns }: FoundTable,
  names: readonly string[],
): FoundTableInfo {
  const found = { file, columns: [...columns], ...(reason === undefined ? {} : { reason }) };
  if (!table || table.matched === 0) return found;
  const images: number[] = [];
  table.rowOf.forEach((row, image) => {
    if (row >= 0) images.push(image);
  });
  const shown = table.columns.slice(0, COLUMNS);
  const count = Math.min(EXAMPLES, images.length);
  const examples = Array.from({ length: count }, (_, i) => {
    const image = images[Math.floor((i * images.length) / count)]!;
    const row = table.rowOf[image]!;
    return {
      image: names[image]!,
      name: table.nameOf(row),
      values: shown.map(({ texts, codes }) => texts[codes[row]!]!),
    };
  });
  return {
    ...found,
    joined: {
      nameColumn: table.nameColumn,
      images: table.matched,
      rows: table.rows,
      notes: [...table.notes],
      labels: shown.map(({ name }) => name),
      examples,
      ambiguous: table.ambiguous.examples.map(({ name, candidates }) => ({
        name,
        candidates: [...candidates],
      })),
    },
  };
}
