import type { Command } from 'commander';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { ImageSize } from '../../contract/image-size.ts';
import { addCommand } from '../command.ts';
import { describeColumns } from '../describe-dataset.ts';
import { counted } from '../format.ts';
import type { Reporter } from '../output.ts';
import { imageSizeOption, wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface SampleDataOptions extends SharedOptions {
  readonly count?: number;
  readonly seed: number;
  readonly size?: ImageSize;
  readonly name?: string;
}

function report(
  reporter: Reporter,
  { id, name, images, imageSize, channels, columns, seed }: DatasetInfo,
): void {
  reporter.done(
    {
      dataset: id,
      name,
      images,
      imageSize,
      channels,
      skipped: 0,
      duplicates: 0,
      columns: columns.map((column) => column.name),
      seed,
    },
    `Drew ${counted(images, 'image')} as ${id}.`,
    `Each was drawn from ${describeColumns(columns)}.`,
  );
}

function withSharedOptions(command: Command): Command {
  return command
    .option('--seed <number>', 'the same seed draws the same images', wholeNumber({ min: 0 }), 1)
    .option('--name <name>', "the data set's name (default: faces or sprites)");
}

/** `unravel sample-data`: draws data sets whose factors are known. */
export function addSampleDataCommand(program: Command, perform: Perform): void {
  const sampleData = program
    .command('sample-data')
    .summary('draw a data set whose factors are known: faces or sprites')
    .description('Draw a data set whose factors are known.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExample:\n  $ unravel sample-data faces --count 2000');
  const faces = addCommand(sampleData, 'faces', {
    summary: 'draw portraits from independent factors: skin, hair, glasses, smile, turn and more',
    examples: [
      'unravel sample-data faces',
      'unravel sample-data faces --count 2000 --seed 7 --name portraits',
    ],
  })
    .option('--count <images>', 'number of images', wholeNumber({ min: 1, max: 1_000_000 }), 10_000)
    .addOption(imageSizeOption('width and height of the images in pixels'));
  withSharedOptions(faces).action(({ count = 10_000, seed, size, name, ...shared }: SampleDataOptions) =>
    perform(shared, async ({ workspace, reporter, signal }) => {
      const { createSampleFaces } = await import('../../engine/data/sample.ts');
      const onProgress = reporter.progress('Drawing', 'faces');
      const options = {
        ...{ count, seed, signal, onProgress },
        ...(size === undefined ? {} : { imageSize: size }),
        ...(name === undefined ? {} : { name }),
      };
      report(reporter, await createSampleFaces(workspace, options));
    }),
  );
  const sprites = addCommand(sampleData, 'sprites', {
    summary: "dSprites' squares, ellipses and hearts: 3 shapes, 6 scales, 40 orientations, 32×32 positions",
    examples: ['unravel sample-data sprites', 'unravel sample-data sprites --count 20000'],
  }).option(
    '--count <images>',
    'number of images, chosen at random from the 737,280 combinations (default: all, which are not stored)',
    wholeNumber({ min: 1, max: 737_280 }),
  );
  withSharedOptions(sprites).action(({ count, seed, name, ...shared }: SampleDataOptions) =>
    perform(shared, async ({ workspace, reporter }) => {
      const { createSprites } = await import('../../engine/data/sample.ts');
      const options = {
        seed,
        ...(count === undefined ? {} : { count }),
        ...(name === undefined ? {} : { name }),
      };
      report(reporter, await createSprites(workspace, options));
    }),
  );
}
