import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { FigureNameSchema, type FigureName, type FiguresRecipe } from '../../contract/figures.ts';
import type { RunInfo } from '../../contract/run.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import type { FeatureChoice } from '../../engine/figures/choose-features.ts';
import { addCommand } from '../command.ts';
import { featureList, type TypedFeature } from '../feature-list.ts';
import { findDataset, findRun } from '../find.ts';
import { alternatives, counted } from '../format.ts';
import { checkIndices, decimalNumber, indexList, wholeNumber } from '../parse.ts';
import type { Perform, Session, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface FiguresOptions extends SharedOptions {
  readonly out: string;
  readonly recipe?: string;
  readonly data?: string;
  readonly images?: readonly number[];
  readonly features?: readonly TypedFeature[];
  readonly only?: readonly FigureName[];
  readonly seed: number;
  readonly range: number;
  readonly captions: boolean;
  readonly axes?: true;
}

function figureList(text: string): FigureName[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = FigureNameSchema.options.find((one) => one === name);
    if (known) return known;
    throw new UsageError(
      `--only names ${name}, which is not a figure.`,
      `Choose ${alternatives(FigureNameSchema.options)}.`,
    );
  });
}

/** Replaces the runs' names in typed features by their indices. */
function placed(
  features: readonly TypedFeature[],
  runs: readonly RunInfo[],
  typed: readonly string[],
): FeatureChoice[] {
  return features.map(({ name, dimensions }) => ({
    name,
    dimensions: new Map(
      dimensions.map(({ run, ...chosen }) => {
        const place = runs.findIndex(({ id, name: title }, i) => [typed[i], id, title].includes(run));
        if (place < 0) {
          throw new UsageError(
            `--features names the run ${run}, which is not drawn.`,
            `Use ${alternatives(typed)}.`,
          );
        }
        return [place, chosen];
      }),
    ),
  }));
}

async function openData(
  session: Session,
  runs: readonly RunInfo[],
  named: string | undefined,
): Promise<Dataset> {
  if (named !== undefined) return findDataset(session, named);
  const own = runs.find(({ dataset }) => dataset)?.dataset?.id;
  if (own === undefined) {
    throw new UsageError(
      'Figures need a data set, and the runs were trained elsewhere.',
      'Name one with --data.',
    );
  }
  const { openLockedDataset } = await import('../../engine/data/lock-dataset.ts');
  return openLockedDataset(session.workspace, own);
}

async function planFor(
  session: Session,
  names: readonly string[],
  options: FiguresOptions,
): Promise<FiguresRecipe> {
  const { data, images, features, only, seed, range, captions, axes = false } = options;
  const { reporter, signal, workspace } = session;
  const runs: RunInfo[] = [];
  for (const name of names) runs.push((await findRun(session, name)).info);
  const dataset = await openData(session, runs, data);
  try {
    const { images: count, name: title } = dataset.info;
    if (images) checkIndices('--images', images, count, `${counted(count, 'image')} in ${title}`);
    const { planFigures } = await import('../../engine/figures/plan-figures.ts');
    const encoding = reporter.progress('Encoding', 'images');
    const recipe = await planFigures(
      workspace,
      runs,
      dataset,
      {
        seed,
        range,
        captions,
        axes,
        ...(only ? { only } : {}),
        ...(images ? { images } : {}),
        ...(features ? { features: placed(features, runs, names) } : {}),
      },
      { signal, onProgress: (_, progress) => encoding(progress) },
    );
    const wantsTraversals = !only || only.includes('traversals');
    if (wantsTraversals && !recipe.traversals) {
      reporter.remark(
        dataset.info.columns.length
          ? 'No dimension carries a label beyond chance: there is no figure of traversals.'
          : `${title} has no labels to choose dimensions by: there is no figure of traversals.`,
      );
    }
    return recipe;
  } finally {
    await dataset.close();
  }
}

/** `unravel figures`: the figures of a paper. */
export function addFiguresCommand(program: Command, perform: Perform): void {
  addCommand(program, 'figures [runs...]', {
    summary: 'draw the figures of a paper that compare models, as PNG, SVG and PDF',
    details:
      'Samples of the prior, traversals of single dimensions of the same faces, reconstructions, and every dimension of each ' +
      'model. For each label, the dimension that carries it best in each model is shown. It also writes recipe.json, from ' +
      'which --recipe makes the same files again.',
    examples: [
      'unravel figures ae vae beta-tcvae --out figures',
      'unravel figures vae tc --features "Smiling,Bald=vae:3,tc:7-" --images 3,17 --out figures',
      'unravel figures ae vae --axes --only traversals --out axes',
      'unravel figures --recipe figures/recipe.json --out again',
    ],
  })
    .option(
      '--data <dataset>',
      "the images, and the labels that dimensions are chosen by (default: the first run's own)",
    )
    .option(
      '--images <list>',
      'indices of the images, such as 3,17: traversals use the first two, sheets of one image the first (default: held-out images)',
      indexList,
    )
    .option(
      '--features <list>',
      'labels to show, such as Smiling,Bald=vae:3,tc:7-, where run:dimension chooses a dimension and - reverses it (default: the five that are carried best)',
      featureList,
    )
    .option(
      '--only <list>',
      `only these, separated by commas: ${FigureNameSchema.options.join(', ')}`,
      figureList,
    )
    .option('--seed <number>', 'seed of the samples of the prior', wholeNumber({ min: 0 }), 1)
    .option(
      '--range <deviations>',
      'how far dimensions are moved, in standard deviations of the prior',
      decimalNumber({ min: 0.01, max: 100 }),
      3,
    )
    .option(
      '--axes',
      'traversals and sheets along independent axes in place of dimensions: those that unravel axes has found, which --features then counts',
    )
    .option('--no-captions', 'leave out the captions')
    .addOption(
      new Option('--recipe <file>', 'make the figures that a recipe describes').conflicts([
        ...['data', 'images', 'features', 'only', 'seed', 'range', 'captions', 'axes'],
      ]),
    )
    .requiredOption(
      '--out <folder>',
      'the folder for the files; existing files of the same names are replaced',
    )
    .action((names: string[], options: FiguresOptions) =>
      perform(options, async (session) => {
        const { recipe: file, out } = options;
        if (file !== undefined && names.length > 0) {
          throw new UsageError('A recipe names its runs: leave them out.');
        }
        if (file === undefined && names.length === 0) {
          throw new UsageError('Name the runs to draw, or a --recipe.');
        }
        const { reporter, signal, workspace } = session;
        const { readFiguresRecipe, writeFigures, writeFiguresRecipe } =
          await import('../../engine/figures/figure-files.ts');
        const { renderFigures } = await import('../../engine/figures/render-figures.ts');
        const recipe =
          file === undefined ? await planFor(session, names, options) : await readFiguresRecipe(file);
        reporter.status('Drawing the figures');
        const figures = await renderFigures(workspace, recipe, { signal });
        const files = await writeFigures(out, figures);
        await writeFiguresRecipe(out, recipe);
        reporter.done(
          {
            runs: recipe.runs.map(({ id }) => id),
            dataset: recipe.dataset.id,
            out,
            files,
            recipe: join(out, 'recipe.json'),
          },
          `Drew ${counted(figures.length, 'figure')} of ${counted(recipe.runs.length, 'model')} into ${out}, each as PNG, SVG and PDF.`,
        );
      }),
    );
}
