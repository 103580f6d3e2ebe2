import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FiguresRecipe } from '../../../src/contract/figures.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import type { Dataset } from '../../../src/engine/data/dataset.ts';
import { splitImages } from '../../../src/engine/data/split.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import {
  readFiguresRecipe,
  writeFigures,
  writeFiguresRecipe,
} from '../../../src/engine/figures/figure-files.ts';
import { planFigures } from '../../../src/engine/figures/plan-figures.ts';
import { renderFigures } from '../../../src/engine/figures/render-figures.ts';
import { train } from '../../../src/engine/training/train.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { readPdf } from '../../fixtures/pdf-text.ts';
import { FACES, LATENT, makeTrainedWorkspace, smallConfig } from '../serving/small-workspace.ts';

/** Named, because a model so small carries no label beyond chance. */
const features = ['sunglasses', 'background hue'].map((name) => ({ name, dimensions: new Map() }));
const choices = { seed: 3, range: 2, captions: true, features };

let workspace: Workspace;
let remove: () => Promise<void>;
let dataset: Dataset;
let runs: RunInfo[];
let folder: string;
let recipe: FiguresRecipe;

beforeAll(async () => {
  const trained = await makeTrainedWorkspace();
  ({ workspace, remove } = trained);
  dataset = await openDataset(workspace, trained.dataset);
  const ae = await train(workspace, dataset, { ...smallConfig, objective: { model: 'ae' }, epochs: 1 });
  runs = [trained.run, ae];
  folder = await mkdtemp(join(tmpdir(), 'unravel-figures-'));
  recipe = await planFigures(workspace, runs, dataset, choices);
});

afterAll(async () => {
  await dataset.close();
  await remove();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, from: FiguresRecipe): Promise<Map<string, Buffer>> {
  const out = join(folder, name);
  await writeFigures(out, await renderFigures(workspace, from));
  await writeFiguresRecipe(out, from);
  const names = (await readdir(out)).sort();
  return new Map(
    await Promise.all(names.map(async (file) => [file, await readFile(join(out, file))] as const)),
  );
}

describe('a plan', () => {
  it('shows images that no run was trained on', () => {
    const heldOut = splitImages(FACES, smallConfig.heldOutFraction).heldOut;
    expect(recipe.reconstructions!.images).toEqual([...heldOut.subarray(0, 12)]);
    expect(recipe.reconstructions!.isHeldOut).toBe(true);
    expect(recipe.traversals!.images).toEqual([...heldOut.subarray(0, 2)]);
  });

  it('names a dimension of every model for every label, and all dimensions of each', () => {
    for (const { cells } of recipe.traversals!.features) expect(cells).toHaveLength(2);
    for (const { dimensions } of recipe.explore!) {
      expect(dimensions.map(({ dimension }) => dimension).sort()).toEqual(
        Array.from({ length: LATENT }, (_, l) => l),
      );
    }
  });

  it('orders the dimensions of a sheet by their KL, and those of an AE by what they vary', () => {
    const [vae, ae] = recipe.explore!;
    const kl = vae!.dimensions.map((row) => row.kl!);
    expect(kl).toEqual([...kl].sort((a, b) => b - a));
    expect(ae!.dimensions.every((row) => row.kl === null)).toBe(true);
    const units = ae!.dimensions.map(({ unit }) => unit);
    expect(units).toEqual([...units].sort((a, b) => b - a));
  });

  it('draws only what is asked for', async () => {
    const some = await planFigures(workspace, runs, dataset, { ...choices, only: ['samples'], images: [1] });
    expect(Object.keys(some)).not.toContain('traversals');
    const figures = await renderFigures(workspace, some);
    expect(figures.map(({ name }) => name)).toEqual(['figure-1-samples']);
  });

  it('refuses the same run twice', async () => {
    await expect(planFigures(workspace, [runs[0]!, runs[0]!], dataset, choices)).rejects.toThrow(
      /named twice/,
    );
  });
});

describe('the files of a recipe', () => {
  let files: Map<string, Buffer>;

  beforeAll(async () => {
    files = await write('first', recipe);
  });

  it('are each figure as PNG, SVG and PDF, and the recipe', () => {
    const names = [
      'samples',
      'traversals',
      'reconstructions',
      ...runs.map(({ id }) => `explore-${id}`),
    ].flatMap((name, i) => ['pdf', 'png', 'svg'].map((kind) => `figure-${i + 1}-${name}.${kind}`));
    expect([...files.keys()]).toEqual([...names, 'recipe.json'].sort());
  });

  it('are the same bytes again from recipe.json', async () => {
    const again = await write('again', await readFiguresRecipe(join(folder, 'first', 'recipe.json')));
    expect([...again.keys()]).toEqual([...files.keys()]);
    for (const [name, bytes] of files) expect(bytes.equals(again.get(name)!), name).toBe(true);
  });

  it('say in words what they show', () => {
    const svg = files.get('figure-2-traversals.svg')!.toString();
    const pdf = readPdf(files.get('figure-2-traversals.pdf')!).text;
    for (const { name, cells } of recipe.traversals!.features) {
      const cell = `z${cells[0]!.dimension} · ${cells[0]!.bits!.toFixed(2)} bits`;
      for (const text of [svg, pdf]) {
        expect(text).toContain(name.replaceAll('_', ' '));
        expect(text).toContain(cell);
      }
    }
    expect(pdf).toContain('Figure 2.');
    expect(pdf).toContain('from −2 to +2 standard deviations');
    expect(readPdf(files.get('figure-1-samples.pdf')!).text).toContain('N(0, I), 48 of each model');
  });

  it('use no other fonts than the bundled ones', () => {
    for (const [name, bytes] of files) {
      if (!name.endsWith('.pdf')) continue;
      const { fonts, fontTypes } = readPdf(bytes);
      for (const font of fonts) expect(font).toMatch(/^(Inter|STIXTwoText)-/);
      expect(fontTypes).toEqual(['CIDFontType2']);
    }
  });

  it('leave captions out where the paper has its own', async () => {
    const figures = await renderFigures(workspace, { ...recipe, captions: false });
    const texts = figures
      .flatMap(({ drawing }) => drawing.marks)
      .flatMap((mark) => (mark.kind === 'text' ? [mark] : []));
    expect(texts.some(({ text }) => text.startsWith('Figure'))).toBe(false);
    expect(texts.every(({ style }) => style.family === 'sans')).toBe(true);
  });
});

describe('a recipe that does not fit', () => {
  it('is refused where the run was trained on since', async () => {
    const old = { ...recipe, runs: recipe.runs.map((run) => ({ ...run, step: run.step - 1 })) };
    await expect(renderFigures(workspace, old)).rejects.toThrow(/was made at step/);
  });

  it('is refused where it names an image or a dimension that there is not', async () => {
    const images = { ...recipe, reconstructions: { ...recipe.reconstructions!, images: [FACES] } };
    await expect(renderFigures(workspace, images)).rejects.toThrow(`no image ${FACES}`);
    const sheet = recipe.explore![0]!;
    const dimensions = [{ ...sheet.dimensions[0]!, dimension: LATENT }];
    const explore = { ...recipe, explore: [{ ...sheet, dimensions }] };
    await expect(renderFigures(workspace, explore)).rejects.toThrow(`no dimension z${LATENT}`);
  });

  it('is refused where the file describes something else', async () => {
    await expect(readFiguresRecipe(join(folder, 'first', 'figure-1-samples.svg'))).rejects.toThrow(
      /it is not JSON/,
    );
    await expect(readFiguresRecipe(join(folder, 'none.json'))).rejects.toThrow(/Could not open/);
  });
});
