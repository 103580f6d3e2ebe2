import type { Direction, DirectionKind } from '../../contract/direction.ts';
import { UnravelError } from '../../contract/errors.ts';
import { rowsOf } from '../evaluation/posterior-rows.ts';
import {
  classifierNormal,
  differenceOfMeans,
  dot,
  orthogonalTo,
  regressionNormal,
  scoresAlong,
  type LabelledCodes,
} from './normals.ts';
import { aucOf, r2Of } from './quality.ts';
import { FEWEST_OF_A_SIDE, type TargetValues } from './targets.ts';

/** Codes of some images of a data set. */
export interface CodesOfImages {
  /** `[indices.length, latentDim]`. */
  readonly codes: Float32Array;
  /** Numbers of the images. */
  readonly indices: Uint32Array;
}

/** What a direction is computed from. */
export interface DirectionSource {
  readonly train: CodesOfImages;
  readonly latentDim: number;
  readonly active: readonly boolean[];
  readonly target: TargetValues;
  readonly kind: DirectionKind;
  /** Labels whose scores are not to change along the direction. */
  readonly against: readonly TargetValues[];
  /** A label that is to be distributed equally on both sides. */
  readonly equal?: TargetValues | undefined;
  /** Images that test it, and their labels; none where there are no others. */
  readonly test?: (CodesOfImages & { readonly target: TargetValues }) | undefined;
}

export type FoundDirection = Pick<Direction, 'normal' | 'step' | 'scores' | 'train' | 'quality'>;

/** The rows whose labels are all known. */
function knownRows({ indices }: CodesOfImages, labels: readonly TargetValues[]): number[] {
  return Array.from(indices, (_, row) => row).filter((row) =>
    labels.every(({ values }) => !Number.isNaN(values[indices[row]!]!)),
  );
}

/** Some of the images, by their rows. */
function imagesAt(
  { codes, indices }: CodesOfImages,
  rows: readonly number[],
  latentDim: number,
): CodesOfImages {
  return {
    codes: rowsOf(codes, latentDim, Uint32Array.from(rows)),
    indices: Uint32Array.from(rows, (row) => indices[row]!),
  };
}

/** @throws UnravelError `bad-input` where a direction of these labels would show single images, or nothing */
function checkLabels({ title, isNumber }: TargetValues, labels: Float32Array): void {
  if (isNumber) {
    if (labels.length >= 2 * FEWEST_OF_A_SIDE && labels.some((label) => label !== labels[0])) return;
    throw new UnravelError(
      'bad-input',
      labels.length < 2 * FEWEST_OF_A_SIDE
        ? `${title} is known of ${labels.length} images only.`
        : `${title} is the same for all ${labels.length} images.`,
      { hint: `A direction needs at least ${2 * FEWEST_OF_A_SIDE} images with different values.` },
    );
  }
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const negatives = labels.length - positives;
  if (Math.min(positives, negatives) >= FEWEST_OF_A_SIDE) return;
  throw new UnravelError(
    'bad-input',
    `Of ${labels.length} images, ${positives} have ${title} and ${negatives} do not.`,
    { hint: `A direction needs at least ${FEWEST_OF_A_SIDE} of each. Choose another label, or more images.` },
  );
}

/**
 * Weights by which both sides of a label have the same share of each value of another one: every cell of both labels counts as
 * if they were independent.
 *
 * @throws UnravelError `bad-input` where a side has no image with a value
 */
function matchedWeights(target: TargetValues, equal: TargetValues, indices: Uint32Array): Float64Array {
  const rows = indices.length;
  const side = (row: number): number => target.values[indices[row]!]!;
  const value = (row: number): number => equal.values[indices[row]!]!;
  const cells = new Map<string, number>();
  const sides = new Map<number, number>();
  const values = new Map<number, number>();
  const add = <K>(counts: Map<K, number>, key: K): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let row = 0; row < rows; row++) {
    add(cells, `${side(row)} ${value(row)}`);
    add(sides, side(row));
    add(values, value(row));
  }
  for (const one of sides.keys()) {
    for (const other of values.keys()) {
      if (cells.has(`${one} ${other}`)) continue;
      throw new UnravelError(
        'bad-input',
        `No image ${one === 1 ? 'with' : 'without'} ${target.title} has the value ${other} of ${equal.title}.`,
        { hint: `Both sides of ${target.title} need images of each value of ${equal.title}.` },
      );
    }
  }
  return Float64Array.from({ length: rows }, (_, row) => {
    const expected = (sides.get(side(row))! * values.get(value(row))!) / rows;
    return expected / cells.get(`${side(row)} ${value(row)}`)!;
  });
}

