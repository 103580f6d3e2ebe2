import { UnravelError } from '../../contract/errors.ts';
import type { DimensionName } from '../../contract/metrics.ts';
import { activeDimensions } from '../codes/active-dimensions.ts';
import { codesFile, findStoredPosteriors, hasCodes, readStoredCodes } from '../codes/codes-file.ts';
import type { ColumnValues } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { chooseImages } from '../data/choose-images.ts';
import { posteriorsOf } from '../evaluation/posterior-rows.ts';
import type { Evaluated } from '../evaluation/evaluate-run.ts';
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
 * Finds the independent axes of codes by {@link fastIca}, in the active dimensions of a model with a posterior, and names them by the labels and
 * factors of their images.
 *
 * @param columns - with a value for each image
 * @throws UnravelError `bad-input` for codes that are not numbers, too few images, or fewer than two active dimensions
 */
export async function findAxes(
  { mu, logVar }: Posteriors,
  latentDim: number,
  columns: readonly ColumnValues[],
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<RunAxes> {
  const images = mu.length / latentDim;
  checkCodes(mu, images, latentDim);
  // Inactive dimensions of a posterior are noise about the prior's mean, which whitening would magnify. An AE has none.
  const active = logVar.length
    ? await activeDimensions(mu, logVar, latentDim)
    : new Array<true>(latentDim).fill(true);
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
  const components = await fastIca(mu, latentDim, { seed, used, ...(signal ? { signal } : {}) });
  return { components, names: nameAxes(componentsOf(components, mu), components.count, columns) };
}
