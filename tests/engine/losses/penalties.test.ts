import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capacityPenalty } from '../../../src/engine/losses/capacity.ts';
import { decompositionPenalty } from '../../../src/engine/losses/decomposition.ts';
import { dipPenalty } from '../../../src/engine/losses/dip.ts';
import {
  factorPenalty,
  permuteDimensions,
  type DensityRatioEstimator,
} from '../../../src/engine/losses/factor.ts';
import { klPenalty, klPerDimension } from '../../../src/engine/losses/kl.ts';
import { minibatchWeights } from '../../../src/engine/losses/minibatch.ts';
import { infoPenalty } from '../../../src/engine/losses/mmd.ts';
import {
  reparametrise,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
  type PosteriorGradients,
} from '../../../src/engine/losses/posterior.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { numericalGradient } from './numerical-gradient.ts';

const batch = 7;
const latentDim = 3;
const datasetSize = 500;
/** A third of the way. */
const moment = { step: 4, totalSteps: 12 };

function somePosterior(seed: number): PosteriorBatch {
  const random = createRandom(seed);
  const mu = random.fillNormal(new Float32Array(batch * latentDim));
  const logVar = random.fillNormal(new Float32Array(batch * latentDim)).map((value) => value - 1);
  const noise = random.fillNormal(new Float32Array(batch * latentDim));
  return { batch, latentDim, mu, logVar, z: reparametrise(mu, logVar, noise), datasetSize, ...moment };
}

function gradientOf(penalty: LatentPenalty, posterior: PosteriorBatch): PosteriorGradients {
  const gradients = zeroGradients(posterior);
  penalty.evaluate(posterior, gradients);
  return gradients;
}

function valueOf(penalty: LatentPenalty, posterior: PosteriorBatch): number {
  return penalty.evaluate(posterior, zeroGradients(posterior)).weighted;
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  const scale = Math.max(...expected.map(Math.abs), 1e-6);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(tolerance));
}

/** log Σⱼ wᵢⱼ·q(zᵢ|nⱼ) and the same for each marginal, one code at a time, in plain sums of densities. */
function directLogDensities(
  p: PosteriorBatch,
  weight: (i: number, j: number) => number,
): { joint: number; product: number } {
  const density = (i: number, j: number, l: number): number => {
    const variance = Math.exp(p.logVar[j * latentDim + l]!);
    const distance = p.z[i * latentDim + l]! - p.mu[j * latentDim + l]!;
    return Math.exp((-0.5 * distance ** 2) / variance) / Math.sqrt(2 * Math.PI * variance);
  };
  let [joint, product] = [0, 0];
  for (let i = 0; i < batch; i++) {
    let sum = 0;
    for (let j = 0; j < batch; j++) {
      let all = weight(i, j);
      for (let l = 0; l < latentDim; l++) all *= density(i, j, l);
      sum += all;
    }
    joint += Math.log(sum) / batch;
    for (let l = 0; l < latentDim; l++) {
      let marginal = 0;
      for (let j = 0; j < batch; j++) marginal += weight(i, j) * density(i, j, l);
      product += Math.log(marginal) / batch;
    }
  }
  return { joint, product };
}

describe('KL to the prior', () => {
  it('is zero when the posterior equals the prior', () => {
    expect(klPerDimension(new Float32Array(6), new Float32Array(6), 3)).toEqual(new Float64Array(3));
  });

  it('is half the squared mean when only the mean differs', () => {
    expect(klPerDimension(Float32Array.of(2, 0), Float32Array.of(0, 0), 2)).toEqual(Float64Array.of(2, 0));
  });

  it('agrees with its integral', () => {
    const [mu, logVar] = [0.7, -0.9];
    const sigma = Math.exp(logVar / 2);
    let integral = 0;
    const width = 1e-3;
    for (let z = mu - 12 * sigma; z < mu + 12 * sigma; z += width) {
      const logQ = -0.5 * (Math.log(2 * Math.PI) + logVar + ((z - mu) / sigma) ** 2);
      const logP = -0.5 * (Math.log(2 * Math.PI) + z * z);
      integral += Math.exp(logQ) * (logQ - logP) * width;
    }
    expect(klPerDimension(Float32Array.of(mu), Float32Array.of(logVar), 1)[0]).toBeCloseTo(integral, 4);
  });

  it('is never negative, up to rounding', () => {
    const value = fc.float({ min: -6, max: 6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), (pairs) => {
        const mu = Float32Array.from(pairs, ([m]) => m);
        const logVar = Float32Array.from(pairs, ([, s]) => s);
        expect(klPerDimension(mu, logVar, 1)[0]).toBeGreaterThan(-1e-14);
      }),
    );
  });
});

