import type { FiguresRecipe } from '../../contract/figures.ts';
import { openLockedDataset } from '../data/lock-dataset.ts';
import { picturesFromBatch, type Picture } from '../pictures/picture.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Workspace } from '../basics/workspace.ts';
import { decodeFigures, type ModelPictures } from './decode-figures.ts';
import type { Drawing } from './drawing.ts';
import { exploreCaption, layoutExplore } from './explore-figure.ts';
import { areAxes, composeFigure, type Block } from './layout.ts';
import type { Span } from './paragraph.ts';
import { layoutReconstructions, reconstructionsCaption } from './reconstructions-figure.ts';
import { layoutSamples, samplesCaption } from './samples-figure.ts';
import { layoutTraversals, traversalLayout, traversalsCaption } from './traversals-figure.ts';

/** A figure, and what its files are called without their endings. */
export interface Figure {
  readonly name: string;
  readonly drawing: Drawing;
}

/** A figure before it has its caption and number. */
interface Part {
  readonly name: string;
  readonly title: string;
  readonly content: Block;
  readonly caption: readonly Span[];
}

async function readOriginals(dataset: Dataset, images: readonly number[]): Promise<Picture[]> {
  const data = await dataset.readImages(images);
  const { imageSize, channels } = dataset.info;
  return picturesFromBatch([images.length, imageSize, imageSize, channels], data);
}

/** What captions have to say of some of the models. */
function kindsOf(pictures: readonly ModelPictures[]) {
  return {
    hasAutoencoder: pictures.some((one) => one.isAutoencoder),
    hasQuantised: pictures.some((one) => one.isQuantised),
    hasConditional: pictures.some((one) => one.isConditional),
  };
}

function samplesPart(recipe: FiguresRecipe, pictures: readonly ModelPictures[]): Part[] {
  const { samples, runs } = recipe;
  if (!samples) return [];
  const models = runs.map((run, i) => ({ ...run, samples: pictures[i]!.samples }));
  return [
    {
      name: 'samples',
      title: 'Samples of the prior',
      content: layoutSamples(models, samples.columns),
      caption: samplesCaption(samples.rows * samples.columns, kindsOf(pictures)),
    },
  ];
}

function traversalsPart(recipe: FiguresRecipe, pictures: readonly ModelPictures[]): Part[] {
  const { traversals, runs, dataset } = recipe;
  if (!traversals) return [];
  const { features, range, steps, images } = traversals;
  const strips = features.map((_, f) => pictures.map((one) => one.strips[f]!));
  const { tilePt } = traversalLayout(runs.length);
  return [
    {
      name: 'traversals',
      title: features.some(({ cells }) => areAxes(cells))
        ? 'Single independent axes of each model'
        : 'Single dimensions of each model',
      content: layoutTraversals(runs, features, strips, { tilePt, steps, range }),
      caption: traversalsCaption(features, {
        images: images.length,
        range,
        dataset: dataset.name,
        ...kindsOf(pictures),
      }),
    },
  ];
}

async function reconstructionsPart(
  recipe: FiguresRecipe,
  pictures: readonly ModelPictures[],
  dataset: Dataset,
): Promise<Part[]> {
  const { reconstructions, runs } = recipe;
  if (!reconstructions) return [];
  const { images, isHeldOut, errors } = reconstructions;
  const models = runs.map((run, i) => ({
    ...run,
    reconstructions: pictures[i]!.reconstructions,
    error: errors[i] ?? null,
  }));
  return [
    {
      name: 'reconstructions',
      title: 'Images and their reconstructions',
      content: layoutReconstructions(await readOriginals(dataset, images), models),
      caption: reconstructionsCaption({
        images: images.length,
        dataset: recipe.dataset.name,
        isHeldOut,
        hasErrors: models.some(({ error }) => error !== null),
        ...kindsOf(pictures),
      }),
    },
  ];
}

function explorePart(recipe: FiguresRecipe, pictures: readonly ModelPictures[]): Part[] {
  return (recipe.explore ?? []).flatMap((sheet) => {
    const place = recipe.runs.findIndex(({ id }) => id === sheet.run);
    const run = recipe.runs[place];
    if (!run) return [];
    const model = run.note ? `${run.name} (${run.note})` : run.name;
    return [
      {
        name: `explore-${run.id}`,
        title: `Every ${areAxes(sheet.dimensions) ? 'independent axis' : 'dimension'} of ${model}`,
        content: layoutExplore(sheet, pictures[place]!.explore),
        caption: exploreCaption(sheet, {
          model,
          dataset: recipe.dataset.name,
          isConditional: pictures[place]!.isConditional,
        }),
      },
    ];
  });
}

/**
 * Draws the figures of a recipe, in their order.
 *
 * @throws UnravelError where a run or the data set has gone or changed; the signal's reason when it is aborted
 */
export async function renderFigures(
  workspace: Workspace,
  recipe: FiguresRecipe,
  follow: { signal?: AbortSignal; onRun?: (done: number) => void } = {},
): Promise<Figure[]> {
  const dataset = await openLockedDataset(workspace, recipe.dataset.id);
  try {
    const pictures = await decodeFigures(workspace, dataset, recipe, follow);
    const parts = [
      ...samplesPart(recipe, pictures),
      ...traversalsPart(recipe, pictures),
      ...(await reconstructionsPart(recipe, pictures, dataset)),
      ...explorePart(recipe, pictures),
    ];
    return parts.map(({ name, title, content, caption }, i) => ({
      name: `figure-${i + 1}-${name}`,
      drawing: composeFigure(content, {
        number: i + 1,
        title,
        caption: recipe.captions ? caption : undefined,
      }),
    }));
  } finally {
    await dataset.close();
  }
}
