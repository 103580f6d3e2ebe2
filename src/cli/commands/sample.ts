import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { tileSize } from '../figure-options.ts';
import { withModel } from '../find.ts';
import { counted } from '../format.ts';
import { outputKind, wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface SampleOptions extends SharedOptions, ConditionOptions {
  readonly count: number;
  readonly seed: number;
  readonly size: number;
  readonly out: string;
}

/** `unravel sample`: draws images from the prior. */
export function addSampleCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'sample <run>', {
    summary: 'draw images from the prior, as a PNG sheet',
    examples: ['unravel sample first --count 64 --seed 7 --out samples.png'],
  });
  addConditionOption(command, 'the most frequent one')
    .option('--count <images>', 'number of images', wholeNumber({ min: 1, max: 4096 }), 64)
    .option('--seed <number>', 'the same seed draws the same images', wholeNumber({ min: 0 }), 1)
    .option('--size <pixels>', 'width of a face', tileSize, 128)
    .requiredOption('--out <file>', 'a .png')
    .action((run: string, { count, seed, size, out, condition, ...shared }: SampleOptions) =>
      perform(shared, async (session) => {
        outputKind(out, ['.png']);
        await withModel(session, run, async (model) => {
          const assumed = await assumeCondition(model, condition);
          const { samplePrior } = await import('../../engine/traversal/sample-prior.ts');
          const { decodeCodes } = await import('../../engine/traversal/traverse.ts');
          const { writeSampleSheet } = await import('../../engine/pictures/sheet-file.ts');
          session.reporter.status(`Drawing ${counted(count, 'image')}`);
          const pictures = decodeCodes(model, samplePrior(model, seed, count));
          session.signal.throwIfAborted();
          await writeSampleSheet(out, pictures, size);
          session.reporter.done(
            {
              run: model.info.id,
              out,
              images: count,
              seed,
              ...(assumed === undefined ? {} : { condition: assumed }),
            },
            `Wrote ${counted(count, 'sample')} of the prior to ${out}.`,
          );
        });
      }),
    );
}
