import { Option, type Command } from 'commander';
import type { InferenceModel } from '../engine/inference/model.ts';
import type { StartCode } from '../engine/traversal/start.ts';
import { whole } from './format.ts';
import { wholeNumber } from './parse.ts';
import { openRunDataset, requireImages } from './run-dataset.ts';
import type { Session } from './session.ts';

/** The options for the start of a traversal. */
export interface StartOptions {
  readonly image?: string;
  readonly index?: number;
  readonly prior?: true;
  readonly data?: string;
}

/** A start with its title. */
export interface NamedStart extends StartCode {
  /** Such as `image 12 of celeba`. */
  readonly title: string;
  /** Where it comes from, for scripts. */
  readonly ids: Readonly<Record<string, unknown>>;
}

/** Adds the options for the start of a traversal; at most one of the three may be given. */
export function addStartOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--image <file>', 'start from the code of this picture').conflicts(['index', 'prior']),
    )
    .addOption(
      new Option(
        '--index <image>',
        "start from this image of the run's data set, counted from 0 (default: its first held-out one)",
      )
        .argParser(wholeNumber({ min: 0 }))
        .conflicts('prior'),
    )
    .option('--prior', "start from the prior's mean, zero")
    .option('--data <dataset>', "the data set that --index refers to (default: the run's own)");
}

/**
 * Finds the code to start from: the one that the options name, else that of the first held-out image, else the prior's
 * mean.
 *
 * @param option - the option that gave the index
 * @throws UsageError when the index is too large or there is no data set for it
 */
export async function findStart(
  session: Session,
  model: InferenceModel,
  { image, index, prior, data }: StartOptions,
  option = '--index',
): Promise<NamedStart> {
  const starts = await import('../engine/traversal/start.ts');
  const atPrior = { ...starts.startAtPrior(model), title: "the prior's mean", ids: { start: 'prior' } };
  if (prior) return atPrior;
  if (image !== undefined) {
    return { ...(await starts.startAtPicture(model, image)), title: image, ids: { start: 'image', image } };
  }
  const dataset = await openRunDataset(session, model, data);
  try {
    if (!dataset && index === undefined) return atPrior;
    const chosen = index ?? (dataset && (await starts.heldOutIndices(model, dataset))[0]) ?? 0;
    requireImages(dataset, option, [chosen]);
    return {
      ...(await starts.startAtImage(model, dataset, chosen)),
      title: `image ${whole(chosen)} of ${dataset.info.name}`,
      ids: { start: 'index', dataset: dataset.info.id, index: chosen },
    };
  } finally {
    await dataset?.close();
  }
}