/** A smooth density ratio with no meaning, in double precision. */
const densityRatio: DensityRatioEstimator = {
  estimate(z, count) {
    const width = z.length / count;
    const phase = (i: number): number => z[i]! * (1 + (i % width));
    const logRatio = new Float64Array(count);
    z.forEach((_, i) => (logRatio[Math.floor(i / width)]! += Math.sin(phase(i))));
    return { logRatio, gradient: Float64Array.from(z, (_, i) => (1 + (i % width)) * Math.cos(phase(i))) };
  },
};

type Terms = Readonly<Record<string, number>>;

/** A penalty as the conformance tests want it: how its terms weigh, and where it becomes the VAE's. */
interface Conforming {
  readonly name: string;
  readonly penalty: LatentPenalty;
  readonly weigh: (terms: Terms) => number;
  readonly limit?: LatentPenalty;
}

const parts = (alpha: number, beta: number, gamma: number) => (terms: Terms) =>
  alpha * terms['mutualInformation']! + beta * terms['totalCorrelation']! + gamma * terms['dimensionwiseKl']!;
const dip = (terms: Terms): number => terms['kl']! + 5 * terms['offDiagonal']! + 3 * terms['diagonal']!;

const conforming: readonly Conforming[] = [
  { name: 'the VAE', penalty: klPenalty(1), weigh: ({ kl }) => kl!, limit: klPenalty(1) },
  { name: 'β-VAE', penalty: klPenalty(5), weigh: ({ kl }) => 5 * kl!, limit: klPenalty(1) },
  {
    name: 'β-VAE two thirds warmed up',
    penalty: klPenalty(6, 0.5),
    weigh: ({ kl }) => 4 * kl!,
    limit: klPenalty(1, 1 / 3),
  },
  {
    name: 'β-TCVAE',
    penalty: decompositionPenalty({ alpha: 1, beta: 20, gamma: 1 }),
    weigh: parts(1, 20, 1),
  },
  {
    name: 'a lopsided decomposition',
    penalty: decompositionPenalty({ alpha: 0.3, beta: 7, gamma: 2.5 }),
    weigh: parts(0.3, 7, 2.5),
  },
  {
    name: 'a lopsided decomposition, stratified',
    penalty: decompositionPenalty({ alpha: 0.3, beta: 7, gamma: 2.5 }, 'stratified'),
    weigh: parts(0.3, 7, 2.5),
  },
  {
    name: 'a capacity above KL',
    penalty: capacityPenalty({ gamma: 100, capacity: 90, warmUp: 0.5 }),
    weigh: ({ capacityGap }) => 100 * capacityGap!,
    limit: capacityPenalty({ gamma: 1, capacity: 0, warmUp: 0.5 }),
  },
  {
    name: 'a capacity below KL',
    penalty: capacityPenalty({ gamma: 100, capacity: 0.5, warmUp: 0.5 }),
    weigh: ({ capacityGap }) => 100 * capacityGap!,
    limit: capacityPenalty({ gamma: 1, capacity: 0, warmUp: 0 }),
  },
  {
    name: 'DIP-VAE I',
    penalty: dipPenalty({ kind: 'I', offDiagonal: 5, diagonal: 3 }),
    weigh: dip,
    limit: dipPenalty({ kind: 'I', offDiagonal: 0, diagonal: 0 }),
  },
  {
    name: 'DIP-VAE II',
    penalty: dipPenalty({ kind: 'II', offDiagonal: 5, diagonal: 3 }),
    weigh: dip,
    limit: dipPenalty({ kind: 'II', offDiagonal: 0, diagonal: 0 }),
  },
  {
    name: 'InfoVAE',
    penalty: infoPenalty({ alpha: 0.5, lambda: 40 }),
    weigh: ({ kl, mmd }) => 0.5 * kl! + 39.5 * mmd!,
    limit: infoPenalty({ alpha: 0, lambda: 1 }),
  },
  {
    name: 'FactorVAE',
    penalty: factorPenalty(6.4, densityRatio),
    weigh: ({ kl, totalCorrelation }) => kl! + 6.4 * totalCorrelation!,
    limit: factorPenalty(0, densityRatio),
  },
];

