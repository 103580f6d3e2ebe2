import type { EpochMetric, StepMetric } from '../../../contract/operations/runs.ts';
import { klOfTerms, type ModelKind } from '../../../contract/run.ts';

/** A line of the plot: how a term went, over epochs. */
export interface Curve {
  readonly name: string;
  /** `ink`, `grey` or a colour of the palette's categories. */
  readonly tone: 'ink' | 'grey' | number;
  /** Whether it has a point for each epoch, or one for each step. */
  readonly per: 'epoch' | 'step';
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The points of what was measured, at x, without what was not. */
function line<T>(
  metrics: readonly T[],
  x: (metric: T) => number,
  y: (metric: T) => number | undefined,
): (readonly [number, number])[] {
  return metrics.flatMap((metric) => {
    const value = y(metric);
    return value === undefined || !Number.isFinite(value) ? [] : [[x(metric), value] as const];
  });
}

/**
 * How the terms of a run's loss went. Steps lie between the epochs' ends: step number `stepsPerEpoch` is where the
 * first epoch's numbers are.
 *
 * @returns those that have points, in the order in which they are drawn
 */
export function lossCurves(
  model: ModelKind,
  steps: readonly StepMetric[],
  epochs: readonly EpochMetric[],
  stepsPerEpoch: number,
): Curve[] {
  const ofStep = ({ step }: StepMetric): number => step / stepsPerEpoch;
  const ofEpoch = ({ epoch }: EpochMetric): number => epoch;
  const curves: Curve[] = [
    {
      name: 'Training',
      tone: 'grey',
      per: 'step',
      points: line(steps, ofStep, ({ loss }) => loss.terms['reconstruction']),
    },
    {
      name: 'KL',
      tone: 'grey',
      per: 'step',
      points: line(steps, ofStep, ({ loss }) => klOfTerms({ model }, loss.terms)),
    },
    {
      name: 'MI',
      tone: 0,
      per: 'epoch',
      points: line(epochs, ofEpoch, ({ decomposition }) => decomposition?.mutualInformation),
    },
    {
      name: 'TC',
      tone: 1,
      per: 'epoch',
      points: line(epochs, ofEpoch, ({ decomposition }) => decomposition?.totalCorrelation),
    },
    {
      name: 'Dim. KL',
      tone: 3,
      per: 'epoch',
      points: line(epochs, ofEpoch, ({ decomposition }) => decomposition?.dimensionwiseKl),
    },
    {
      name: 'Error',
      tone: 'ink',
      per: 'epoch',
      points: line(epochs, ofEpoch, ({ heldOut }) => heldOut.reconstruction),
    },
  ];
  return curves.filter(({ points }) => points.length > 0);
}

/**
 * How the terms of a sharpening's loss went. KL and its parts do not change, so they are left out.
 *
 * @param before - the held-out error of the decoder that was sharpened, if it is known
 */
export function sharpeningCurves(
  steps: readonly StepMetric[],
  epochs: readonly EpochMetric[],
  stepsPerEpoch: number,
  before: number | undefined,
): Curve[] {
  const ofStep = ({ step }: StepMetric): number => step / stepsPerEpoch;
  const term = (name: string, of: string, tone: Curve['tone']): Curve => ({
    name,
    tone,
    per: 'step',
    points: line(steps, ofStep, ({ loss }) => loss.terms[of]),
  });
  const error = line(
    epochs,
    ({ epoch }) => epoch,
    ({ heldOut }) => heldOut.reconstruction,
  );
  const curves: Curve[] = [
    term('Training', 'reconstruction', 'grey'),
    term('Features', 'features', 0),
    term('Adversarial', 'adversarial', 1),
    term('Discriminator', 'discriminator', 3),
    {
      name: 'Error',
      tone: 'ink',
      per: 'epoch',
      points: before === undefined || error.length === 0 ? error : [[0, before], ...error],
    },
  ];
  return curves.filter(({ points }) => points.length > 0);
}

/**
 * Logarithms of curves on one common x, with gaps where a curve has no point; what has no logarithm is a gap too.
 */
export function alignCurves(curves: readonly Curve[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));
  const columns = curves.map(({ points }) => {
    const column = new Array<number | null>(xs.length).fill(null);
    for (const [x, y] of points) if (y > 0) column[place.get(x)!] = Math.log10(y);
    return column;
  });
  return [xs, ...columns];
}

/** Less than a tenth of a nat is nothing, and would stretch the scale. */
const LEAST = 0.1;

/** The powers of ten around everything that is shown. */
export function decades(curves: readonly Curve[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const { points } of curves) {
    for (const [, y] of points) {
      if (y >= LEAST && y < least) least = y;
      if (y > most) most = y;
    }
  }
  if (!(least <= most)) return [0, 3];
  const low = Math.floor(Math.log10(least));
  return [low, Math.max(Math.ceil(Math.log10(most)), low + 1)];
}
