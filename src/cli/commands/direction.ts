import { Option, type Command } from 'commander';
import { DirectionKindSchema, type Direction, type DirectionKind } from '../../contract/direction.ts';
import type { NamedTarget } from '../../engine/directions/find-run-direction.ts';
import { addCommand } from '../command.ts';
import { findDataset, findRun, withModelOrCodes } from '../find.ts';
import { counted, listing } from '../format.ts';
import { textList } from '../parse.ts';
import { openRunDataset } from '../run-dataset.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface DirectionOptions extends SharedOptions {
  readonly label?: string;
  readonly value?: string;
  readonly kind: DirectionKind;
  readonly against?: readonly string[];
  readonly equal?: string;
  readonly data?: string;
  readonly test?: string;
  readonly name?: string;
}

/** `treatment=drug A` names a value of a label. */
function namedTarget(text: string): NamedTarget {
  const at = text.indexOf('=');
  return at < 0 ? { label: text } : { label: text.slice(0, at), value: text.slice(at + 1) };
}

/** `AUC 0.934 (0.912 to 0.956) on 400 images`. */
function qualityText({ quality }: Direction): string {
  if (!quality) return 'not tested: no image was left';
  const { kind, value, low, high, images } = quality;
  const interval = `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return `${kind === 'auc' ? 'AUC' : 'R²'} ${interval} on ${counted(images, 'image')}`;
}

/** `unravel direction`: finds a direction of a latent space that changes a label. */
export function addDirectionCommand(program: Command, perform: Perform): void {
  addCommand(program, 'direction <run>', {
    summary: 'find a direction of the latent space that changes a label, and list those that are kept',
    details:
      'The normal of a regularised linear classifier of a label (of a number: of a linear regression), or the difference of the means of images with the label and without. It is tested on images that it was not computed from, kept with the run under its name, and shown with: unravel traverse <run> --direction <name>. Without --label, lists the directions that the run has.',
    examples: [
      'unravel direction first --label smile',
      'unravel direction faces-vae --label Smiling --against Male --name smile',
      'unravel direction faces-vae --label Eyeglasses --equal Male --kind difference',
      'unravel direction cells-vae --label "treatment=drug A" --data cells --test other-cells --json',
    ],
  })
    .option(
      '--label <label>',
      'the label or factor that it changes; of one with several values, label=value against the others',
    )
    .addOption(
      new Option('--kind <kind>', 'classifier: the normal; difference: the difference of means')
        .choices(DirectionKindSchema.options)
        .default('classifier'),
    )
    .option('--against <list>', 'labels whose scores do not change along it, separated by commas', textList)
    .option('--equal <label>', 'a label that is given the same share on both sides, by weighting images')
    .option('--data <dataset>', "the images that it is computed from (default: the run's training images)")
    .option(
      '--test <dataset>',
      'the images that test it (default: those that the run held out, or a tenth of --data)',
    )
    .option('--name <name>', "its name (default: the label's)")
    .action((run: string, options: DirectionOptions) =>
      perform(options, async (session) => {
        const { workspace, reporter, signal } = session;
        if (options.label === undefined) {
          const { readDirections } = await import('../../engine/directions/stored-directions.ts');
          const found = await findRun(session, run);
          const { directions, earlier, damaged } = await readDirections(found);
          for (const message of damaged) reporter.remark(message);
          reporter.done(
            { run: found.info.id, directions: directions.map(({ normal: _n, step: _s, ...rest }) => rest) },
            ...(directions.length
              ? listing(directions.map((one) => [one.name, qualityText(one)] as [string, string]))
              : [
                  `${found.info.name} has no directions${earlier.length ? '' : ' yet'}. Name a label with --label.`,
                ]),
            ...(earlier.length
              ? [`Those of an earlier checkpoint are to be found again: ${earlier.join(', ')}.`]
              : []),
          );
          return;
        }
        const label = options.label;
        await withModelOrCodes(session, run, async (model) => {
          const dataset = await openRunDataset(session, model, options.data);
          if (!dataset) {
            throw new UsageError(
              "A direction needs the codes of a data set, and the run's own is not in this workspace.",
              'Name one with --data.',
            );
          }
          const test = options.test === undefined ? undefined : await findDataset(session, options.test);
          try {
            const { findRunDirection } = await import('../../engine/directions/find-run-direction.ts');
            const { direction, isReplaced } = await findRunDirection(workspace, model, dataset, {
              target: namedTarget(label),
              kind: options.kind,
              against: (options.against ?? []).map(namedTarget),
              ...(options.equal === undefined ? {} : { equal: namedTarget(options.equal) }),
              ...(test ? { test } : {}),
              ...(options.name === undefined ? {} : { name: options.name }),
              signal,
              onProgress: reporter.progress('Encoding', 'images'),
            });
            const { quality, train, name, kind, target } = direction;
            reporter.done(
              {
                ...{ run: model.info.id, dataset: dataset.info.id },
                direction: name,
                label: target.column,
                ...(target.value === undefined ? {} : { value: target.value }),
                kind,
                ...(quality ? { [quality.kind]: quality.value, low: quality.low, high: quality.high } : {}),
                ...{ train, test: quality?.images ?? 0 },
              },
              `Found the direction ${name} from ${counted(train, 'image')}: ${qualityText(direction)}.`,
              ...(isReplaced ? [`It takes the place of the earlier direction ${name}.`] : []),
              `Show it with: unravel traverse ${model.info.id} --direction ${JSON.stringify(name)} --out direction.gif`,
            );
          } finally {
            await dataset.close();
            await test?.close();
          }
        });
      }),
    );
}
