import { stretchText } from '../contract/contrast.ts';
import type { Column, DatasetInfo } from '../contract/dataset.ts';
import { groupByReason, reasonOfMany } from '../contract/skipped-files.ts';
import { alternatives, counted, listing, moment, whole } from './format.ts';

/** Maximum number of names that are listed in a sentence. */
const NAMED = 4;

/** Describes the labels and factors: `40 binary labels (Bald, Bangs, Big_Lips, Black_Hair, …)`. */
export function describeColumns(columns: readonly Column[]): string {
  if (!columns.length) return 'no labels';
  const groups = new Map<string, string[]>();
  for (const column of columns) {
    const { name } = column;
    const kind = kindOf(column);
    groups.set(kind, [...(groups.get(kind) ?? []), name]);
  }
  return [...groups]
    .map(([kind, names]) => {
      const shown = names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', …' : '');
      return `${counted(names.length, kind)} (${shown})`;
    })
    .join('; ');
}

function kindOf({ type, factor, date }: Column): string {
  return `${date ? 'date' : type} ${factor ? 'factor' : 'label'}`;
}

function describeColumn(column: Column): string {
  const { categories, unit, date } = column;
  const values = categories
    ? `: ${alternatives(categories.slice(0, 12))}${categories.length > 12 ? ' …' : ''}`
    : '';
  const scale = unit === undefined ? (date ? `, from ${date.from}` : '') : `, in ${unit}`;
  return `${kindOf(column)}${values}${scale}`;
}

/** Everything about a data set, one fact per line. */
export function describeDataset(info: DatasetInfo): string[] {
  const skipped = groupByReason(info.skipped).flatMap(({ reason, files }) =>
    files.length === 1
      ? [`  ${files[0]}: ${reason}`]
      : [
          `  ${counted(files.length, 'file')}: ${reasonOfMany(reason)}`,
          ...files.map((file) => `    ${file}`),
        ],
  );
  const duplicates = info.duplicates.map(({ file, sameAs }) => `  ${file} has the same bytes as ${sameAs}`);
  return [
    ...listing([
      ['Data set', info.id],
      ['Name', info.name],
      [
        'Images',
        `${whole(info.images)}, ${info.channels === 1 ? 'grey' : 'colour'}, ${info.imageSize}×${info.imageSize}`,
      ],
      ['Source', info.source],
      ['Seed', info.seed === undefined ? undefined : String(info.seed)],
      ['Contrast', info.stretch && stretchText(info.stretch)],
      ['Crop', info.kind === 'imported' ? info.crop : undefined],
      ['Made', moment(info.created)],
    ]),
    ...(info.columns.length ? ['', 'Labels and factors'] : []),
    ...listing(info.columns.map((column) => [`  ${column.name}`, describeColumn(column)])),
    ...(skipped.length ? ['', `Skipped: ${whole(info.skipped.length)}`, ...skipped] : []),
    ...(duplicates.length ? ['', `Duplicates: ${whole(duplicates.length)}`, ...duplicates] : []),
  ];
}
