import { Option, type Command } from 'commander';
import { UnravelError } from '../../contract/errors.ts';
import type { Direction } from '../../contract/direction.ts';
import type { RunAxes } from '../../engine/axes/run-axes.ts';
import type { InferenceModel } from '../../engine/inference/model.ts';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { addMotionOptions, motionFor, type MotionOptions } from '../figure-options.ts';
import { findDatasetId, withModel } from '../find.ts';
import { counted } from '../format.ts';
import { checkIndices, decimalNumber, indexList, outputKind, textList, wholeNumber } from '../parse.ts';
import type { Perform, Session, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { followRecipe } from '../follow-recipe.ts';
import { addStartOptions, findStart, type StartOptions } from '../start-code.ts';

interface TraverseOptions extends SharedOptions, StartOptions, MotionOptions, ConditionOptions {
  readonly axes?: true;
  readonly direction?: readonly string[];
  readonly dims?: readonly number[];
  readonly top?: number;
  readonly range: number;
  readonly labels?: true;
  readonly layout: 'grid' | 'rows';
  readonly recipe?: string;
  readonly out: string;
}

/** The options that a recipe replaces, by their names in commander. */
const REPLACED_BY_RECIPE = [
  ...['image', 'index', 'prior', 'data', 'axes', 'direction', 'dims', 'top', 'range', 'labels', 'layout'],
  ...['frames', 'fps', 'pingPong', 'size', 'condition'],
];

const TOP = 10;

/**
 * The independent axes that are stored for a run's codes.
 *
 * @param data - the value of `--data`
 */
async function openAxes(session: Session, model: InferenceModel, data: string | undefined): Promise<RunAxes> {
  const { readAxes } = await import('../../engine/axes/run-axes.ts');
  const { runFolder } = await import('../../engine/runs/store.ts');
  const id = data === undefined ? model.info.dataset?.id : await findDatasetId(session, data);
  const missing = new UsageError(
    `The run ${model.info.name} has no axes for its current checkpoint.`,
    `Find them first with: unravel axes ${model.info.id}`,
  );
  if (id === undefined) throw missing;
  try {
    return await readAxes(runFolder(session.workspace, model.info.id), id, model.latentDim);
  } catch (error) {
    if (error instanceof UnravelError && error.code === 'not-found') throw missing;
    throw error;
  }
}

/** The directions of these names that the run keeps. */
async function openDirections(
  session: Session,
  model: InferenceModel,
  names: readonly string[],
): Promise<Direction[]> {
  const { findStoredDirection } = await import('../../engine/directions/stored-directions.ts');
  const { runFolder } = await import('../../engine/runs/store.ts');
  const run = { info: model.info, folder: runFolder(session.workspace, model.info.id) };
  return Promise.all(names.map((name) => findStoredDirection(run, name)));
}

/** `unravel traverse`: draws traversals of single dimensions. */
export function addTraverseCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'traverse <run>', {
    summary: 'show what single dimensions do, as a GIF or a PNG strip',
    details:
      "Starts from an image's own code (the posterior's mean) and moves one dimension at a time from −range to +range. A dimension of a QLAE takes its learned values one after the other, whatever the range is.",
    examples: [
      'unravel traverse first --labels --out traversal.gif',
      'unravel traverse first --image me.jpg --dims 0,3,7 --range 2.5 --ping-pong --out me.gif',
      'unravel traverse first --prior --top 5 --labels --out strip.png',
      'unravel traverse first --axes --labels --out axes.gif',
      'unravel traverse first --direction smile,sunglasses --labels --out directions.png',
      'unravel traverse first --recipe last --out again.gif',
    ],
  });
  addMotionOptions(addConditionOption(addStartOptions(command), "the image's own"))
    .option(
      '--axes',
      'move along independent axes in place of dimensions: those that unravel axes has found, which --dims then counts',
    )
    .addOption(
      new Option(
        '--direction <list>',
        'move along directions that unravel direction has found, by their names, in place of dimensions; an offset of 1 raises the scores by one standard deviation',
      )
        .argParser(textList)
        .conflicts(['axes', 'dims', 'top']),
    )
    .addOption(
      new Option('--dims <list>', 'which dimensions, such as 0,3,7').argParser(indexList).conflicts('top'),
    )
    .option(
      '--top <number>',
      `number of dimensions, those that carry most (default: ${TOP})`,
      wholeNumber({ min: 1, max: 512 }),
    )
    .option(
      '--range <deviations>',
      'how far to move, in standard deviations of the prior, or of the codes along an axis',
      decimalNumber({ min: 0.01, max: 100 }),
      3,
    )
    .option('--labels', 'name each dimension, with its KL, and show its value')
    .addOption(
      new Option('--layout <kind>', 'all dimensions in a grid, or one per row')
        .choices(['grid', 'rows'])
        .default('grid'),
    )
    .addOption(
      new Option(
        '--recipe <file>',
        'make the GIF that a recipe describes: last is the last one that was exported from the run',
      ).conflicts(REPLACED_BY_RECIPE),
    )
    .requiredOption('--out <file>', 'a .gif, or a .png for a strip')
    .action((run: string, options: TraverseOptions) =>
      perform(options, async (session) => {
        if (options.recipe !== undefined) {
          await followRecipe(session, run, options.recipe, options.out);
          return;
        }
        const kind = outputKind(options.out, ['.gif', '.png']);
        await withModel(session, run, async (model) => {
          const { dims, top = TOP, range, labels, layout, fps, pingPong = false, out } = options;
          const { latentDim, info } = model;
          const axes = options.axes ? await openAxes(session, model, options.data) : undefined;
          const named = options.direction && (await openDirections(session, model, options.direction));
          if (dims && !axes) checkIndices('--dims', dims, latentDim, counted(latentDim, 'latent dimension'));
          if (dims && axes) {
            const { count: all } = axes.components;
            checkIndices('--dims', dims, all, counted(all, 'axis', 'axes'));
          }
          const start = await findStart(session, model, options);
          const condition = await assumeCondition(model, options.condition, start.condition);
          const { dimensionLabel, topDimensions } =
            await import('../../engine/traversal/choose-dimensions.ts');
          const { decodeDirections, decodeTraversal, directionSpread, rankDimensions, traversalOffsets } =
            await import('../../engine/traversal/traverse.ts');
          const { directionOf } = await import('../../engine/axes/fast-ica.ts');
          const { axisLabel } = await import('../../engine/axes/describe-axes.ts');
          const labelOf = ({ names }: RunAxes, axis: number): string => {
            const { name, column } = names[axis]!;
            return axisLabel(axis, column === null ? null : name);
          };
          const { traversalOrder } = await import('../../engine/animation/frame-order.ts');
          const { writeAnimatedGif, writeStrip } = await import('../../engine/animation/animation-file.ts');

          const klPerDimension = info.heldOut?.klPerDimension ?? start.klPerDimension;
          const center = start.code;
          const directions =
            named?.map(({ step }) => Float32Array.from(step)) ??
            axes?.names.map(({ dimension }) => directionOf(axes.components, dimension));
          const dimensions =
            named?.map((_, i) => i) ??
            dims ??
            (directions
              ? rankDimensions(directionSpread(model, center, directions, range)).slice(0, top)
              : topDimensions(model, top, { klPerDimension, center, range }));
          const learned = directions ? undefined : model.latentValues?.[0]?.length;
          // A strip of a quantised model has a column for each of its values.
          const { frames, tileSizePx } = motionFor(kind, {
            ...options,
            ...(kind === '.png' && learned !== undefined && { frames: options.frames ?? learned }),
          });
          const { values: count, order } = traversalOrder(frames, kind === '.gif' && pingPong);
          const offsets = traversalOffsets(range, count);
          session.reporter.status(`Decoding ${counted(dimensions.length * count, 'image')}`);
          const animation = {
            tiles: directions
              ? decodeDirections(
                  model,
                  center,
                  dimensions.map((axis) => directions[axis]!),
                  offsets,
                )
              : decodeTraversal(model, { center, dimensions, offsets }),
            values: [...offsets],
            ...(learned === count ? { columnLabels: Array.from(offsets, (_, k) => `value ${k + 1}`) } : {}),
            tileSizePx,
            ...(labels
              ? {
                  labels: dimensions.map((dimension) =>
                    named
                      ? named[dimension]!.name
                      : axes
                        ? labelOf(axes, dimension)
                        : dimensionLabel(dimension, klPerDimension),
                  ),
                }
              : {}),
          };
          session.signal.throwIfAborted();
          session.reporter.status(`Drawing ${out}`);
          if (kind === '.gif') await writeAnimatedGif(out, animation, { order, fps, layout });
          else await writeStrip(out, animation);
          session.reporter.done(
            {
              run: info.id,
              out,
              ...(named
                ? { directions: named.map(({ name }) => name) }
                : axes
                  ? { axes: dimensions }
                  : { dimensions }),
              frames,
              ...start.ids,
              ...(condition === undefined ? {} : { condition }),
            },
            `Wrote ${out}: ${axes ? counted(dimensions.length, 'axis', 'axes') : counted(dimensions.length, named ? 'direction' : 'dimension')} (${(named?.map(({ name }) => name) ?? dimensions).join(', ')}) from ${start.title}, ` +
              `${counted(frames, kind === '.gif' ? 'frame' : 'column')}.`,
          );
        });
      }),
    );
}
