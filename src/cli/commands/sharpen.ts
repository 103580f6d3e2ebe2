import { Option, type Command } from 'commander';
import { PrecisionSchema, type Precision } from '../../contract/run.ts';
import { sharpeningConfig } from '../../contract/sharpen-run.ts';
import { SHARPENING_DEFAULTS } from '../../contract/sharpening.ts';
import { addCommand } from '../command.ts';
import { describeObjective } from '../describe-run.ts';
import { findDatasetId, findRun } from '../find.ts';
import { counted } from '../format.ts';
import { decimalNumber, outputKind, wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { reportSharpened } from '../sharpening-report.ts';
import { followTraining } from '../training-outcome.ts';

interface SharpenOptions extends SharedOptions {
  readonly epochs?: number;
  readonly lr?: number;
  readonly batch?: number;
  readonly adversarial?: number;
  readonly perceptual?: number;
  readonly precision?: Precision;
  readonly seed?: number;
  readonly data?: string;
  readonly name?: string;
  readonly out?: string;
}

const { epochs, learningRate, batchSize, adversarial, perceptual } = SHARPENING_DEFAULTS;

/** `unravel sharpen`: trains a model's decoder further, for sharper pictures of the same codes. */
export function addSharpenCommand(program: Command, perform: Perform): void {
  addCommand(program, 'sharpen <run>', {
    summary: "sharpen a model's pictures; its codes stay the same",
    details:
      'Makes a new run, whose encoder is that of the given one: codes stay the same, bit for bit. Its decoder learns on, by the squared error of pixels, by the difference of the encoder’s own features, and against a discriminator of images, which also judges samples of the prior. Afterwards the sharpness (variance of the Laplacian) and the squared error of held-out images are compared, and a sheet is written. Ctrl-C writes a checkpoint, from which unravel resume continues.',
    examples: [
      'unravel sharpen first',
      'unravel sharpen first --epochs 10 --adversarial 0.8 --out sharp.png',
    ],
  })
    .option('--epochs <number>', `number of passes over all images (default: ${epochs})`, wholeNumber())
    .option(
      '--lr <rate>',
      `Adam's learning rate, which falls to 0 (default: ${learningRate})`,
      decimalNumber(),
    )
    .option(
      '--batch <images>',
      `images per step (default: the run's, at most ${batchSize})`,
      wholeNumber({ min: 2, max: 4096 }),
    )
    .option(
      '--adversarial <weight>',
      `weight of the discriminator: the length of its gradient relative to the pixels' (default: ${adversarial})`,
      decimalNumber(),
    )
    .option(
      '--perceptual <weight>',
      `weight of the features' difference, likewise (default: ${perceptual})`,
      decimalNumber(),
    )
    .addOption(
      new Option('--precision <kind>', "full or mixed, as for unravel train (default: the run's)").choices(
        PrecisionSchema.options,
      ),
    )
    .option(
      '--seed <number>',
      "the same seed gives the same run (default: the run's)",
      wholeNumber({ min: 0 }),
    )
    .option('--data <dataset>', "the images, for a model that was trained elsewhere (default: the run's own)")
    .option('--name <name>', 'the new run\'s name (default: the run\'s, with "sharpened")')
    .option(
      '--out <file>',
      "a .png for the sheet of originals, before and after (default: in the run's folder)",
    )
    .action((named: string, { data, name, out, lr, ...options }: SharpenOptions) =>
      perform(options, async (session) => {
        if (out !== undefined) outputKind(out, ['.png']);
        const { reporter, workspace, signal } = session;
        const { info: origin } = await findRun(session, named);
        const dataset = data === undefined ? undefined : await findDatasetId(session, data);
        const { sharpen } = await import('../../engine/training/sharpen.ts');
        const { epochs, batch, adversarial, perceptual, precision, seed } = options;
        const choices = {
          epochs,
          learningRate: lr,
          batchSize: batch,
          adversarial,
          perceptual,
          precision,
          seed,
        };
        const config = sharpeningConfig(origin.config, choices);
        reporter.say(
          `Sharpening the ${describeObjective(origin.config.objective)} ${origin.name}: ` +
            `${counted(config.epochs, 'epoch')}, batches of ${config.batchSize}. Its codes stay the same.`,
        );
        const done = await followTraining(reporter, config, (onEvent) =>
          sharpen(workspace, origin.id, { choices, dataset, name, signal, onEvent }),
        );
        await reportSharpened(session, done, out);
      }),
    );
}
