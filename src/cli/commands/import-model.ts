import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeObjective } from '../describe-run.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ImportModelOptions extends SharedOptions {
  readonly name?: string;
}

/** `unravel import-model`: makes a run of a model that was trained elsewhere. */
export function addImportModelCommand(program: Command, perform: Perform): void {
  addCommand(program, 'import-model <folder>', {
    summary: 'open a model exported by Unravel, or trained by disentangling-vae in PyTorch, as a run',
    details:
      'The folder contains the files of export-model, or model.safetensors and specs.json. A zip of them is opened, too.',
    examples: ['unravel import-model pretrained/btcvae_celeba --name btcvae'],
  })
    .option('--name <name>', "the run's name (default: the folder's)")
    .action((folder: string, { name, ...shared }: ImportModelOptions) =>
      perform(shared, async ({ workspace, reporter }) => {
        const { importModel } = await import('../../engine/runs/portable.ts');
        const { importModelFrom } = await import('../../engine/runs/model-source.ts');
        const named = name === undefined ? {} : { name };
        // Where there is no model, the second says what is missing.
        const info =
          (await importModelFrom(workspace, [folder], named)) ??
          (await importModel(workspace, folder, named));
        const { id, config, imageSize, channels } = info;
        const images = `${imageSize}×${imageSize} ${channels === 1 ? 'grey' : 'colour'}`;
        reporter.done(
          {
            run: id,
            name: info.name,
            epochs: info.epoch,
            latentDim: config.latentDim,
            imageSize,
            channels,
            heldOut: null,
          },
          `Imported the ${describeObjective(config.objective)} as ${id}: ${counted(config.latentDim, 'dimension')}, ${images} images.`,
          `See what its dimensions do: unravel traverse ${id} --prior --labels --out traversal.gif`,
        );
      }),
    );
}
