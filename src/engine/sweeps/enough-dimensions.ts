import { meanAndDeviation } from './mean-and-deviation.ts';
import { seriesOf } from './series.ts';
import type { AxisField } from './sweep-axes.ts';
import { groupTrials, valuesOf, type TrialResult } from './trial-result.ts';

/** The axis of the question how many dimensions are enough. */
export const LATENT_AXIS: AxisField = 'latentDim';

/**
 * The part of the lowest held-out error by which another may be higher and still count as low: 10 · log₁₀(1.05) is 0.2 dB
 * of PSNR, less than a person sees.
 */
export const SAME_ERROR = 0.05;

/** The held-out error at one latent size. */
interface SizePoint {
  readonly size: number;
  readonly error: number;
  /** Standard error of the mean over the seeds; 0 for one seed. */
  readonly standardError: number;
  /** Mean number of active dimensions over the seeds. */
  readonly active: number;
}

/** What the curve of held-out error against latent size says of one model. */
export interface EnoughDimensions {
  /** The model, and what else sets its line apart. */
  readonly title: string;
  /** The smallest size whose error is about the lowest. */
  readonly enough: number;
  /** In one plain sentence, or two. */
  readonly words: string;
}

function sizePoints(points: ReturnType<typeof seriesOf>[number]['points']): SizePoint[] {
  return points.flatMap(({ x, group }) => {
    const errors = valuesOf(group, 'heldOutReconstruction');
    if (x === null || errors.length === 0) return [];
    const { mean: error, deviation } = meanAndDeviation(errors);
    return {
      ...{ size: x, error, standardError: (deviation ?? 0) / Math.sqrt(errors.length) },
      active: meanAndDeviation(valuesOf(group, 'activeDimensions')).mean,
    };
  });
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** What a curve of several sizes, the smallest first, says. */
function judge(points: readonly SizePoint[]): Omit<EnoughDimensions, 'title'> {
  const best = points.reduce((lowest, point) => (point.error < lowest.error ? point : lowest));
  const isBySeeds = best.standardError > SAME_ERROR * best.error;
  const most = best.error + Math.max(SAME_ERROR * best.error, best.standardError);
  const enough = points.find(({ error }) => error <= most)!;
  const [smallest, largest] = [points[0]!, points.at(-1)!];
  const [low, error] = [number.format(best.error), number.format(enough.error)];
  const isOne = Number(number.format(largest.active)) === 1;
  const active = `Of the ${largest.size} dimensions of the largest model, ${number.format(largest.active)} ${isOne ? 'is' : 'are'} active.`;
  if (points.every((point) => point.active < 0.5)) {
    return {
      enough: enough.size,
      words:
        'no model has an active dimension, so the codes say nothing about the images, whatever their size. Train longer, or with a smaller weight of KL.',
    };
  }
  if (enough === largest) {
    const before = points.at(-2)!;
    return {
      enough: enough.size,
      words: `the held-out error still falls at the largest size, ${largest.size}: from ${number.format(before.error)} with ${before.size} dimensions to ${error}. Try larger sizes. ${active}`,
    };
  }
  const within = isBySeeds ? 'the standard error over the seeds' : `${SAME_ERROR * 100} %`;
  const reason =
    enough === best
      ? `the lowest held-out error (${error})`
      : `a held-out error (${error}) within ${within} of the lowest (${low}, with ${best.size})`;
  const further = [
    ...(enough === smallest ? ['It is the smallest size tried: smaller ones may do.'] : []),
    ...(largest.error > most
      ? [
          `With ${largest.size} it is higher (${number.format(largest.error)}), which a longer training may change.`,
        ]
      : []),
    active,
  ];
  return {
    enough: enough.size,
    words: `a latent size of ${enough.size} is enough: it has ${reason}. ${further.join(' ')}`,
  };
}

/**
 * How many dimensions are enough: the smallest latent size whose held-out error, a mean over the seeds, is above the lowest
 * mean by at most {@link SAME_ERROR} of it, or by the standard error of the lowest mean where that is more (the rule of one
 * standard error: Breiman et al. 1984, section 3.4.3).
 *
 * @returns one for each model, or each line of a plot, that was trained with several sizes
 */
export function enoughDimensions(results: readonly TrialResult[]): EnoughDimensions[] {
  return seriesOf(groupTrials(results), LATENT_AXIS).flatMap(({ title, points: all }) => {
    const points = sizePoints(all);
    if (points.length < 2) return [];
    const { enough, words } = judge(points);
    return [{ title, enough, words: `${title}: ${words}` }];
  });
}
