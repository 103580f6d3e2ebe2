import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { FiguresRecipeSchema, type FiguresRecipe } from '../../contract/figures.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { renderPdf } from './pdf.ts';
import { renderPng } from './png.ts';
import type { Figure } from './render-figures.ts';
import { renderSvg } from './svg.ts';

/** What a set of figures can be made from again. */
export const FIGURES_RECIPE = 'recipe.json';

/**
 * Writes figures as PNG, SVG and PDF into a folder; files of other names in it are left alone.
 *
 * @returns the files' names, as they were written
 */
export async function writeFigures(folder: string, figures: readonly Figure[]): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, file: Uint8Array): Promise<void> => {
    await writeFileAtomic(join(folder, name), file);
    written.push(name);
  };
  for (const { name, drawing } of figures) {
    await write(`${name}.png`, await renderPng(drawing));
    await write(`${name}.svg`, await renderSvg(drawing));
    await write(`${name}.pdf`, renderPdf([drawing], drawing.title));
  }
  return written;
}

/** Writes a recipe beside its figures. */
export async function writeFiguresRecipe(folder: string, recipe: FiguresRecipe): Promise<void> {
  // Parsed, so that its parts stand in one order however it was made.
  const ordered = v.parse(FiguresRecipeSchema, recipe);
  await writeFileAtomic(join(folder, FIGURES_RECIPE), `${JSON.stringify(ordered, undefined, 2)}\n`);
}

/**
 * Reads a recipe's file.
 *
 * @throws UnravelError `not-found`, or `bad-input` where it holds no recipe of figures
 */
export async function readFiguresRecipe(path: string): Promise<FiguresRecipe> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UnravelError('not-found', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check the name, and that you may read it.',
    });
  });
  try {
    return v.parse(FiguresRecipeSchema, JSON.parse(text));
  } catch (cause) {
    throw new UnravelError('bad-input', `Could not use ${path}: it does not describe figures.`, {
      path,
      cause,
      hint: 'Take the recipe.json that was written beside some.',
    });
  }
}
