import type { Direction, DirectionKind } from '../../contract/direction.ts';
import { UnravelError } from '../../contract/errors.ts';
import { codesUnder } from '../axes/find-axes.ts';
import type { Workspace } from '../basics/workspace.ts';
import type { Dataset } from '../data/dataset.ts';
import { splitDataset, splitImages, type Split } from '../data/split.ts';
import { checkpointStepOf, latentDimOf, type Evaluated } from '../evaluation/evaluate-run.ts';
import type { FollowOptions } from '../inference/all.ts';
import { runFolder } from '../runs/store.ts';
import { findDirection, type CodesOfImages } from './find-direction.ts';
import { storeDirection } from './stored-directions.ts';
import { readTarget, type TargetValues } from './targets.ts';

/** Images that are held out where a data set is not the run's own and no other is named for the test. */
const TEST_FRACTION = 0.1;

/** Maximum length of a direction's name. */
const MOST_NAME = 200;

/** A label as a person names it. */
export interface NamedTarget {
  readonly label: string;
  /** Of a label with several words: the one that is told from the others. */
  readonly value?: string;
}

/** Options of {@link findRunDirection}. */
export interface FindRunDirectionOptions extends FollowOptions {
  readonly target: NamedTarget;
  readonly kind: DirectionKind;
  readonly against?: readonly NamedTarget[];
  readonly equal?: NamedTarget;
  /** Another data set whose images test the direction. */
  readonly test?: Dataset;
  /** The direction's name; the label's if left out. */
  readonly name?: string;
}

/**
 * Finds a direction of a run's latent space, tests it, and stores it with the run. It is computed from the images that the run was
 * trained on, and tested on those that it held out; from a tenth fewer images of another data set, and tested on these; or
 * from all images where another data set tests it.
 *
 * @returns also whether it took the place of one of the same name
 * @throws UnravelError as `readTarget` and `findDirection`
 */
export async function findRunDirection(
  workspace: Workspace,
  run: Evaluated,
  dataset: Dataset,
  { target: named, kind, against = [], equal, test, name, ...follow }: FindRunDirectionOptions,
): Promise<{ readonly direction: Direction; readonly isReplaced: boolean }> {
  const target = await readTarget(dataset, named.label, named.value);
  const title = (name ?? target.title).trim();
  if (title === '' || title.length > MOST_NAME) {
    throw new UnravelError('bad-input', `A direction's name has from 1 to ${MOST_NAME} characters.`, {
      hint: 'Choose another name.',
    });
  }
  if (test?.info.id === dataset.info.id) {
    throw new UnravelError(
      'bad-input',
      `The direction would be tested on the images that it is computed from, ${test.info.name}.`,
      {
        hint: 'Leave the test out: then images are held out for it.',
      },
    );
  }
  const others = await Promise.all(against.map(({ label, value }) => readTarget(dataset, label, value)));
  const matched = equal && (await readEqual(dataset, equal));
  if (matched?.target.column === target.target.column) {
    throw new UnravelError('bad-input', `${target.title} cannot be matched with itself.`, {
      hint: 'Match another label.',
    });
  }
  const testTarget = test && (await readTarget(test, named.label, named.value));
  if (testTarget && testTarget.isNumber !== target.isNumber) {
    throw new UnravelError(
      'bad-input',
      `${target.title} has other values in ${test.info.name} than in ${dataset.info.name}.`,
      {
        hint: 'Test the direction on a data set with the same labels.',
      },
    );
  }
  const split = await splitFor(run, dataset, test !== undefined);
  const latentDim = latentDimOf(run);
  const { mu, active } = await codesUnder(workspace, run, dataset, split.train, follow);
  if (!active.includes(true)) {
    throw new UnravelError(
      'bad-input',
      `No dimension of ${run.info.name} is active: its codes tell nothing about images.`,
      {
        hint: 'Train a model whose dimensions say something, with a smaller weight or for longer.',
      },
    );
  }
  const codesOf = async (of: Dataset, indices: Uint32Array): Promise<CodesOfImages> => ({
    codes: (await codesUnder(workspace, run, of, indices, follow)).mu,
    indices,
  });
  const held = test ? Uint32Array.from({ length: test.info.images }, (_, i) => i) : split.heldOut;
  const tested = held.length > 0 ? await codesOf(test ?? dataset, held) : undefined;
  const found = findDirection({
    train: { codes: mu, indices: split.train },
    ...{ latentDim, active, target, kind, against: others, equal: matched },
    test: tested && { ...tested, target: testTarget ?? target },
  });
  const direction: Direction = {
    version: 1,
    name: title,
    checkpointStep: checkpointStepOf(run),
    dataset: dataset.info.id,
    target: target.target,
    kind,
    against: others.map((other) => other.target),
    ...(matched ? { equal: matched.target } : {}),
    ...found,
  };
  const isReplaced = await storeDirection(runFolder(workspace, run.info.id), direction);
  return { direction, isReplaced };
}

/** A label whose values are matched: one against the others, or each of a few. */
async function readEqual(dataset: Dataset, { label, value }: NamedTarget): Promise<TargetValues> {
  const column = dataset.info.columns.find(({ name }) => name === label);
  if (value !== undefined || column?.type !== 'categorical') return readTarget(dataset, label, value);
  const values = Float32Array.from(await dataset.column(column));
  return { target: { column: label }, title: label, isNumber: false, values };
}

async function splitFor({ info }: Evaluated, dataset: Dataset, hasTest: boolean): Promise<Split> {
  const { id, images } = dataset.info;
  if (hasTest)
    return { train: Uint32Array.from({ length: images }, (_, i) => i), heldOut: new Uint32Array(0) };
  if (info.dataset?.id === id) return splitDataset(dataset, info.config.heldOutFraction);
  return splitImages(images, TEST_FRACTION);
}