describe.each(conforming)('the penalty of $name', ({ penalty, weigh }) => {
  it.each(['mu', 'logVar', 'z'] as const)('has the gradient in %s that differences give', (variable) => {
    const posterior = somePosterior(11);
    const expected = numericalGradient(posterior[variable], () => valueOf(penalty, posterior), 1e-3);
    expectClose(gradientOf(penalty, posterior)[variable], expected, 2e-4);
  });

  it('adds to gradients that are there already', () => {
    const posterior = somePosterior(3);
    const once = gradientOf(penalty, posterior);
    const twice = zeroGradients(posterior);
    penalty.evaluate(posterior, twice);
    penalty.evaluate(posterior, twice);
    for (const variable of ['mu', 'logVar', 'z'] as const) {
      expectClose(
        twice[variable],
        once[variable].map((value) => 2 * value),
        1e-12,
      );
    }
  });

  it('has terms that its weighted value is made of', () => {
    const posterior = somePosterior(5);
    const { terms, weighted } = penalty.evaluate(posterior, zeroGradients(posterior));
    expect(Object.values(terms).every(Number.isFinite)).toBe(true);
    expect(weighted).toBeCloseTo(weigh(terms), 9);
  });
});

it.each(conforming.filter(({ limit }) => limit))(
  'the penalty of $name has the VAE as its limit',
  ({ limit }) => {
    const posterior = somePosterior(4);
    const vae = gradientOf(klPenalty(1), posterior);
    const own = gradientOf(limit!, posterior);
    expect(valueOf(limit!, posterior)).toBeCloseTo(valueOf(klPenalty(1), posterior), 12);
    for (const variable of ['mu', 'logVar', 'z'] as const) expectClose(own[variable], vae[variable], 1e-12);
  },
);

describe('a weight that rises', () => {
  it('is nothing at the first step, grows evenly, and stays', () => {
    const posterior = somePosterior(6);
    const kl = valueOf(klPenalty(1), posterior);
    const at = (step: number): number =>
      valueOf(klPenalty(8, 0.5), { ...posterior, step, totalSteps: 100 }) / kl;
    expect([0, 25, 50, 99].map(at)).toEqual([0, 4, 8, 8]);
  });

  it('lets a capacity hold what it has risen to', () => {
    const posterior = somePosterior(6);
    const kl = valueOf(klPenalty(1), posterior);
    const penalty = capacityPenalty({ gamma: 10, capacity: 2 * kl, warmUp: 1 });
    const at = (step: number): number => valueOf(penalty, { ...posterior, step, totalSteps: 100 });
    expect(at(0)).toBeCloseTo(10 * kl, 9);
    expect(at(50)).toBeCloseTo(0, 9);
    expect(at(75)).toBeCloseTo(5 * kl, 9);
  });
});

