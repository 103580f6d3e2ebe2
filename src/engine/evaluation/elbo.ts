import type { Progress } from '../../contract/dataset.ts';
import type { ElboDecomposition, Estimate } from '../../contract/metrics.ts';
import { createProgress } from '../basics/progress.ts';
import { drawCodes, evaluateCodesInSteps, type CodeDensities } from '../losses/aggregate-densities.ts';
import { klPerDimension } from '../losses/kl.ts';
import { createRandom } from '../basics/random.ts';
import { ACTIVE_NATS } from '../../contract/activity.ts';
import { createPause } from './pause.ts';

/** Up to this number of images, the codes of all images are evaluated with the posteriors of all images. */
export const MOST_EXACT = 20_000;
/** For more images: the number of pairs of codes and images, and the minimum number of codes. */
const PAIRS_SAMPLED = 4e8;
const FEWEST_CODES = 1000;
/** Half width of a 95 % interval in standard errors. */
const STANDARD_ERRORS = 1.959963984540054;
const PERCENT = 100;

/** Options of a measurement. */
export interface ElboOptions {
  readonly seed: number;
  /** Squared error of the images' reconstructions, which is included in the result. */
  readonly reconstruction?: number | undefined;
  /**
   * Number of codes to evaluate if there are more than 20,000 images; if left out, as many as take about ten
   * seconds.
   */
  readonly codes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * The mean of a quantity over codes, with its error bar.
 *
 * @param isPaired - codes 2i and 2i + 1 belong to the same image, and all images are included. Then only the noise
 * of the codes contributes to the error, which is estimated from the differences of pairs
 */
function estimate(at: (i: number) => number, count: number, isPaired: boolean): Estimate {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) sum += at(i);
  const mean = sum / count;
  if (isPaired) for (let i = 0; i < count; i += 2) squares += (at(i) - at(i + 1)) ** 2;
  else for (let i = 0; i < count; i++) squares += (at(i) - mean) ** 2;
  const variance = isPaired ? squares / count ** 2 : squares / (count * (count - 1));
  return { value: mean, error: STANDARD_ERRORS * Math.sqrt(variance) };
}

function partsOf(densities: CodeDensities, isPaired: boolean): Parts {
  const { conditional, aggregate, product, prior } = densities;
  const between = (a: Float64Array, b: Float64Array): Estimate =>
    estimate((i) => a[i]! - b[i]!, a.length, isPaired);
  return {
    mutualInformation: between(conditional, aggregate),
    totalCorrelation: between(aggregate, product),
    dimensionwiseKl: between(product, prior),
    aggregateKl: between(aggregate, prior),
    sum: between(conditional, prior),
  };
}

type Parts = Pick<
  ElboDecomposition,
  'mutualInformation' | 'totalCorrelation' | 'dimensionwiseKl' | 'aggregateKl' | 'sum'
>;

/**
 * Measures the decomposition of KL of a model on images (Hoffman & Johnson 2016; Chen et al. 2018, eq. 2) with the
 * aggregate posterior of all of them, q(z) = 1/N Σₙ q(z|n), summed exactly. Up to 20,000 images, two codes of every
 * image are evaluated; for more, one code of a random subset of the images.
 *
 * The sum of the parts estimates KL(q(z|x) ‖ p(z)), whose closed form is also given.
 *
 * @param mu - `[images, latentDim]`
 * @param logVar - `[images, latentDim]`
 * @throws the signal's reason when it is aborted
 */
export async function measureElbo(
  mu: Float32Array,
  logVar: Float32Array,
  latentDim: number,
  { seed, reconstruction, codes: wanted, signal, onProgress }: ElboOptions,
): Promise<ElboDecomposition> {
  const images = mu.length / latentDim;
  const random = createRandom(seed, 'elbo', images);
  const isExact = images <= MOST_EXACT;
  const affordable = Math.max(FEWEST_CODES, Math.floor(PAIRS_SAMPLED / images));
  const sampled = Math.min(images, wanted ?? affordable);
  const chosen = isExact
    ? Uint32Array.from({ length: 2 * images }, (_, i) => i >> 1)
    : random.permutation(images).slice(0, sampled).sort();
  const codes = drawCodes(mu, logVar, latentDim, chosen, random);
  const steps = evaluateCodesInSteps(mu, logVar, latentDim, chosen, codes);
  const pause = createPause(signal);
  const progress = createProgress(PERCENT);
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    onProgress?.(progress(Math.floor(PERCENT * step.value)));
    await pause();
  }
  const kl = klPerDimension(mu, logVar, latentDim);
  return {
    method: isExact ? 'exact' : 'sampled',
    images,
    codes: chosen.length,
    reconstruction: reconstruction ?? null,
    ...partsOf(step.value, isExact),
    kl: kl.reduce((sum, nats) => sum + nats, 0),
    klPerDimension: [...kl],
    activeDimensions: kl.filter((nats) => nats > ACTIVE_NATS).length,
  };
}