function normalOf(
  kind: DirectionKind,
  target: TargetValues,
  { codes, indices }: CodesOfImages,
  { latentDim, active }: Pick<DirectionSource, 'latentDim' | 'active'>,
  weights: Float64Array = new Float64Array(indices.length).fill(1),
): Float64Array {
  const labels = Float32Array.from(indices, (index) => target.values[index]!);
  checkLabels(target, labels);
  const data: LabelledCodes = { codes, latentDim, labels, weights, active };
  if (target.isNumber) return regressionNormal(data);
  return kind === 'difference' ? differenceOfMeans(data) : classifierNormal(data);
}

/**
 * Finds a direction of a latent space that changes a label, and measures how well scores along it tell the label.
 *
 * The direction is parallel to the normal n of its scores n · z, and is made orthogonal to the normals of the labels in
 * `against`, so that their scores do not change along it. A step is n · σ / ‖n‖², which raises the score by its standard
 * deviation σ over the images.
 *
 * @throws UnravelError `bad-input` for labels with too few images, numbers where a difference of means is wanted, or a direction of
 * which nothing is left
 */
export function findDirection(source: DirectionSource): FoundDirection {
  const { target, kind, against, equal, latentDim } = source;
  if (kind === 'difference' && target.isNumber) {
    throw new UnravelError(
      'bad-input',
      `${target.title} is a number: it has no two sides whose means differ.`,
      {
        hint: 'Choose the normal of a linear model, or a label that says yes or no.',
      },
    );
  }
  if (equal && (equal.isNumber || target.isNumber)) {
    const { title } = equal.isNumber ? equal : target;
    throw new UnravelError('bad-input', `${title} is a number: its values cannot be matched.`, {
      hint: 'Choose labels that say yes or no, or have a few values.',
    });
  }
  const rows = knownRows(source.train, [target, ...(equal ? [equal] : [])]);
  const train = imagesAt(source.train, rows, latentDim);
  const weights = equal && matchedWeights(target, equal, train.indices);
  const own = normalOf(kind, target, train, source, weights);
  const others = against.map((other) =>
    normalOf(
      'classifier',
      other,
      imagesAt(source.train, knownRows(source.train, [other]), latentDim),
      source,
    ),
  );
  const normal = orthogonalTo(own, others);
  const squared = dot(normal, normal);
  if (!(squared > 1e-12 * dot(own, own))) {
    throw new UnravelError(
      'bad-input',
      others.length
        ? `Nothing is left of ${target.title} that does not change ${against.map(({ title }) => title).join(', ')}.`
        : `The codes do not differ by ${target.title}.`,
      { hint: 'Choose another label.' },
    );
  }
  const scores = momentsOf(scoresAlong(normal, train.codes));
  return {
    normal: [...normal],
    step: Array.from(normal, (value) => (value * scores.deviation) / squared),
    scores,
    train: rows.length,
    quality: source.test ? qualityOf(normal, source.test, latentDim) : null,
  };
}

function momentsOf(scores: Float64Array): Direction['scores'] {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const square = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return { mean, deviation: Math.sqrt(square) };
}

function qualityOf(
  normal: Float64Array,
  test: CodesOfImages & { readonly target: TargetValues },
  latentDim: number,
): Direction['quality'] {
  const { target } = test;
  const known = imagesAt(test, knownRows(test, [target]), latentDim);
  const scores = scoresAlong(normal, known.codes);
  const labels = Array.from(known.indices, (index) => target.values[index]!);
  return target.isNumber ? r2Of(scores, labels) : aucOf(scores, labels);
}
