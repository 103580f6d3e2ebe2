import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { findRun } from '../find.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ExportModelOptions extends SharedOptions {
  readonly out: string;
  readonly half?: boolean;
  readonly codes?: boolean;
}

/** `unravel export-model`: writes a model that `import-model` can open on another machine. */
export function addExportModelCommand(program: Command, perform: Perform): void {
  addCommand(program, 'export-model <run>', {
    summary: "write a run's model to a folder, to share it",
    details:
      'The folder holds run.json and checkpoint.safetensors, without the state that only training needs.',
    examples: ['unravel export-model first --half --out first-model'],
  })
    .requiredOption('--out <folder>', 'the folder to create')
    .option('--half', 'store half-precision numbers, which halves the size')
    .option('--codes', "also write the codes of the run's own data set, as codes.safetensors")
    .action((run: string, { out, half = false, codes = false, ...shared }: ExportModelOptions) =>
      perform(shared, async (session) => {
        const { workspace, reporter, signal } = session;
        const { id } = (await findRun(session, run)).info;
        const { exportModel } = await import('../../engine/runs/portable.ts');
        await exportModel(workspace, id, out, { half });
        if (codes) {
          const { exportCodes } = await import('../../engine/codes/encode-dataset.ts');
          const onProgress = reporter.progress('Encoding', 'images');
          await exportCodes(workspace, id, out, { half, signal, onProgress });
        }
        reporter.done({ run: id, out }, `Wrote the model of ${id} to ${out}.`);
      }),
    );
}
