import { UnravelError } from '../../contract/errors.ts';
import {
  FigureNameSchema,
  MOST_FIGURE_RUNS,
  type FigureName,
  type FiguresRecipe,
} from '../../contract/figures.ts';
import type { Progress } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';
import { splitDataset } from '../data/split.ts';
import type { Dataset } from '../data/dataset.ts';
import { openModel } from '../inference/model.ts';
import type { Workspace } from '../basics/workspace.ts';
import { chooseFeatures, resolveFeatures, type FeatureChoice } from './choose-features.ts';
import { modelLabels } from './model-labels.ts';
import { planExploreSheet } from './plan-explore.ts';
import { PER_ROW } from './reconstructions-figure.ts';
import { measureRunAxes, measureRunCodes, type RunCodes } from './run-codes.ts';
import { SAMPLE_ROWS, sampleColumns } from './samples-figure.ts';
import { traversalLayout } from './traversals-figure.ts';

/** Faces that each traversal is shown on. */
const TRAVERSED_IMAGES = 2;
/** Labels that are chosen by themselves: as many as the paper shows. */
const AUTOMATIC_FEATURES = 5;

/** Choices for a set of figures. Everything else is chosen automatically. */
export interface FigureChoices {
  /** Which figures; all if left out. */
  readonly only?: readonly FigureName[];
  /** Images of the data set; the first that no run was trained on if left out. */
  readonly images?: readonly number[];
  /** If left out, the labels that the models encode best. */
  readonly features?: readonly FeatureChoice[];
  readonly seed: number;
  /** How far dimensions are moved, in standard deviations of the prior. */
  readonly range: number;
  readonly captions: boolean;
  /** True to move along the runs' independent axes in place of their dimensions. */
  readonly axes?: boolean;
}

/** Options for progress and cancellation of planning. */
export interface PlanOptions {
  readonly signal?: AbortSignal;
  /** Called with the progress of encoding images. */
  readonly onProgress?: (run: string, progress: Progress) => void;
}

/** Images on which none of the runs was trained, as far as is known, in ascending order. */
async function unseenImages(
  runs: readonly RunInfo[],
  data: Dataset,
): Promise<{ images: number[]; isHeldOut: boolean }> {
  const { info } = data;
  const own = runs.filter(({ dataset }) => dataset?.id === info.id);
  const splits: Set<number>[] = [];
  for (const { config } of own)
    splits.push(new Set((await splitDataset(data, config.heldOutFraction)).heldOut));
  const all = Array.from({ length: info.images }, (_, i) => i);
  const unseen = all.filter((image) => splits.every((heldOut) => heldOut.has(image)));
  return unseen.length
    ? { images: unseen, isHeldOut: own.length === runs.length }
    : { images: all, isHeldOut: false };
}

function checkRuns(runs: readonly RunInfo[]): void {
  if (runs.length > MOST_FIGURE_RUNS) {
    throw new UnravelError('bad-input', `${runs.length} models are too many for one figure.`, {
      hint: `Name ${MOST_FIGURE_RUNS} at most.`,
    });
  }
  const twice = runs.find(({ id }, i) => runs.findIndex((other) => other.id === id) !== i);
  if (twice) throw new UnravelError('bad-input', `The run ${twice.id} is named twice.`);
}

/**
 * Decides everything about a set of figures: which images, which dimensions, how large.
 *
 * @param runs - in order from left to right
 * @returns a recipe, whose figures `renderFigures` draws
 * @throws UnravelError `bad-input` or `not-found` for what cannot be drawn; the signal's reason when it is aborted
 */
export async function planFigures(
  workspace: Workspace,
  runs: readonly RunInfo[],
  dataset: Dataset,
  { only = FigureNameSchema.options, images, features, seed, range, captions, axes = false }: FigureChoices,
  { signal, onProgress }: PlanOptions = {},
): Promise<FiguresRecipe> {
  checkRuns(runs);
  const wants = (figure: FigureName): boolean => only.includes(figure);
  const unseen = await unseenImages(runs, dataset);
  const shown = images ?? unseen.images.slice(0, PER_ROW);
  const steps: number[] = [];
  const codes: RunCodes[] = [];
  const measure = axes ? measureRunAxes : measureRunCodes;
  for (const { id } of runs) {
    signal?.throwIfAborted();
    const model = await openModel(workspace, id);
    try {
      steps.push(model.step);
      const follow = {
        ...(signal ? { signal } : {}),
        onProgress: (progress: Progress) => onProgress?.(id, progress),
      };
      if (wants('traversals') || wants('explore')) {
        codes.push(await measure(workspace, model, dataset, follow));
      }
    } finally {
      model.dispose();
    }
  }
  const labels = modelLabels(runs);
  const chosen =
    wants('traversals') &&
    (features ? resolveFeatures(codes, features) : chooseFeatures(codes, AUTOMATIC_FEATURES));
  return {
    version: 1,
    kind: 'figures',
    runs: runs.map(({ id }, i) => ({ id, step: steps[i]!, ...labels[i]! })),
    dataset: { id: dataset.info.id, name: dataset.info.name },
    captions,
    ...(wants('samples')
      ? { samples: { seed, rows: SAMPLE_ROWS, columns: sampleColumns(runs.length) } }
      : {}),
    ...(chosen && chosen.length
      ? {
          traversals: {
            images: shown.slice(0, TRAVERSED_IMAGES),
            range,
            steps: traversalLayout(runs.length).steps,
            features: chosen,
          },
        }
      : {}),
    ...(wants('reconstructions')
      ? {
          reconstructions: {
            images: [...shown],
            isHeldOut: images === undefined && unseen.isHeldOut,
            errors: runs.map(({ heldOut, dataset: own }) =>
              own?.id === dataset.info.id && heldOut ? heldOut.reconstruction : null,
            ),
          },
        }
      : {}),
    ...(wants('explore')
      ? { explore: runs.map(({ id }, i) => planExploreSheet(id, codes[i]!, { image: shown[0]!, range })) }
      : {}),
  };
}
