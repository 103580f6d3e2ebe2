import { Option, type Command } from 'commander';
import type { Dataset } from '../../engine/data/dataset.ts';
import type { ImageSource } from '../../engine/inference/image-source.ts';
import type { InferenceModel } from '../../engine/inference/model.ts';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { tileSize } from '../figure-options.ts';
import { findDataset, withModel } from '../find.ts';
import { counted, measured } from '../format.ts';
import { indexList, outputKind, wholeNumber } from '../parse.ts';
import { noteForeignData } from '../note-foreign-data.ts';
import { openRunDataset, requireImages } from '../run-dataset.ts';
import type { Perform, Session, SharedOptions } from '../session.ts';

interface ReconstructOptions extends SharedOptions, ConditionOptions {
  readonly images?: string;
  readonly index?: readonly number[];
  readonly data?: string;
  readonly count: number;
  readonly size: number;
  readonly out: string;
}

/** Images to reconstruct, in the model's size and channels. */
interface Chosen {
  readonly images: Uint8Array;
  readonly count: number;
  /** The images' conditions. */
  readonly condition: Float32Array | undefined;
  /** A description of the images. */
  readonly title: string;
}

async function fromSource(
  session: Session,
  model: InferenceModel,
  path: string,
  most: number,
): Promise<Chosen> {
  const { openImageSource } = await import('../../engine/inference/image-source.ts');
  const { workspace, signal, reporter } = session;
  const onProgress = reporter.progress('Reading', 'files');
  const openNamed = (named: string): Promise<Dataset> => findDataset(session, named);
  const options = { signal, onProgress, openNamed };
  const source: ImageSource = await openImageSource(workspace, path, model, options);
  try {
    if (source.dataset) await noteForeignData(session, model.info, source.dataset);
    const count = Math.min(most, source.names.length);
    const chosen = Array.from({ length: count }, (_, i) => i);
    const images = await source.read(chosen);
    const condition = source.conditions?.(chosen);
    return { images, count, condition, title: `${counted(count, 'image')} of ${path}` };
  } finally {
    await source.close();
  }
}

async function fromRunDataset(
  session: Session,
  model: InferenceModel,
  { index, data, count }: ReconstructOptions,
): Promise<Chosen> {
  const { heldOutIndices } = await import('../../engine/traversal/start.ts');
  const { readFitted } = await import('../../engine/inference/image-source.ts');
  const { readConditions } = await import('../../engine/inference/conditions.ts');
  const dataset = await openRunDataset(session, model, data);
  try {
    requireImages(dataset, index ? '--index' : 'Choosing images', index ?? []);
    const chosen = index ?? (await heldOutIndices(model, dataset)).subarray(0, count);
    const isHeldOut = !index && model.info.dataset?.id === dataset.info.id;
    const images = await readFitted(dataset, chosen, model);
    const kind = isHeldOut ? 'held-out image' : 'image';
    const condition = (await readConditions(model.condition, dataset))(chosen);
    const title = `${counted(chosen.length, kind)} of ${dataset.info.name}`;
    return { images, count: chosen.length, condition, title };
  } finally {
    await dataset?.close();
  }
}

/** `unravel reconstruct`: draws originals above their reconstructions. */
export function addReconstructCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'reconstruct <run>', {
    summary: 'draw images above their reconstructions, as a PNG sheet',
    details: "Reconstructions are decoded from the posterior's mean.",
    examples: [
      'unravel reconstruct first --out reconstructions.png',
      'unravel reconstruct first --images photos --out photos.png',
    ],
  });
  addConditionOption(command, "each image's own")
    .addOption(
      new Option(
        '--images <source>',
        'a folder, zip, picture, data set, or .safetensors with a tensor "images"',
      ).conflicts(['index', 'data']),
    )
    .option(
      '--index <list>',
      "these images of the run's data set, such as 0,3,7 (default: held-out ones)",
      indexList,
    )
    .option('--data <dataset>', "the data set that --index refers to (default: the run's own)")
    .option(
      '--count <images>',
      'maximum number of images, without --index',
      wholeNumber({ min: 1, max: 1024 }),
      24,
    )
    .option('--size <pixels>', 'width of a face', tileSize, 128)
    .requiredOption('--out <file>', 'a .png')
    .action((run: string, options: ReconstructOptions) =>
      perform(options, async (session) => {
        const { images: path, count: most, size, out } = options;
        outputKind(out, ['.png']);
        await withModel(session, run, async (model) => {
          const {
            images,
            count,
            condition: own,
            title,
          } = path === undefined
            ? await fromRunDataset(session, model, options)
            : await fromSource(session, model, path, most);
          const { picturesFromBatch } = await import('../../engine/pictures/picture.ts');
          const { writeReconstructionSheet } = await import('../../engine/pictures/sheet-file.ts');
          const { imageSize, channels } = model;
          const originals = picturesFromBatch([count, imageSize, imageSize, channels], images);
          const { mu } = model.encode(images, count, own);
          await assumeCondition(model, options.condition);
          const given = options.condition === undefined ? own : undefined;
          const decoded = model.decode(mu, count, given);
          const reconstructions = picturesFromBatch([count, imageSize, imageSize, channels], decoded);
          await writeReconstructionSheet(out, originals, reconstructions, size);
          const { measurePsnr } = await import('../../engine/metrics/psnr.ts');
          const psnr = measurePsnr(images, decoded, count).value;
          session.reporter.done(
            { run: model.info.id, out, images: count, psnr },
            `Wrote ${title} and their reconstructions to ${out}. Mean PSNR: ${measured(psnr)} dB.`,
          );
        });
      }),
    );
}
