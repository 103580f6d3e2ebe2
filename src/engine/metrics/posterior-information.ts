import { columnOf } from '../losses/aggregate-densities.ts';
import { logMarginal } from '../losses/marginal-mixture.ts';
import type { Random } from '../basics/random.ts';
import type { Factor } from './factor.ts';
import { classEntropy, UNKNOWN_CLASS, type DimensionFactorMatrix } from './mutual-information.ts';
import { topTwo } from './top-two.ts';

/** Posteriors of images, with their factors. */
export interface FactoredPosteriors {
  /** `[images, latentDim]`. */
  readonly mu: Float32Array;
  /** `[images, latentDim]`. */
  readonly logVar: Float32Array;
  readonly latentDim: number;
  readonly factors: readonly Factor[];
}

/** The rows of each class, without rows of unknown class. */
function rowsByClass({ classes, size }: Factor): Uint32Array[] {
  const lists = Array.from({ length: size }, (): number[] => []);
  classes.forEach((known, row) => {
    if (known !== UNKNOWN_CLASS) lists[known]!.push(row);
  });
  return lists.filter((rows) => rows.length > 0).map((rows) => Uint32Array.from(rows));
}

function pick(column: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]!);
}

/**
 * I(zₗ; v) of every dimension and factor with the aggregate posterior, without bins: the mean over images of log
 * q(zₗ|v) − log q(zₗ) at one code per image, where q(zₗ|v) is the mean of the posteriors of all images with the
 * same value (Chen et al. 2018, appendix C). Unknown rows are left out of both.
 *
 * @returns unbiased estimates for these images, in nats
 */
export function posteriorInformation(posteriors: FactoredPosteriors, random: Random): DimensionFactorMatrix {
  const { mu, logVar, latentDim, factors } = posteriors;
  const values = new Float64Array(latentDim * factors.length);
  const groups = factors.map(rowsByClass);
  for (let l = 0; l < latentDim; l++) {
    const [means, logs] = [columnOf(mu, latentDim, l), columnOf(logVar, latentDim, l)];
    const codes = means.map((mean, n) => mean + Math.exp(0.5 * logs[n]!) * random.normal());
    const marginal = logMarginal(means, logs, codes);
    groups.forEach((rowsOfClass, f) => {
      const isComplete = factors[f]!.known === means.length;
      const known = Uint32Array.from(means.keys()).filter(
        (row) => factors[f]!.classes[row] !== UNKNOWN_CLASS,
      );
      const all = isComplete
        ? marginal
        : logMarginal(pick(means, known), pick(logs, known), pick(codes, known));
      let sum = -all.reduce((total, value) => total + value, 0);
      for (const rows of rowsOfClass) {
        const conditional = logMarginal(pick(means, rows), pick(logs, rows), pick(codes, rows));
        sum += conditional.reduce((total, value) => total + value, 0);
      }
      values[l * factors.length + f] = Math.max(0, sum / known.length);
    });
  }
  return { dimensions: latentDim, factors: factors.length, values };
}

/** MIG (Chen et al. 2018, eq. 6) with {@link posteriorInformation}: the mean gap of the two best dimensions. */
export function posteriorMig(posteriors: FactoredPosteriors, random: Random): number {
  const information = posteriorInformation(posteriors, random);
  const gaps = posteriors.factors.map(({ classes, size }, f) => {
    const { largest, second } = topTwo(information, f);
    return (largest - second) / classEntropy(classes, size);
  });
  return gaps.reduce((sum, gap) => sum + gap / gaps.length, 0);
}
