import type { DatasetInfo, JoinedTable } from '../contract/dataset.ts';
import { counted, whole } from './format.ts';

function tableLines({
  file,
  nameColumn: _,
  rows,
  rowsWithoutImage,
  notes,
  ambiguous,
  ambiguousNames,
}: JoinedTable): string[] {
  const unused = rowsWithoutImage > 0 ? `, ${whole(rowsWithoutImage)} of them for no image` : '';
  return [
    `  ${file}: ${counted(rows, 'row')}${unused}. ${notes.join(' ')}`.trimEnd(),
    ...(ambiguous > 0
      ? [
          `    ${counted(ambiguous, 'name')} might be one of several and ${ambiguous === 1 ? 'was' : 'were'} not used:`,
          ...ambiguousNames.map(({ name, candidates }) => `    “${name}”: ${candidates.join(' or ')}`),
        ]
      : []),
  ];
}

/** What was joined to the images of a data set, and how it was recognised, in lines. */
export function labelLines({ labels, split, images }: DatasetInfo): string[] {
  const lines: string[] = [];
  if (labels?.tables) lines.push('Labels:', ...labels.tables.flatMap(tableLines));
  if (labels?.namePattern !== undefined) lines.push(`Labels of the file names: ${labels.namePattern}.`);
  if (labels && labels.imagesWithoutRow > 0) {
    lines.push(`  ${whole(labels.imagesWithoutRow)} of ${counted(images, 'image')} have no row.`);
  }
  if (labels && labels.columnsLeftOut.length > 0) {
    lines.push(
      `  Left out, because they are empty or differ in every row: ${labels.columnsLeftOut.join(', ')}.`,
    );
  }
  if (split) {
    const parts = [
      `${whole(split.train + split.unknown)} for training`,
      ...(split.validation > 0 ? [`${whole(split.validation)} for validation`] : []),
      ...(split.test > 0 ? [`${whole(split.test)} for test`] : []),
    ];
    lines.push(
      `Split by “${split.column}”: ${parts.join(', ')}. Training holds out those for ${split.test > 0 ? 'test' : 'validation'}.`,
    );
  }
  return lines;
}
