import { UnravelError } from '../../contract/errors.ts';
import { mostImages } from '../../contract/operations/datasets.ts';
import { tensor } from '../../contract/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import { splitDataset } from '../data/split.ts';
import { renameDataset, restoreDataset } from '../data/dataset-names.ts';
import { listDatasetsAndDamaged, removeDatasetForNow } from '../data/store.ts';
import { checkIndices } from '../data/stored-dataset.ts';
import { refuseInUse } from '../runs/dataset-use.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

/** A data set's names, in lower case, for as long as it is open. */
const searchable = new WeakMap<Dataset, readonly string[]>();

async function lowerCaseNames(dataset: Dataset): Promise<readonly string[]> {
  const known = searchable.get(dataset);
  if (known) return known;
  const names = (await dataset.names()).map((name) => name.toLowerCase());
  searchable.set(dataset, names);
  return names;
}

/** Data sets: what they are, their images, names and labels. */
export function datasetsHandlers(
  context: EngineContext,
): Pick<
  EngineHandlers,
  | 'datasets.list'
  | 'datasets.damaged'
  | 'datasets.remove'
  | 'datasets.restore'
  | 'datasets.rename'
  | 'datasets.images'
  | 'datasets.names'
  | 'datasets.search'
  | 'datasets.column'
  | 'datasets.split'
> {
  return {
    'datasets.list': async () => (await listDatasetsAndDamaged(context.workspace)).datasets,

    'datasets.damaged': async () => [...(await listDatasetsAndDamaged(context.workspace)).damaged],

    'datasets.remove': async ({ dataset }) => {
      await refuseInUse(context.workspace, dataset);
      await context.forgetDataset(dataset);
      await removeDatasetForNow(context.workspace, dataset);
      return {};
    },

    'datasets.restore': async ({ dataset }) => {
      await restoreDataset(context.workspace, dataset);
      return {};
    },

    'datasets.rename': ({ dataset, name }) => renameDataset(context.workspace, dataset, name),

    'datasets.images': ({ dataset, indices }) =>
      context.withDataset(dataset, async (images) => {
        const { imageSize, channels } = images.info;
        const most = mostImages(images.info);
        if (indices.length > most) {
          throw new UnravelError(
            'bad-input',
            `${indices.length} images of ${images.info.name} are too many for one answer.`,
            { hint: `Ask for ${most} of ${imageSize}×${imageSize} at most.` },
          );
        }
        const shape = [indices.length, imageSize, imageSize, channels];
        return tensor('u8', shape, await images.readImages(indices));
      }),

    'datasets.names': ({ dataset, indices }) =>
      context.withDataset(dataset, async (images) => {
        checkIndices(images.info, indices);
        const names = await images.names();
        return indices.map((index) => names[index]!);
      }),

    'datasets.search': ({ dataset, text, limit }) =>
      context.withDataset(dataset, async (images) => {
        const wanted = text.trim().toLowerCase();
        const lower = await lowerCaseNames(images);
        const names = await images.names();
        const found: { index: number; name: string }[] = [];
        for (let index = 0; index < lower.length && found.length < limit; index++) {
          if (lower[index]!.includes(wanted)) found.push({ index, name: names[index]! });
        }
        return found;
      }),

    'datasets.column': ({ dataset, column }) =>
      context.withDataset(dataset, async (images) => {
        const values = await images.column({ name: column, type: 'continuous', factor: false });
        return tensor('f32', [values.length], values);
      }),

    'datasets.split': ({ dataset, heldOutFraction }) =>
      context.withDataset(dataset, async (images) => {
        const { info } = images;
        const isHeldOut = new Uint8Array(info.images);
        if (info.images < 2) return tensor('u8', [info.images], isHeldOut);
        for (const index of (await splitDataset(images, heldOutFraction)).heldOut) isHeldOut[index] = 1;
        return tensor('u8', [info.images], isHeldOut);
      }),
  };
}