describe('the weights of a batch for all images', () => {
  it('sum to one in every row when they are stratified', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4096 }), fc.integer({ min: 0, max: 1_000_000 }), (size, more) => {
        const { own, other } = minibatchWeights('stratified', size, size + more);
        expect(Math.exp(own) + (size - 1) * Math.exp(other)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('are one part in N for each image when the batch is the whole data set', () => {
    const { own, other } = minibatchWeights('stratified', batch, batch);
    expect(own).toBeCloseTo(-Math.log(batch), 12);
    expect(other).toBeCloseTo(-Math.log(batch), 12);
  });

  it('give q(z) on average over all batches that hold the own image, stratified', () => {
    const images = 8;
    const random = createRandom(61);
    const mu = Float64Array.from({ length: images }, () => random.normal());
    const density = (z: number, n: number): number => Math.exp(-((z - mu[n]!) ** 2) / 0.5);
    const size = 3;
    const { own, other } = minibatchWeights('stratified', size, images);
    for (let n = 0; n < images; n++) {
      const z = mu[n]! + 0.4;
      const others = Array.from({ length: images }, (_, k) => k).filter((k) => k !== n);
      const pairs = others.flatMap((a, i) => others.slice(i + 1).map((b) => [a, b] as const));
      const estimates = pairs.map(
        ([a, b]) => Math.exp(own) * density(z, n) + Math.exp(other) * (density(z, a) + density(z, b)),
      );
      const mean = estimates.reduce((sum, value) => sum + value, 0) / pairs.length;
      const exact = Array.from(mu, (_, k) => density(z, k) / images).reduce((sum, value) => sum + value, 0);
      expect(mean).toBeCloseTo(exact, 12);
    }
  });
});

describe('minibatch stratified sampling', () => {
  it('is the aggregate posterior itself when the batch is the whole data set', () => {
    const posterior = { ...somePosterior(29), datasetSize: batch };
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }, 'stratified').evaluate(
      posterior,
      zeroGradients(posterior),
    );
    const { joint, product } = directLogDensities(posterior, () => 1 / batch);
    expect(terms['totalCorrelation']).toBeCloseTo(joint - product, 8);
  });

  it('agrees with the direct sums', () => {
    const posterior = somePosterior(23);
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }, 'stratified').evaluate(
      posterior,
      zeroGradients(posterior),
    );
    const { own, other } = minibatchWeights('stratified', batch, datasetSize);
    const { joint, product } = directLogDensities(posterior, (i, j) => Math.exp(i === j ? own : other));
    expect(terms['totalCorrelation']).toBeCloseTo(joint - product, 8);
  });
});

describe('permuting dimensions', () => {
  it("keeps each dimension's values and mixes images", () => {
    const z = createRandom(7).fillNormal(new Float32Array(50 * latentDim));
    const permuted = permuteDimensions(z, latentDim, createRandom(8));
    const column = (codes: Float32Array, l: number): Float32Array =>
      codes.filter((_, i) => i % latentDim === l);
    for (let l = 0; l < latentDim; l++) expect(column(permuted, l).sort()).toEqual(column(z, l).sort());
    // Dimensions that were equal in every image are no more.
    const twins = Float32Array.from({ length: 100 }, (_, i) => z[Math.floor(i / 2)]!);
    const apart = permuteDimensions(twins, 2, createRandom(9));
    const together = apart.filter((value, i) => i % 2 === 0 && value === apart[i + 1]).length;
    expect(together).toBeLessThan(10);
  });
});

describe('minibatch weighted sampling', () => {
  it('agrees with the direct sums', () => {
    const posterior = somePosterior(23);
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }).evaluate(
      posterior,
      zeroGradients(posterior),
    );
    const { joint, product } = directLogDensities(posterior, () => 1 / (datasetSize * batch));
    expect(terms['totalCorrelation']).toBeCloseTo(joint - product, 8);
  });

  it('is the aggregate posterior itself when the batch is the whole data set', () => {
    const posterior = { ...somePosterior(29), datasetSize: batch };
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }).evaluate(
      posterior,
      zeroGradients(posterior),
    );
    // (1/NM) Σⱼ with N = M leaves a factor 1/M too many, in the joint once and in each marginal.
    const { joint, product } = directLogDensities(posterior, () => 1 / batch);
    const level = Math.log(batch);
    expect(terms['totalCorrelation']).toBeCloseTo(joint - product + (latentDim - 1) * level, 8);
  });

  it('stays finite for posteriors as narrow as a trained model gives', () => {
    const posterior = somePosterior(31);
    posterior.logVar.fill(-12);
    const z = posterior.mu.map((value) => value + 1e-3);
    const gradients = zeroGradients(posterior);
    const { weighted } = decompositionPenalty({ alpha: 1, beta: 20, gamma: 1 }).evaluate(
      { ...posterior, z },
      gradients,
    );
    expect(Number.isFinite(weighted)).toBe(true);
    expect(gradients.mu.every(Number.isFinite)).toBe(true);
  });
});

