import { join } from 'node:path';
import * as v from 'valibot';
import { FiguresRecipeSchema, type FiguresRecipe } from '../../contract/figures.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { renderPdf } from './pdf.ts';
import { renderPng } from './png.ts';
import type { Figure } from './render-figures.ts';
import { renderSvg } from './svg.ts';

/** The file of the recipe from which a set of figures can be made again. */
export const FIGURES_RECIPE = 'recipe.json';
const MOST_RECIPE_BYTES = 16_000_000;

/** A file of some figures. */
export interface FigureFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Each figure as PNG, SVG and PDF, one after the other. */
export async function* renderFiles(figures: readonly Figure[]): AsyncGenerator<FigureFile> {
  for (const { name, drawing } of figures) {
    yield { name: `${name}.png`, bytes: await renderPng(drawing) };
    yield { name: `${name}.svg`, bytes: await renderSvg(drawing) };
    yield { name: `${name}.pdf`, bytes: renderPdf([drawing], drawing.title) };
  }
}

/**
 * Writes figures as PNG, SVG and PDF into a folder; files with other names are not changed.
 *
 * @returns the files' names, as they were written
 */
export async function writeFigures(folder: string, figures: readonly Figure[]): Promise<string[]> {
  const written: string[] = [];
  for await (const { name, bytes } of renderFiles(figures)) {
    await writeFileAtomic(join(folder, name), bytes);
    written.push(name);
  }
  return written;
}

/** A recipe as its file has it. */
export function recipeText(recipe: FiguresRecipe): string {
  // Parsed to get a fixed order of entries.
  return `${JSON.stringify(v.parse(FiguresRecipeSchema, recipe), undefined, 2)}\n`;
}

/** Writes a recipe beside its figures. */
export async function writeFiguresRecipe(folder: string, recipe: FiguresRecipe): Promise<void> {
  await writeFileAtomic(join(folder, FIGURES_RECIPE), recipeText(recipe));
}

/**
 * Reads a recipe's file, which a person has named.
 *
 * @throws UnravelError `not-found`, or `bad-input` where it holds no recipe of figures
 */
export function readFiguresRecipe(path: string): Promise<FiguresRecipe> {
  return readJsonFile(path, {
    schema: FiguresRecipeSchema,
    mostBytes: MOST_RECIPE_BYTES,
    followLinks: true,
    otherwise: 'does not describe figures',
    hint: 'Use the recipe.json that was written with the figures.',
  });
}
