import type { Crop, DatasetInfo } from './dataset.ts';
import type { RunInfo } from './run.ts';

/** Why a data set's codes under a run may mean little. */
export interface ForeignData {
  /** `other`: the run was trained on another data set; `elsewhere`: its training images are not known. */
  readonly kind: 'other' | 'elsewhere';
  /** The crops of both data sets, if they are known to differ. */
  readonly crops?: { readonly own: Crop; readonly other: Crop };
}

const CROP_WORDS: Readonly<Record<Crop, string>> = {
  auto: 'automatically',
  celeba: 'as the paper crops CelebA',
  square: 'to their central squares',
  none: 'not at all',
};

/**
 * How a data set differs from the one that a run was trained on.
 *
 * @param own - the run's data set, if it is in the workspace; runs of early versions did not note its crop
 * @returns undefined for the run's own data set
 */
export function foreignData(
  { dataset: trained }: Pick<RunInfo, 'dataset'>,
  dataset: Pick<DatasetInfo, 'id' | 'crop'>,
  own?: Pick<DatasetInfo, 'crop'>,
): ForeignData | undefined {
  if (trained === null) return { kind: 'elsewhere' };
  if (trained.id === dataset.id) return undefined;
  const crop = trained.crop ?? own?.crop;
  const isCroppedOtherwise = crop !== undefined && crop !== dataset.crop;
  return { kind: 'other', ...(isCroppedOtherwise ? { crops: { own: crop, other: dataset.crop } } : {}) };
}

/** A sentence or two about foreign data, beginning with the run: `β-VAE was trained on faces, not on cells. …` */
export function foreignDataText(
  { name, dataset: trained }: Pick<RunInfo, 'name' | 'dataset'>,
  dataset: Pick<DatasetInfo, 'name'>,
  { crops }: ForeignData,
): string {
  if (trained === null) {
    return `${name} was trained elsewhere, on images that are not known here. Its codes of ${dataset.name} mean something only if these images are similar and cropped alike.`;
  }
  const cut = crops
    ? ` Its own images were cropped ${CROP_WORDS[crops.own]}, these ${CROP_WORDS[crops.other]}.`
    : '';
  const where =
    trained.name === dataset.name
      ? `on ${trained.name}, and this is another data set named ${dataset.name}`
      : `on ${trained.name}, not on ${dataset.name}`;
  return `${name} was trained ${where}.${cut} Codes and reconstructions of images that differ from its own are unreliable.`;
}
