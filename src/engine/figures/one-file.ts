import type { FiguresRecipe } from '../../contract/figures.ts';
import { makeZip, type ZipMember } from '../files/zip-writer.ts';
import { FIGURES_RECIPE, recipeText, renderFiles } from './figure-files.ts';
import { renderPdf } from './pdf.ts';
import type { Figure } from './render-figures.ts';

/** All figures on the pages of one PDF, in their order. */
export function figureDocument(figures: readonly Figure[]): Uint8Array {
  return renderPdf(
    figures.map(({ drawing }) => drawing),
    'Figures',
  );
}

/** All figures in an archive, each as PNG, SVG and PDF, with the recipe that they can be made from again. */
export async function figureArchive(
  figures: readonly Figure[],
  recipe: FiguresRecipe,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const members: ZipMember[] = [];
  for await (const file of renderFiles(figures)) {
    signal?.throwIfAborted();
    members.push(file);
  }
  members.push({ name: FIGURES_RECIPE, bytes: Buffer.from(recipeText(recipe)) });
  return makeZip(members);
}
