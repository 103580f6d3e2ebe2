import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { findRun } from '../find.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ExportModelOptions extends SharedOptions {
  readonly out: string;
  readonly half?: boolean;
}

/** `unravel export-model`: a model to give away, which `import-model` opens elsewhere. */
export function addExportModelCommand(program: Command, perform: Perform): void {
  addCommand(program, 'export-model <run>', {
    summary: "write a run's model to a folder, to give away",
    details: 'The folder holds run.json and checkpoint.safetensors, without what only training needs.',
    examples: ['unravel export-model first --half --out first-model'],
  })
    .requiredOption('--out <folder>', 'the folder to make')
    .option('--half', 'store half-precision numbers: half of the size')
    .action((run: string, { out, half = false, ...shared }: ExportModelOptions) =>
      perform(shared, async (session) => {
        const { workspace, reporter } = session;
        const { id } = (await findRun(session, run)).info;
        const { exportModel } = await import('../../engine/runs/portable.ts');
        await exportModel(workspace, id, out, { half });
        reporter.done({ run: id, out }, `Wrote the model of ${id} to ${out}.`);
      }),
    );
}
