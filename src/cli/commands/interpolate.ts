import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { addConditionOption, assumeCondition, type ConditionOptions } from '../condition-option.ts';
import { addMotionOptions, motionFor, type MotionOptions } from '../figure-options.ts';
import { withModel } from '../find.ts';
import { counted } from '../format.ts';
import { imageReference, outputKind, type ImageReference } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { findStart } from '../start-code.ts';

interface InterpolateOptions extends SharedOptions, MotionOptions, ConditionOptions {
  readonly from: ImageReference;
  readonly to: ImageReference;
  readonly data?: string;
  readonly out: string;
}

/** `unravel interpolate`: morphs one image into another along the straight line between their codes. */
export function addInterpolateCommand(program: Command, perform: Perform): void {
  const command = addCommand(program, 'interpolate <run>', {
    summary: 'turn one image into another, as a GIF or a PNG strip',
    details:
      "Decodes codes on the straight line from one image's posterior mean to the other's, both included.",
    examples: [
      'unravel interpolate first --from 3 --to 40 --ping-pong --out three-to-forty.gif',
      'unravel interpolate first --from me.jpg --to you.jpg --out us.png',
    ],
  })
    .requiredOption(
      '--from <image>',
      "an image of the run's data set, counted from 0, or a picture file",
      imageReference,
    )
    .requiredOption('--to <image>', 'the last image, named in the same way', imageReference)
    .option('--data <dataset>', "the data set that image indices refer to (default: the run's own)");
  addMotionOptions(addConditionOption(command, "the first image's own"))
    .requiredOption('--out <file>', 'a .gif, or a .png for a strip')
    .action((run: string, options: InterpolateOptions) =>
      perform(options, async (session) => {
        const { from, to, data, condition, fps, pingPong = false, out } = options;
        const kind = outputKind(out, ['.gif', '.png']);
        await withModel(session, run, async (model) => {
          const { decodeCodes, interpolate } = await import('../../engine/traversal/traverse.ts');
          const { traversalOrder } = await import('../../engine/animation/frame-order.ts');
          const { writeAnimatedGif, writeStrip } = await import('../../engine/animation/animation-file.ts');
          const named = data === undefined ? {} : { data };
          const start = await findStart(session, model, { ...from, ...named }, '--from');
          const end = await findStart(session, model, { ...to, ...named }, '--to');
          const assumed = await assumeCondition(model, condition, start.condition);
          const { frames, tileSizePx } = motionFor(kind, options);
          const { values: count, order } = traversalOrder(frames, kind === '.gif' && pingPong);
          const pictures = decodeCodes(model, interpolate(start.code, end.code, count));
          const values = Array.from({ length: count }, (_, i) => i / (count - 1));
          session.signal.throwIfAborted();
          const animation = { tiles: [pictures], values, tileSizePx };
          if (kind === '.gif') await writeAnimatedGif(out, animation, { order, fps, layout: 'grid' });
          else await writeStrip(out, animation);
          session.reporter.done(
            {
              run: model.info.id,
              out,
              frames,
              from: start.ids,
              to: end.ids,
              ...(assumed === undefined ? {} : { condition: assumed }),
            },
            `Wrote ${out}: from ${start.title} to ${end.title} in ${counted(frames, kind === '.gif' ? 'frame' : 'column')}.`,
          );
        });
      }),
    );
}
