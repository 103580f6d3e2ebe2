import { InvalidArgumentError, Option, type Command } from 'commander';
import * as v from 'valibot';
import { PercentilesSchema, stretchText, type Contrast } from '../../contract/contrast.ts';
import { CropSchema, type Crop, type DatasetInfo, type SkippedFile } from '../../contract/dataset.ts';
import { groupByReason, reasonOfMany } from '../../contract/skipped-files.ts';
import { addCommand } from '../command.ts';
import { describeColumns } from '../describe-dataset.ts';
import { labelLines } from '../describe-labels.ts';
import { counted, whole } from '../format.ts';
import type { OfferedPattern } from '../../contract/label-choice.ts';
import type { ImageSize } from '../../contract/image-size.ts';
import { imageSizeOption } from '../parse.ts';
import type { Reporter } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ImportOptions extends SharedOptions {
  readonly name?: string;
  readonly crop: Crop;
  readonly size: ImageSize;
  readonly contrast: Contrast;
  /** `false` by `--no-labels`. */
  readonly labels?: readonly string[] | false;
  readonly nameColumn?: string;
  readonly namePattern?: string;
  readonly followLinks?: string;
}

/** Maximum number of reasons for which files were skipped that are listed. */
const MOST_REASONS = 10;
/** Number of files that are named as examples of a reason. */
const EXAMPLES = 3;

function skippedLines(skipped: readonly SkippedFile[], id: string): string[] {
  const groups = groupByReason(skipped);
  const lines = groups.slice(0, MOST_REASONS).map(({ reason, files }) => {
    if (files.length === 1) return `  ${files[0]}: ${reason}`;
    const examples = files.slice(0, EXAMPLES).join(', ');
    return `  ${counted(files.length, 'file')}: ${reasonOfMany(reason)} (${examples}${files.length > EXAMPLES ? ', …' : ''})`;
  });
  if (groups.some(({ files }) => files.length > EXAMPLES) || groups.length > MOST_REASONS) {
    lines.push(`  All of them: unravel data show ${id}`);
  }
  if (skipped.some(({ reason }) => reason === 'it is a link that leaves the folder')) {
    lines.push('  Links into a folder that you name are followed with --follow-links <folder>.');
  }
  return lines.length ? ['Skipped:', ...lines] : [];
}

/** Reads the value of `--contrast`. */
function parseContrast(text: string): Contrast {
  if (text === 'auto' || text === 'none') return text;
  const parsed = v.safeParse(
    PercentilesSchema,
    text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))),
  );
  if (parsed.success) return parsed.output;
  throw new InvalidArgumentError('It is auto, none, or two percentiles such as 0.1,99.9.');
}

/** Collects the values of an option that may be given several times. */
function append(value: string, before: readonly string[] | false | undefined): readonly string[] {
  return [...(before || []), value];
}

/** Says which pattern of the file names was found, and how its parts become labels. */
function offerLine({ pattern, images }: OfferedPattern): string {
  return `${counted(images, 'file name')} ${images === 1 ? 'fits' : 'fit'} ${pattern}: --name-pattern "${pattern}" makes labels of its parts.`;
}

/** Reports the result of an import: its id, counts, skipped files, and a pattern that its file names fit. */
function reportImport(reporter: Reporter, info: DatasetInfo, offered: OfferedPattern | undefined): void {
  const { id, images, imageSize, channels, columns, stretch, notes = [], skipped, duplicates } = info;
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
      ...(stretch ? { stretch } : {}),
      ...(info.labels ? { labels: info.labels } : {}),
      ...(info.split ? { split: info.split } : {}),
      ...(notes.length ? { notes } : {}),
      ...(offered ? { offeredNamePattern: offered.pattern } : {}),
    },
    `Imported ${counted(images, 'image')} as ${id}${remarks.length ? ` (${remarks.join(', ')})` : ''}.`,
    `They are ${kind}, ${imageSize}×${imageSize}; ${describeColumns(columns)}.`,
    ...(stretch ? [`The contrast was stretched: ${stretchText(stretch)}.`] : []),
    ...labelLines(info),
    ...notes,
    ...(offered ? [offerLine(offered)] : []),
    ...skippedLines(skipped, id),
  );
}

/** `unravel import`: makes a data set of a folder, an archive or arrays. */
export function addImportCommand(program: Command, perform: Perform): void {
  /** Which of two options that contradict each other were given. */
  const given = { labels: false, none: false };
  addCommand(program, 'import <source>', {
    summary: 'make a data set of a folder of images, a zip or tar, or arrays',
    details:
      'Folders are searched with their sub-folders, whose names become a label. Folders train, val and test become a split. Every table in the folder or beside it that names the images is joined: CSV, TSV, JSON Lines, Parquet and CelebA’s lists. What is not used is named with the reason. Files that cannot be read are skipped and listed with the reason. The originals are never changed.',
    examples: [
      'unravel import photos --name family --crop square',
      'unravel import img_align_celeba.zip --labels attributes.csv',
      'unravel import img_align_celeba.zip --size 128',
      'unravel import cells --labels plate.csv --labels doses.tsv --name-column well',
      'unravel import UTKFace --name-pattern "{age}_{gender}_{race}_{*}"',
      'unravel import ~/.cache/huggingface/hub/datasets--x/snapshots/abc --follow-links ~/.cache/huggingface/hub/datasets--x',
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
    .addOption(imageSizeOption('width and height of the images in pixels; smaller pictures are enlarged'))
    .addOption(
      new Option(
        '--contrast <how>',
        'auto: stretch 16-bit pictures that use less than a quarter of their range; none; or two percentiles that become black and white, such as 0.1,99.9',
      )
        .argParser(parseContrast)
        .default('auto'),
    )
    .option(
      '--labels <file>',
      'a table with a column of file names, whose other columns become labels; may be given several times (default: those found with the images)',
      append,
    )
    .option('--no-labels', 'join no table')
    .option(
      '--name-column <name>',
      'the column of the tables that names the images (default: found by its values)',
    )
    .option(
      '--name-pattern <pattern>',
      'labels in the file names, such as {age}_{gender}_{*}: each name in braces becomes a label',
    )
    .option(
      '--follow-links <folder>',
      'follow links that lead into this folder (default: none that leave the source)',
    )
    .on('option:labels', () => (given.labels = true))
    .on('option:no-labels', () => (given.none = true))
    .action(
      (
        source: string,
        {
          name,
          crop,
          size,
          contrast,
          labels,
          nameColumn,
          namePattern,
          followLinks,
          ...shared
        }: ImportOptions,
      ) =>
        perform(shared, async ({ workspace, reporter, signal }) => {
          if (given.labels && given.none) {
            throw new UsageError(
              '--labels and --no-labels contradict each other.',
              'Give the tables that are to be joined, or --no-labels for none.',
            );
          }
          const { importDataset } = await import('../../engine/importing/import.ts');
          let offered: OfferedPattern | undefined;
          const info = await importDataset(workspace, source, {
            ...(name === undefined ? {} : { name }),
            labels,
            nameColumn,
            namePattern,
            followLinks,
            // Without labels nobody wants those of the names.
            ...(labels !== false && { onNamePattern: (found) => (offered = found) }),
            crop,
            imageSize: size,
            contrast,
            signal,
            onProgress: reporter.progress('Importing', 'files'),
          });
          reportImport(reporter, info, offered);
        }),
    );
}
