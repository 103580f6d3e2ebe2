import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { CropSchema, type Crop } from '../../contract/dataset.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import { addCommand } from '../command.ts';
import { findDataset } from '../find.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface ImportCodesOptions extends SharedOptions {
  readonly images?: string;
  readonly labels?: readonly string[];
  readonly name?: string;
  readonly key?: string;
  readonly nameColumn?: string;
  readonly crop: Crop;
}

function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** `unravel import-codes`: makes a run of codes that another program computed. */
export function addImportCodesCommand(program: Command, perform: Perform): void {
  addCommand(program, 'import-codes <file>', {
    summary: 'make a run of codes that another program computed, without its model',
    details:
      'The file is a table (.csv, .tsv, .jsonl, .parquet) with columns such as mu_0, mu_1 …, or holds arrays (.npy, .npz, .safetensors, .h5, AnnData’s .h5ad). Its rows are joined to the images by their names, or by their order where there are as many rows as images. Points, colours, neighbours and metrics work; what decodes does not, because there is no decoder.',
    examples: [
      'unravel import-codes codes.csv --images photos',
      'unravel import-codes latents.npz --key z_mean --labels labels.csv',
      'unravel import-codes cells.h5ad --key X_scVI',
    ],
  })
    .option(
      '--images <source>',
      'a folder, zip or data set with the images of the codes (default: points without images)',
    )
    .option('--labels <file>', 'a further table of labels; may be given several times', append)
    .option('--name <name>', "the run's name (default: the file's)")
    .option(
      '--key <name>',
      'which array, or which group of columns, holds the codes (default: found by its name)',
    )
    .option('--name-column <name>', 'the column that names the images (default: found by its values)')
    .addOption(
      new Option('--crop <how>', 'how images of a folder are cropped, as for unravel import')
        .choices(CropSchema.options)
        .default('auto'),
    )
    .action((file: string, { images, labels, name, key, nameColumn, crop, ...shared }: ImportCodesOptions) =>
      perform(shared, async (session) => {
        const { workspace, reporter, signal } = session;
        const { importCodes } = await import('../../engine/codes/foreign/import-codes.ts');
        let dataset: Dataset | undefined;
        if (images !== undefined && !existsSync(images)) {
          dataset = await findDataset(session, images);
          if (labels) {
            throw new UsageError(
              `--labels cannot be used with the data set ${dataset.info.name}, which has its own labels.`,
              'Name the folder of the images instead.',
            );
          }
        }
        try {
          const source = dataset
            ? ({ kind: 'dataset', dataset } as const)
            : images === undefined
              ? undefined
              : ({ kind: 'source', path: images } as const);
          const {
            run,
            dataset: of,
            notes,
          } = await importCodes(workspace, file, {
            ...{ images: source, labels, name, key, nameColumn, crop, signal },
            onProgress: reporter.progress('Importing', 'files'),
          });
          const { latentDim } = run.config;
          const isPoints = of.kind === 'points';
          reporter.done(
            { run: run.id, name: run.name, dataset: of.id, codes: of.images, latentDim, notes },
            `Imported ${counted(of.images, 'code')} of ${counted(latentDim, 'dimension')} as ${run.id}, ${isPoints ? `without images (data set ${of.name})` : `of the images of ${of.name}`}.`,
            ...notes,
            'It has no decoder: see its points with unravel serve, and measure it with unravel evaluate.',
          );
        } finally {
          await dataset?.close();
        }
      }),
    );
}
