import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecipeSchema, type Recipe } from '../../contract/recipe.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { readJsonFile, type OpenRule } from '../../system/read-file.ts';
import { removeFile } from '../../system/remove.ts';

/** Maximum size of a recipe. Two codes of 512 dimensions take some kilobytes. */
const MOST_RECIPE_BYTES = 1_000_000;

/** A name consists of the time, by which names are sorted, and a hash, by which equal recipes are found. */
const RECIPE_FILE = /^\d{4}-\d\d-\d\dT[\d-]+Z-([0-9a-f]{12})\.json$/;

function recipesFolder(folder: string): string {
  return join(folder, 'recipes');
}

async function recipeFiles(folder: string): Promise<string[]> {
  const names = await readdir(recipesFolder(folder)).catch(() => []);
  return names.filter((name) => RECIPE_FILE.test(name)).sort();
}

/**
 * Stores the recipe of an exported GIF in its run's folder as the newest. An equal recipe that was stored before is
 * removed.
 */
export async function storeRecipe(folder: string, recipe: Recipe): Promise<void> {
  const text = `${JSON.stringify(recipe, undefined, 2)}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const name = `${time}-${hash}.json`;
  await writeFileAtomic(join(recipesFolder(folder), name), text);
  for (const other of await recipeFiles(folder)) {
    if (other !== name && RECIPE_FILE.exec(other)?.[1] === hash) {
      await removeFile(join(recipesFolder(folder), other));
    }
  }
}

/**
 * Lists the recipes of the GIFs that were exported from a run, newest first. Files that cannot be read are ignored.
 */
export async function listRecipes(folder: string): Promise<Recipe[]> {
  const names = (await recipeFiles(folder)).reverse();
  const recipes = await Promise.all(
    names.map((name) => readRecipe(join(recipesFolder(folder), name)).catch(() => undefined)),
  );
  return recipes.filter((recipe) => recipe !== undefined);
}

/**
 * Reads a recipe file.
 *
 * @param followLinks - true for a file that a person has chosen
 * @throws UnravelError `not-found`, or `bad-input` if it contains no recipe
 */
export function readRecipe(path: string, { followLinks = false }: OpenRule = {}): Promise<Recipe> {
  return readJsonFile(path, {
    schema: RecipeSchema,
    mostBytes: MOST_RECIPE_BYTES,
    followLinks,
    otherwise: 'does not describe a GIF',
    hint: 'Take a recipe that was stored with an export.',
  });
}
