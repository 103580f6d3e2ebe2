import { isActive } from '../../contract/activity.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { DimensionName } from '../../contract/metrics.ts';
import { activeDimensions } from '../codes/active-dimensions.ts';
import { codesFile, findStoredPosteriors, hasCodes, readStoredCodes } from '../codes/codes-file.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { chooseImages } from '../data/choose-images.ts';
import { posteriorsOf } from '../evaluation/posterior-rows.ts';
import { latentDimOf, type Evaluated } from '../evaluation/evaluate-run.ts';
import type { FollowOptions } from '../inference/all.ts';
import { encodeImages } from '../inference/encode-images.ts';
import type { Posteriors } from '../inference/model.ts';
import { checkCodes } from '../metrics/code-table.ts';
import { nameDimensions } from '../metrics/dimension-names.ts';
import type { Workspace } from '../basics/workspace.ts';
import { runFolder } from '../runs/store.ts';
import { componentsOf, fastIca } from './fast-ica.ts';
import type { RunAxes } from './run-axes.ts';

/** Maximum number of images by which axes are named, as for dimensions. */
const MOST_NAMED = 10_000;

/**
 * The posteriors of some images of a data set under a run: the stored ones, or else those of its encoder.
 *
 * @throws UnravelError `bad-input` for a run that has codes only, of another data set
 */
export async function posteriorsUnder(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  indices: Uint32Array,
  follow: FollowOptions = {},
): Promise<Posteriors> {
  const folder = runFolder(workspace, run.info.id);
  const { id, images, name } = dataset.info;
  if ('folder' in run) {
    if (!(await hasCodes(folder, id, images))) {
      throw new UnravelError('bad-input', `The run ${run.info.name} has no codes of ${name}.`, {
        hint: `It has the codes of ${run.info.dataset?.name ?? 'another data set'} only.`,
      });
    }
    const { mu, logVar, latentDim } = await readStoredCodes(codesFile(folder, id), images, { logVar: true });
    return posteriorsOf({ mu, logVar: logVar ?? new Float32Array(0) }, latentDim, indices);
  }
  const stored = await findStoredPosteriors(folder, dataset.info, run.spec.shape.variational);
  return stored ? posteriorsOf(stored, run.latentDim, indices) : encodeImages(run, dataset, indices, follow);
}

/** Codes of images, and which of their dimensions tell anything about the images. */
export interface CodesWithActivity {
  /** `[images, latentDim]`. */
  readonly mu: Float32Array;
  /** By dimension. Codes without a posterior have no inactive dimension. */
  readonly active: readonly boolean[];
}

/**
 * The codes of some images of a data set under a run: the stored ones, or else those of its encoder.
 *
 * @throws UnravelError `bad-input` for a run that has codes only, of another data set
 */
export async function codesUnder(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  indices: Uint32Array,
  follow: FollowOptions = {},
): Promise<CodesWithActivity> {
  const folder = runFolder(workspace, run.info.id);
  const { id, images } = dataset.info;
  if (await hasCodes(folder, id, images)) {
    // Exported codes have no log Σ(x), but their KL per dimension, so that nothing need be encoded again.
    const { mu, latentDim, klPerDimension } = await readStoredCodes(codesFile(folder, id), images);
    const hasPosterior = klPerDimension.some((kl) => kl > 0);
    return {
      mu: posteriorsOf({ mu, logVar: new Float32Array(0) }, latentDim, indices).mu,
      active: Array.from(klPerDimension, (kl) => !hasPosterior || isActive({ kl, deviation: 0 }, true)),
    };
  }
  const { mu, logVar } = await posteriorsUnder(workspace, run, dataset, indices, follow);
  const latentDim = latentDimOf(run);
  return {
    mu,
    active: logVar.length
      ? await activeDimensions(mu, logVar, latentDim)
      : new Array<boolean>(latentDim).fill(true),
  };
}

/** Names axes as dimensions are named; one without a label is called `a3`. */
function nameAxes(codes: Float32Array, count: number, columns: readonly ColumnValues[]): DimensionName[] {
  const rows = codes.length / count;
  const some = chooseImages(rows, MOST_NAMED, 0);
  const { mu: chosen } = posteriorsOf({ mu: codes, logVar: new Float32Array(0) }, count, some);
  const values = columns.map(({ column, values: all }) => ({
    column,
    values: Float32Array.from(some, (row) => all[row]!),
  }));
  return nameDimensions({ codes: chosen, count: some.length, latentDim: count, columns: values }).map(
    (one) => (one.column === null ? { ...one, name: `a${one.dimension}` } : one),
  );
}

/**
 * Finds the independent axes of codes by {@link fastIca}, in the active dimensions of a model with a posterior, and
 * names them by the labels and factors of their images.
 *
 * @param columns - with a value for each image
 * @throws UnravelError `bad-input` for codes that are not numbers, too few images, or fewer than two active dimensions
 */
export async function findAxes(
  { mu, active }: CodesWithActivity,
  latentDim: number,
  columns: readonly ColumnValues[],
  { seed, signal, onProgress }: { readonly seed: number } & Pick<FollowOptions, 'signal' | 'onProgress'>,
): Promise<RunAxes> {
  const images = mu.length / latentDim;
  checkCodes(mu, images, latentDim);
  // Inactive dimensions of a posterior are noise about the prior's mean, which whitening would magnify. An AE has none.
  const used = active.flatMap((isActive, l) => (isActive ? [l] : []));
  if (used.length < 2) {
    throw new UnravelError('bad-input', `${used.length} of ${latentDim} dimensions are active.`, {
      hint: 'Independent axes need at least two dimensions that tell something about the images.',
    });
  }
  if (images < 10 * used.length) {
    throw new UnravelError(
      'bad-input',
      `${images} images are too few for the axes of ${used.length} dimensions.`,
      { hint: `Use at least ${10 * used.length} images; a few thousand give stable axes.` },
    );
  }
  const components = await fastIca(mu, latentDim, {
    ...{ seed, used },
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  if (components.count < 2) {
    throw new UnravelError(
      'bad-input',
      components.count === 0 ? 'All codes are the same.' : 'All codes lie on one straight line.',
      { hint: 'Independent axes need codes that vary in at least two directions.' },
    );
  }
  return { components, names: nameAxes(componentsOf(components, mu), components.count, columns) };
}
