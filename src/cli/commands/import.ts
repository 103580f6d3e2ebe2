import { Option, type Command } from 'commander';
import { CropSchema, type Crop, type DatasetInfo, type SkippedFile } from '../../contract/dataset.ts';
import { addCommand } from '../command.ts';
import { describeColumns } from '../describe-dataset.ts';
import { counted, whole } from '../format.ts';
import type { Reporter } from '../output.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ImportOptions extends SharedOptions {
  readonly name?: string;
  readonly crop: Crop;
  readonly labels?: string;
}

/** Maximum number of skipped files that are listed. */
const MOST_SHOWN = 10;

function skippedLines(skipped: readonly SkippedFile[], id: string): string[] {
  const lines = skipped.slice(0, MOST_SHOWN).map(({ file, reason }) => `  ${file}: ${reason}`);
  const rest = skipped.length - lines.length;
  if (rest > 0) lines.push(`  … and ${whole(rest)} more: unravel data show ${id}`);
  return lines.length ? ['Skipped:', ...lines] : [];
}

/** Reports the result of an import: its id, counts and skipped files. */
export function reportImport(reporter: Reporter, info: DatasetInfo): void {
  const { id, images, imageSize, channels, columns, skipped, duplicates } = info;
  for (const file of skipped) reporter.event('skipped', file);
  for (const file of duplicates) reporter.event('duplicate', file);
  const remarks = [
    ...(skipped.length ? [`${whole(skipped.length)} skipped`] : []),
    ...(duplicates.length ? [`${counted(duplicates.length, 'duplicate')} kept`] : []),
  ];
  const kind = channels === 1 ? 'grey' : 'colour';
  reporter.done(
    {
      dataset: id,
      name: info.name,
      images,
      imageSize,
      channels,
      skipped: skipped.length,
      duplicates: duplicates.length,
      columns: columns.map(({ name }) => name),
    },
    `Imported ${counted(images, 'image')} as ${id}${remarks.length ? ` (${remarks.join(', ')})` : ''}.`,
    `They are ${kind}, ${imageSize}×${imageSize}; ${describeColumns(columns)}.`,
    ...skippedLines(skipped, id),
  );
}

/** `unravel import`: makes a data set of a folder, zip or NPZ. */
export function addImportCommand(program: Command, perform: Perform): void {
  addCommand(program, 'import <source>', {
    summary: 'make a data set of a folder of images, a zip or an NPZ',
    details:
      'Folders are searched with their sub-folders, whose names become a label. A list_attr_celeba.txt beside or above the images is used for labels. Files that cannot be read are skipped and listed with the reason. The originals are never changed.',
    examples: [
      'unravel import photos --name family --crop square',
      'unravel import img_align_celeba.zip --labels attributes.csv',
    ],
  })
    .option('--name <name>', "the data set's name (default: the source's)")
    .addOption(
      new Option(
        '--crop <how>',
        'auto: the face of CelebA-shaped pictures, else the centre square; none: squeeze to a square',
      )
        .choices(CropSchema.options)
        .default('auto'),
    )
    .option('--labels <file.csv>', 'a table with a column of file names; its other columns become labels')
    .action((source: string, { name, crop, labels, ...shared }: ImportOptions) =>
      perform(shared, async ({ workspace, reporter, signal }) => {
        const { importDataset } = await import('../../engine/importing/import.ts');
        const info = await importDataset(workspace, source, {
          ...(name === undefined ? {} : { name }),
          ...(labels === undefined ? {} : { labels }),
          crop,
          signal,
          onProgress: reporter.progress('Importing', 'files'),
        });
        reportImport(reporter, info);
      }),
    );
}
