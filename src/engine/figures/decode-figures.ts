import { UnravelError } from '../../contract/errors.ts';
import type { FiguresRecipe } from '../../contract/figures.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Picture } from '../pictures/picture.ts';
import { readConditions } from '../inference/conditions.ts';
import { readFitted } from '../inference/image-source.ts';
import { openModel, type InferenceModel } from '../inference/model.ts';
import { isVariational } from '../../contract/run.ts';
import { samplePrior } from '../traversal/sample-prior.ts';
import { decodeCodes, traversalCodes, traversalOffsets, traverseDirection } from '../traversal/traverse.ts';
import type { Workspace } from '../basics/workspace.ts';

/** What one model contributes to the figures of a recipe. */
export interface ModelPictures {
  readonly isAutoencoder: boolean;
  /** Whether each dimension has a few learned values, over which traversals go. */
  readonly isQuantised: boolean;
  /** Whether the decoder has a condition: a shown image's label if it is known, else the default. */
  readonly isConditional: boolean;
  readonly samples: Picture[];
  /** `[features][images][steps]`. */
  readonly strips: Picture[][][];
  readonly reconstructions: Picture[];
  /** `[dimensions][steps]` of the model's explore sheet. */
  readonly explore: Picture[][];
}

/** An image's posterior mean and its condition; left out, the usual. */
interface ImageCode {
  readonly mu: Float32Array;
  readonly condition: Float32Array | undefined;
}

/** Decodes a strip: one dimension varied around an image's code. */
function strip(
  model: InferenceModel,
  { mu, condition }: ImageCode,
  {
    dimension,
    unit,
    isReversed = false,
    direction,
  }: { dimension: number; unit: number; isReversed?: boolean; direction?: readonly number[] | undefined },
  { range, steps }: { range: number; steps: number },
): Picture[] {
  if (direction && direction.length !== model.latentDim) {
    throw new UnravelError(
      'bad-input',
      `The recipe's axis a${dimension} is of ${direction.length} dimensions; ${model.info.name} has ${model.latentDim}.`,
      { hint: 'Make the figures anew, without the recipe.' },
    );
  }
  if (!direction && dimension >= model.latentDim) {
    throw new UnravelError('bad-input', `${model.info.name} has no dimension z${dimension}.`, {
      hint: `Its dimensions are z0 to z${model.latentDim - 1}.`,
    });
  }
  const offsets = traversalOffsets(range, steps).map((offset) => offset * unit);
  const codes = direction
    ? traverseDirection(mu, Float32Array.from(direction), offsets)
    : traversalCodes(model, mu, dimension, offsets);
  const pictures = decodeCodes(model, codes, condition);
  return isReversed ? pictures.reverse() : pictures;
}

async function codesOf(
  model: InferenceModel,
  dataset: Dataset,
  images: readonly number[],
): Promise<ImageCode[]> {
  const { latentDim } = model;
  const conditions = await readConditions(model.condition, dataset);
  const pixels = await readFitted(dataset, images, model);
  const { mu } = model.encode(pixels, images.length, conditions(images));
  return images.map((image, i) => ({
    mu: mu.subarray(i * latentDim, (i + 1) * latentDim),
    condition: conditions([image]),
  }));
}

function checkImages(dataset: Dataset, images: readonly number[]): void {
  const outside = images.find((image) => image >= dataset.info.images);
  if (outside === undefined) return;
  throw new UnravelError('bad-input', `${dataset.info.name} has no image ${outside}.`, {
    hint: `Its images are numbered 0 to ${dataset.info.images - 1}.`,
  });
}

async function decodeFor(
  model: InferenceModel,
  dataset: Dataset,
  recipe: FiguresRecipe,
  run: number,
): Promise<ModelPictures> {
  const { samples, traversals, reconstructions, explore } = recipe;
  const sheet = explore?.find(({ run: id }) => id === model.info.id);
  const faces = traversals ? await codesOf(model, dataset, traversals.images) : [];
  const code = sheet ? (await codesOf(model, dataset, [sheet.image]))[0]! : undefined;
  const shown = reconstructions ? await codesOf(model, dataset, reconstructions.images) : [];
  return {
    isAutoencoder: !isVariational(model.info.config.objective) && !model.latentValues,
    isQuantised: model.latentValues !== undefined,
    isConditional: model.condition !== undefined,
    samples: samples
      ? decodeCodes(model, samplePrior(model, samples.seed, samples.rows * samples.columns))
      : [],
    strips: traversals
      ? traversals.features.map(({ cells }) =>
          faces.map((face) => strip(model, face, cells[run]!, traversals)),
        )
      : [],
    reconstructions: shown.flatMap(({ mu, condition }) => decodeCodes(model, mu, condition)),
    explore: sheet && code ? sheet.dimensions.map((dimension) => strip(model, code, dimension, sheet)) : [],
  };
}

/**
 * Decodes everything that a recipe shows, one model at a time.
 *
 * @throws UnravelError `conflict` if a run was trained further since, `bad-input` for images or dimensions that do
 * not exist
 */
export async function decodeFigures(
  workspace: Workspace,
  dataset: Dataset,
  recipe: FiguresRecipe,
  { signal, onRun }: { signal?: AbortSignal; onRun?: (done: number) => void } = {},
): Promise<ModelPictures[]> {
  const { traversals, reconstructions, explore } = recipe;
  const named = [traversals?.images, reconstructions?.images, explore?.map(({ image }) => image)];
  checkImages(
    dataset,
    named.flatMap((images) => images ?? []),
  );
  if (traversals?.features.some(({ cells }) => cells.length !== recipe.runs.length)) {
    throw new UnravelError('bad-input', 'The recipe does not name a dimension of every run.');
  }
  const all: ModelPictures[] = [];
  for (const [place, { id, step }] of recipe.runs.entries()) {
    signal?.throwIfAborted();
    const model = await openModel(workspace, id);
    try {
      if (model.step !== step) {
        throw new UnravelError(
          'conflict',
          `The run ${id} is at step ${model.step} now; the recipe was made at step ${step}.`,
          { hint: 'Make the figures anew, without the recipe.' },
        );
      }
      all.push(await decodeFor(model, dataset, recipe, place));
    } finally {
      model.dispose();
    }
    onRun?.(all.length);
  }
  return all;
}
