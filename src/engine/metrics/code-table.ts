import { UnravelError } from '../../contract/errors.ts';
import { createRandom } from '../basics/random.ts';
import type { ColumnValues } from '../data/columns.ts';
import { makeFactor, type Factor } from './factor.ts';
import { Sample, type Samples } from './sample.ts';

/** Codes of images, with their labels and factors. */
export interface CodeTable {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  /** Labels and factors, each with a value for every image, NaN where unknown. */
  readonly columns: readonly ColumnValues[];
  /** The rows for training and for testing, if they are given; otherwise they are drawn by the seed. */
  readonly split?: { readonly train: Uint32Array; readonly test: Uint32Array };
}

/**
 * Maximum number of rows for training and testing classifiers. More would take longer and hardly improve the
 * scores.
 */
const MOST_TRAIN = 5_000;
const MOST_TEST = 2_500;
/** The same for a table with a given split. */
const MOST_GIVEN_TRAIN = 10_000;
const MOST_GIVEN_TEST = 5_000;

/**
 * Checks codes.
 *
 * @throws UnravelError `bad-input` for a number that is not finite, or a wrong shape
 */
export function checkCodes(codes: Float32Array, count: number, latentDim: number): void {
  if (latentDim < 1 || codes.length !== count * latentDim) {
    throw new UnravelError('bad-input', `${codes.length} numbers are not ${count} codes of ${latentDim}.`, {
      hint: 'Give a table with a row for each image and a column for each dimension.',
    });
  }
  const bad = codes.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const [row, dimension] = [Math.floor(bad / latentDim), bad % latentDim];
  throw new UnravelError(
    'bad-input',
    `The code of image ${row} is not a finite number in dimension z${dimension}.`,
    {
      hint: 'A model that gives such codes has diverged; leave these rows out or take an earlier checkpoint.',
    },
  );
}

/** A table that is prepared for the metrics. */
export interface PreparedTable {
  readonly factors: readonly Factor[];
  /** Sentences about columns that are not scored, with the reasons. */
  readonly leftOut: readonly string[];
  readonly samples: Samples;
}

/**
 * Makes factors from a table's columns, and splits its rows for training and testing.
 *
 * @throws UnravelError `bad-input` for codes that are not numbers, columns of another length, too few rows, or no
 * label or factor
 */
export function prepareTable(
  { codes, count, latentDim, columns, split }: CodeTable,
  seed: number,
): PreparedTable {
  checkCodes(codes, count, latentDim);
  if (count < 10) {
    throw new UnravelError('bad-input', `${count} images are too few to measure a code with.`, {
      hint: 'Give at least 10; a few thousand make useful numbers.',
    });
  }
  const wrong = columns.find(({ values }) => values.length !== count);
  if (wrong) {
    throw new UnravelError(
      'bad-input',
      `The column ${wrong.column.name} has ${wrong.values.length} values for ${count} images.`,
      { hint: 'Give one for each image.' },
    );
  }
  const made = columns.map(makeFactor);
  const leftOut = made.flatMap((one) => ('leftOut' in one ? [`${one.leftOut}, so it is not scored.`] : []));
  const factors = made.filter((one): one is Factor => !('leftOut' in one));
  if (!factors.length) {
    throw new UnravelError('bad-input', `There is no label or factor to score the code by.`, {
      hint: leftOut.length ? leftOut.join(' ') : 'Metrics need a data set with at least one label or factor.',
    });
  }
  const pool = new Sample(codes, latentDim, factors);
  if (split) {
    const all = pool.select(split.train);
    const some = (rows: Uint32Array, most: number): Uint32Array => {
      const order = createRandom(seed, 'metrics', 'split', most).permutation(rows.length).subarray(0, most);
      return order.map((at) => rows[at]!);
    };
    const train = all.count <= MOST_GIVEN_TRAIN ? all : pool.select(some(split.train, MOST_GIVEN_TRAIN));
    const test = split.test.length <= MOST_GIVEN_TEST ? split.test : some(split.test, MOST_GIVEN_TEST);
    return { factors, leftOut, samples: { all, train, test: pool.select(test), pool } };
  }
  const order = createRandom(seed, 'metrics', 'split').permutation(count);
  const test = Math.min(MOST_TEST, Math.floor(count / 3));
  const samples = {
    all: pool,
    test: pool.select(order.subarray(0, test)),
    train: pool.select(order.subarray(test, Math.min(count, test + MOST_TRAIN))),
    pool,
  };
  return { factors, leftOut, samples };
}
