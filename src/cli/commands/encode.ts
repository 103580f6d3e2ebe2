import type { Command } from 'commander';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import type { InferenceModel, Posteriors } from '../../engine/inference/model.ts';
import { addCommand, RAW_CSV } from '../command.ts';
import { findDataset, withModel } from '../find.ts';
import { counted, whole } from '../format.ts';
import { noteForeignData } from '../note-foreign-data.ts';
import { outputKind } from '../parse.ts';
import type { Perform, Session, SharedOptions } from '../session.ts';

interface EncodeOptions extends SharedOptions {
  readonly images: string;
  readonly out: string;
  readonly rawCsv?: boolean;
}

/** The posteriors of a data set that the app has already computed with this model. */
async function findStored(
  { workspace }: Session,
  { info, spec }: InferenceModel,
  dataset: DatasetInfo,
): Promise<Posteriors | undefined> {
  const { findStoredPosteriors } = await import('../../engine/codes/codes-file.ts');
  const { runFolder } = await import('../../engine/runs/store.ts');
  return findStoredPosteriors(runFolder(workspace, info.id), dataset, spec.shape.variational);
}

/** `unravel encode`: encodes images into codes. */
export function addEncodeCommand(program: Command, perform: Perform): void {
  addCommand(program, 'encode <run>', {
    summary: 'write the codes of images: mu, log_var and names',
    details:
      'A .csv has the columns name, mu_0 …, log_var_0 … and, for a data set, its labels. A .safetensors has the tensors mu and log_var, and the names in its metadata. A .parquet has the columns of a .csv with their types; an .h5ad (AnnData) has mu in obsm and the labels in obs. With codes.npy, which holds mu, codes.log_var.npy and codes.names.txt are written.',
    examples: [
      'unravel encode first --images faces --out codes.csv',
      'unravel encode first --images photos --out codes.safetensors',
    ],
  })
    .requiredOption('--images <source>', 'a folder, zip, data set, or .safetensors with a tensor "images"')
    .requiredOption('--out <file>', 'a .csv, .npy, .safetensors, .parquet or .h5ad')
    .option('--raw-csv', RAW_CSV)
    .action((run: string, { images, out, rawCsv = false, ...shared }: EncodeOptions) =>
      perform(shared, async (session) => {
        const kind = outputKind(out, ['.csv', '.npy', '.safetensors', '.parquet', '.h5ad']);
        const { workspace, reporter, signal } = session;
        await withModel(session, run, async (model) => {
          const { openImageSource } = await import('../../engine/inference/image-source.ts');
          const { encodeAll } = await import('../../engine/inference/all.ts');
          const { writeCodes } = await import('../../engine/codes/code-files.ts');
          const onProgress = reporter.progress('Reading', 'files');
          const openNamed = (named: string): Promise<Dataset> => findDataset(session, named);
          const options = { signal, onProgress, openNamed };
          const source = await openImageSource(workspace, images, model, options);
          try {
            if (source.dataset) await noteForeignData(session, model.info, source.dataset);
            const known = source.dataset && (await findStored(session, model, source.dataset));
            const { mu, logVar } =
              known ??
              (await encodeAll(model, source, {
                signal,
                onProgress: reporter.progress('Encoding', 'images'),
              }));
            const { names, skipped } = source;
            const shape = [names.length, model.latentDim];
            const posterior = logVar.length ? { logVar: { shape, data: logVar } } : {};
            const labels = ['.csv', '.parquet', '.h5ad'].includes(kind) ? await source.labels?.() : undefined;
            const codes = { names, labels, mu: { shape, data: mu }, ...posterior };
            await writeCodes(out, codes, { isRaw: rawCsv });
            for (const file of skipped) reporter.event('skipped', file);
            reporter.done(
              {
                run: model.info.id,
                out,
                images: names.length,
                skipped: skipped.length,
                latentDim: model.latentDim,
              },
              `Wrote the codes of ${counted(names.length, 'image')} to ${out}` +
                `${skipped.length ? ` (${whole(skipped.length)} skipped)` : ''}.`,
              ...skipped.slice(0, 10).map(({ file, reason }) => `  ${file}: ${reason}`),
            );
          } finally {
            await source.close();
          }
        });
      }),
    );
}
