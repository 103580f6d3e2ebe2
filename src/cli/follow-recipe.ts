import type { Recipe } from '../contract/recipe.ts';
import { UnravelError } from '../contract/errors.ts';
import { withModel } from './find.ts';
import { counted } from './format.ts';
import { outputKind } from './parse.ts';
import type { Session } from './session.ts';

/** @param named - a file, or `last` for the last one that was exported from the run */
async function findRecipe(named: string, folder: string, run: string): Promise<Recipe> {
  const { listRecipes, readRecipe } = await import('../engine/runs/recipes.ts');
  if (named !== 'last') return readRecipe(named, { followLinks: true });
  const [last] = await listRecipes(folder);
  if (last) return last;
  throw new UnravelError('not-found', `No GIF has been exported from the run ${run}.`, {
    hint: 'Export one in the app, or name the file of a recipe.',
  });
}

/** Makes the GIF that a recipe describes, with the same bytes as the app's export. */
export async function followRecipe(session: Session, run: string, named: string, out: string): Promise<void> {
  outputKind(out, ['.gif']);
  await withModel(session, run, async (model) => {
    const { renderRecipe } = await import('../engine/animation/recipe.ts');
    const { writeFileAtomic } = await import('../system/atomic.ts');
    const { runFolder } = await import('../engine/runs/store.ts');
    const { signal, reporter, workspace } = session;
    const { id } = model.info;
    const recipe = await findRecipe(named, runFolder(workspace, id), id);
    reporter.status(`Drawing ${out}`);
    const { animation, file } = await renderRecipe(model, recipe, { signal });
    await writeFileAtomic(out, file);
    const frames = animation.frames.length;
    reporter.done(
      { run: id, out, frames, recipe },
      `Wrote ${out}: ${counted(frames, 'frame')} by the recipe.`,
    );
  });
}
