import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeObjective } from '../describe-run.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ImportModelOptions extends SharedOptions {
  readonly name?: string;
  readonly mapping?: string;
}

/** `unravel import-model`: makes a run of a model that was trained elsewhere. */
export function addImportModelCommand(program: Command, perform: Perform): void {
  addCommand(program, 'import-model <source>', {
    summary: 'open a model that Unravel exported, or that another program trained in PyTorch, as a run',
    details:
      'The source is a file of weights (.pt, .pth, .ckpt, .bin or .safetensors), or a folder or zip with one or with the files of export-model. Nothing in a file is executed. The architecture is recognised by the weights: disentangling-vae, 1Konny/Beta-VAE, AntixK/PyTorch-VAE and pythae. docs/models.md tells how others are described.',
    examples: [
      'unravel import-model pretrained/btcvae_celeba --name btcvae',
      'unravel import-model last.ckpt --mapping layers.json',
    ],
  })
    .option('--name <name>', "the run's name (default: the folder's or file's)")
    .option('--mapping <file>', 'JSON that lists the layers and the names of their weights')
    .action((source: string, { name, mapping, ...shared }: ImportModelOptions) =>
      perform(shared, async ({ workspace, reporter }) => {
        const { importNamedModel } = await import('../../engine/runs/model-source.ts');
        const info = await importNamedModel(workspace, source, {
          ...(name !== undefined && { name }),
          ...(mapping !== undefined && { mapping }),
        });
        const { id, config, imageSize, channels, importedFrom } = info;
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
            importedFrom: importedFrom ?? null,
          },
          `Imported the ${describeObjective(config.objective)} as ${id} (${importedFrom ?? 'from elsewhere'}): ${counted(config.latentDim, 'dimension')}, ${images} images.`,
          `See what its dimensions do: unravel traverse ${id} --prior --labels --out traversal.gif`,
        );
      }),
    );
}
