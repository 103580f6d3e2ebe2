import type { Command } from 'commander';
import type { Sharpness } from '../../engine/metrics/sharpness.ts';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { withModel } from '../find.ts';
import { counted, measured } from '../format.ts';
import { wholeNumber } from '../parse.ts';
import { openRunDataset } from '../run-dataset.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface SharpnessOptions extends SharedOptions, ConditionOptions {
  readonly count: number;
  readonly seed: number;
  readonly data?: string;
}

const line = (what: string, { value, low, high, images }: Sharpness): string =>
  `${what.padEnd(16)} ${measured(value).padStart(8)}  (${measured(low)} to ${measured(high)}, ${counted(images, 'picture')})`;

/** `unravel sharpness`: measures how sharp a model's pictures are. */
export function addSharpnessCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'sharpness <run>', {
    summary: "measure how sharp a model's pictures are",
    details:
      'The variance of the Laplacian of grey values from 0 to 255, averaged over pictures, with its 95 % interval: of samples of the prior, and of held-out images and their reconstructions; and the peak signal-to-noise ratio of these. Noise also counts as sharp, so look at the pictures with unravel sample.',
    examples: ['unravel sharpness first', 'unravel sharpness first --count 1000 --json'],
  });
  addConditionOption(command, 'the most frequent one')
    .option('--count <pictures>', 'maximum number of pictures', wholeNumber({ min: 2, max: 10_000 }), 256)
    .option('--seed <number>', 'the same seed draws the same samples', wholeNumber({ min: 0 }), 1)
    .option('--data <dataset>', "the data set of the images (default: the run's own)")
    .action((run: string, { count, seed, data, condition, ...shared }: SharpnessOptions) =>
      perform(shared, async (session) => {
        await withModel(session, run, async (model) => {
          const { measureSharpness } = await import('../../engine/metrics/sharpness.ts');
          const { measurePsnr } = await import('../../engine/metrics/psnr.ts');
          const { samplePrior } = await import('../../engine/traversal/sample-prior.ts');
          const { heldOutIndices } = await import('../../engine/traversal/start.ts');
          const { readConditions } = await import('../../engine/inference/conditions.ts');
          const { readFitted } = await import('../../engine/inference/image-source.ts');
          const { imageSize, channels, info } = model;
          const measure = (pictures: Float32Array, images: number): Sharpness =>
            measureSharpness(pictures, images, imageSize, channels);
          session.reporter.status(`Drawing ${counted(count, 'image')}`);
          await assumeCondition(model, condition);
          const samples = measure(model.decode(samplePrior(model, seed, count), count), count);
          session.signal.throwIfAborted();

          const dataset = await openRunDataset(session, model, data);
          let own: { images: Sharpness; reconstructions: Sharpness; psnr: Sharpness } | undefined;
          try {
            const chosen = dataset && (await heldOutIndices(model, dataset)).subarray(0, count);
            if (dataset && chosen && chosen.length > 1) {
              const images = await readFitted(dataset, chosen, model);
              const condition = (await readConditions(model.condition, dataset))(chosen);
              const { mu } = model.encode(images, chosen.length, condition);
              const reconstructions = model.decode(mu, chosen.length, condition);
              own = {
                images: measure(
                  Float32Array.from(images, (byte) => byte / 255),
                  chosen.length,
                ),
                reconstructions: measure(reconstructions, chosen.length),
                psnr: measurePsnr(images, reconstructions, chosen.length),
              };
            }
          } finally {
            await dataset?.close();
          }
          session.reporter.done(
            { run: info.id, seed, samples, ...own },
            line('samples', samples),
            ...(own
              ? [
                  line('images', own.images),
                  line('reconstructions', own.reconstructions),
                  line('PSNR, dB', own.psnr),
                ]
              : []),
          );
        });
      }),
    );
}
