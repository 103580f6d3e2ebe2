import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { withModel } from '../find.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface DecodeOptions extends SharedOptions, ConditionOptions {
  readonly codes: string;
  readonly out: string;
}

/** `unravel decode`: decodes codes into images. */
export function addDecodeCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'decode <run>', {
    summary: 'decode codes into images',
    details:
      'Codes are read from the columns z_0 … (or else mu_0 …) of a .csv, the array of a .npy, or the tensor z (or else mu) of a .safetensors. Images go to a new folder as PNG, or into a .safetensors as the tensor "decoded", float32 in [0, 1].',
    examples: [
      'unravel decode first --codes codes.csv --out decoded',
      'unravel decode first --codes codes.npy --out images.safetensors',
    ],
  });
  addConditionOption(command, 'the most frequent one')
    .requiredOption('--codes <file>', 'a .csv, .npy or .safetensors')
    .requiredOption('--out <folder|file>', 'a new folder, or a .safetensors')
    .action((run: string, { codes, out, condition, ...shared }: DecodeOptions) =>
      perform(shared, async (session) => {
        const { reporter, signal } = session;
        await withModel(session, run, async (model) => {
          const assumed = await assumeCondition(model, condition);
          const { readCodes } = await import('../../engine/codes/code-files.ts');
          const { writeImages } = await import('../../engine/pictures/images.ts');
          const { decodeAll } = await import('../../engine/inference/all.ts');
          const { z, names } = await readCodes(codes, model.latentDim);
          const count = z.shape[0]!;
          const onProgress = reporter.progress('Decoding', 'codes');
          const data = await decodeAll(model, z.data, count, { signal, onProgress });
          const { imageSize, channels } = model;
          await writeImages(out, { shape: [count, imageSize, imageSize, channels], data }, names);
          reporter.done(
            {
              run: model.info.id,
              out,
              images: count,
              ...(assumed === undefined ? {} : { condition: assumed }),
            },
            `Wrote ${counted(count, 'image')} to ${out}.`,
          );
        });
      }),
    );
}
