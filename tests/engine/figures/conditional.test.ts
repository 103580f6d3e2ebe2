import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FiguresRecipe } from '../../../src/contract/figures.ts';
import type { Dataset } from '../../../src/engine/data/dataset.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { decodeFigures, type ModelPictures } from '../../../src/engine/figures/decode-figures.ts';
import { planFigures } from '../../../src/engine/figures/plan-figures.ts';
import { renderFigures } from '../../../src/engine/figures/render-figures.ts';
import { readFitted } from '../../../src/engine/inference/image-source.ts';
import { openModel, type InferenceModel } from '../../../src/engine/inference/model.ts';
import { faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { samplePrior } from '../../../src/engine/traversal/sample-prior.ts';
import { decodeCodes, traversalOffsets, traverseDimension } from '../../../src/engine/traversal/traverse.ts';
import { FACES, makeTrainedWorkspace, smallConfig } from '../serving/small-workspace.ts';

const SUNGLASSES = 4;
const wears = (index: number): number => faceFactors(4, index)[SUNGLASSES]!;
const firstThat = (value: number): number =>
  Array.from({ length: FACES }, (_, i) => i).find((i) => wears(i) === value)!;
/** One with sunglasses, one without: neither the usual for both nor the other's will do. */
const images = [firstThat(1), firstThat(0)];

let made: Awaited<ReturnType<typeof makeTrainedWorkspace>>;
let dataset: Dataset;
let model: InferenceModel;
let recipe: FiguresRecipe;
let pictures: ModelPictures;

beforeAll(async () => {
  made = await makeTrainedWorkspace({ ...smallConfig, condition: 'sunglasses' });
  dataset = await openDataset(made.workspace, made.dataset);
  model = await openModel(made.workspace, made.run.id);
  const features = [{ name: 'background hue', dimensions: new Map() }];
  const choices = { seed: 3, range: 2, captions: true, images, features };
  recipe = await planFigures(made.workspace, [made.run], dataset, choices);
  [pictures] = (await decodeFigures(made.workspace, dataset, recipe)) as [ModelPictures];
});
afterAll(async () => {
  model.dispose();
  await dataset.close();
  await made.remove();
});

/** The codes of images where the model is told these labels of them: encoded together, which their last bits show. */
async function codesUnder(ofImages: readonly number[], labels: readonly number[]): Promise<Float32Array[]> {
  const pixels = await readFitted(dataset, ofImages, model);
  const { mu } = model.encode(pixels, ofImages.length, Float32Array.from(labels));
  return ofImages.map((_, i) => mu.subarray(i * model.latentDim, (i + 1) * model.latentDim));
}

/** What figures show of the images where the model is told these labels of them. */
async function shownUnder(labels: readonly number[]) {
  const codes = await codesUnder(images, labels);
  const alone = await codesUnder(images.slice(0, 1), labels.slice(0, 1));
  const { range, steps, features } = recipe.traversals!;
  const [sheet] = recipe.explore!;
  const strip = (i: number, mu: Float32Array, dimension: number, far: number, count: number) =>
    decodeCodes(
      model,
      traverseDimension(mu, dimension, traversalOffsets(far, count)),
      Float32Array.of(labels[i]!),
    );
  const feature = (i: number) => {
    const forwards = strip(i, codes[i]!, dimension, range, steps);
    return isReversed ? forwards.reverse() : forwards;
  };
  const { dimension, isReversed } = features[0]!.cells[0]!;
  return {
    reconstructions: codes.flatMap((mu, i) => decodeCodes(model, mu, Float32Array.of(labels[i]!))),
    strips: images.map((_, i) => feature(i)),
    explore: sheet!.dimensions.map((row) => strip(0, alone[0]!, row.dimension, sheet!.range, sheet!.steps)),
  };
}

it('shows each image under its own label, and moves dimensions about that', async () => {
  const { reconstructions, explore, strips } = pictures;
  const shown = { reconstructions, strips: strips[0], explore };
  expect(shown).toEqual(await shownUnder([1, 0]));
  const other = await shownUnder([0, 1]);
  for (const i of [0, 1]) {
    expect(shown.reconstructions[i]).not.toEqual(other.reconstructions[i]);
    expect(shown.strips![i]).not.toEqual(other.strips[i]);
  }
  expect(shown.explore).not.toEqual(other.explore);
});

it('samples the prior under the usual label', () => {
  const { seed, rows, columns } = recipe.samples!;
  const codes = samplePrior(model, seed, rows * columns);
  const usual = decodeCodes(model, codes, Float32Array.of(made.run.condition!.usual));
  expect(pictures.samples.map(({ data }) => data)).toEqual(usual.map(({ data }) => data));
});

it('says in each caption which condition the model was given', async () => {
  const figures = await renderFigures(made.workspace, recipe);
  const captions = figures.map(({ drawing }) =>
    drawing.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : [])).join(' '),
  );
  expect(captions).toHaveLength(4);
  const [samples, ...others] = captions;
  expect(samples).toContain('given the most usual label');
  for (const caption of others) expect(caption).toContain('given each image’s own label');
});
