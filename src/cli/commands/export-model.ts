import { Option, type Command } from 'commander';
import { MODEL_FORMATS, type ModelFormat } from '../../contract/saved-file.ts';
import { addCommand } from '../command.ts';
import { findRun } from '../find.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface ExportModelOptions extends SharedOptions {
  readonly out: string;
  readonly format: ModelFormat;
  readonly half?: boolean;
  readonly codes?: boolean;
  readonly history?: boolean;
}

/** `unravel export-model`: writes a model that `import-model` can open on another machine. */
export function addExportModelCommand(program: Command, perform: Perform): void {
  addCommand(program, 'export-model <run>', {
    summary: "write a run's model to a folder, to share it",
    details:
      'Unravel’s own format is run.json and checkpoint.safetensors, without the state that only training needs. ONNX is ' +
      'encoder.onnx and decoder.onnx for onnxruntime and other programs, with a README.md that shows how to run them. ' +
      'safetensors is model.safetensors in PyTorch’s layouts with mapping.json, which lists the layers.',
    examples: [
      'unravel export-model first --half --out first-model',
      'unravel export-model first --format onnx --out first-onnx',
    ],
  })
    .requiredOption('--out <folder>', 'the folder to create')
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(MODEL_FORMATS)
        .default('unravel' satisfies ModelFormat),
    )
    .option('--half', 'store half-precision numbers, which halves the size')
    .option('--codes', "also write the codes of the run's own data set, as codes.safetensors")
    .option('--history', "also write the run's curves, snapshots, measures and axes")
    .action(
      (
        run: string,
        { out, format, half = false, codes = false, history = false, ...shared }: ExportModelOptions,
      ) =>
        perform(shared, async (session) => {
          const { workspace, reporter, signal } = session;
          const { id } = (await findRun(session, run)).info;
          if (half && format !== 'unravel') {
            throw new UsageError('--half is only for --format unravel.', 'Leave one of the two out.');
          }
          if (history && format !== 'unravel') {
            throw new UsageError('--history is only for --format unravel.', 'Leave one of the two out.');
          }
          if (format === 'safetensors') {
            const { exportSafetensors } = await import('../../engine/runs/export-safetensors.ts');
            await exportSafetensors(workspace, id, out);
          } else if (format === 'onnx') {
            const { exportOnnx } = await import('../../engine/runs/export-onnx.ts');
            await exportOnnx(workspace, id, out);
          } else {
            const { exportModel } = await import('../../engine/runs/portable.ts');
            await exportModel(workspace, id, out, { half, history });
          }
          if (codes) {
            const { exportCodes } = await import('../../engine/codes/encode-dataset.ts');
            const onProgress = reporter.progress('Encoding', 'images');
            await exportCodes(workspace, id, out, { half, signal, onProgress });
          }
          reporter.done({ run: id, out }, `Wrote the model of ${id} to ${out}.`);
        }),
    );
}