describe('at β = 1', () => {
  it("β-VAE's penalty is the VAE's", () => {
    const posterior = somePosterior(41);
    expect(gradientOf(klPenalty(1), posterior)).toEqual(gradientOf(klPenalty(1.0), posterior));
    expect(valueOf(klPenalty(1), posterior)).toBe(
      klPerDimension(posterior.mu, posterior.logVar, latentDim).reduce((a, b) => a + b),
    );
  });

  it("β-TCVAE's parts add up to log q(z|x) − log p(z), whose mean over noise is the VAE's KL", () => {
    const posterior = somePosterior(43);
    const penalty = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 });
    const random = createRandom(44);
    const draws = 4000;
    let mean = 0;
    for (let k = 0; k < draws; k++) {
      const noise = random.fillNormal(new Float32Array(batch * latentDim));
      const z = reparametrise(posterior.mu, posterior.logVar, noise);
      mean += valueOf(penalty, { ...posterior, z }) / draws;
    }
    const kl = valueOf(klPenalty(1), posterior);
    expect(Math.abs(mean - kl) / kl).toBeLessThan(0.02);
  });

  it("β-TCVAE's gradient, averaged over noise, is the VAE's", () => {
    const posterior = somePosterior(47);
    const penalty = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 });
    const random = createRandom(48);
    const draws = 6000;
    const mean = { mu: new Float64Array(batch * latentDim), logVar: new Float64Array(batch * latentDim) };
    for (let k = 0; k < draws; k++) {
      const noise = random.fillNormal(new Float32Array(batch * latentDim));
      const z = reparametrise(posterior.mu, posterior.logVar, noise);
      const g = gradientOf(penalty, { ...posterior, z });
      for (let i = 0; i < z.length; i++) {
        mean.mu[i]! += (g.mu[i]! + g.z[i]!) / draws;
        mean.logVar[i]! += (g.logVar[i]! + 0.5 * g.z[i]! * (z[i]! - posterior.mu[i]!)) / draws;
      }
    }
    const exact = gradientOf(klPenalty(1), posterior);
    expectClose(mean.mu, exact.mu, 0.03);
    expectClose(mean.logVar, exact.logVar, 0.05);
  });
});

describe('DIP-VAE', () => {
  it('asks for nothing where the covariance is the identity', () => {
    // Four codes at ±1 in each of two dimensions, independent: variance 1, covariance 0.
    const mu = Float32Array.of(1, 1, 1, -1, -1, 1, -1, -1);
    const posterior = {
      batch: 4,
      latentDim: 2,
      mu,
      logVar: new Float32Array(8),
      z: mu,
      datasetSize: 4,
      ...moment,
    };
    const { terms } = dipPenalty({ kind: 'I', offDiagonal: 1, diagonal: 1 }).evaluate(
      posterior,
      zeroGradients(posterior),
    );
    expect(terms).toMatchObject({ offDiagonal: 0, diagonal: 0 });
  });
});

describe('InfoVAE', () => {
  it('has an MMD of zero on average for codes of the prior, and a positive one for others', () => {
    const mmdOf = (seed: number, shift: number): number => {
      const z = createRandom(seed)
        .fillNormal(new Float32Array(64 * latentDim))
        .map((code) => code + shift);
      const posterior = {
        batch: 64,
        latentDim,
        mu: z,
        logVar: new Float32Array(z.length),
        z,
        datasetSize,
        ...moment,
      };
      return infoPenalty({ alpha: 1, lambda: 1 }).evaluate(posterior, zeroGradients(posterior)).terms['mmd']!;
    };
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const mean = (shift: number): number =>
      seeds.reduce((sum, seed) => sum + mmdOf(seed, shift), 0) / seeds.length;
    expect(Math.abs(mean(0))).toBeLessThan(2e-3);
    expect(mean(1)).toBeGreaterThan(0.1);
  });
});
