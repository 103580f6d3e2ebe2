import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompositionPenalty } from '../../../src/engine/losses/decomposition.ts';
import { klPenalty, klPerDimension } from '../../../src/engine/losses/kl.ts';
import {
  reparametrise,
  zeroGradients,
  type LatentPenalty,
  type PosteriorBatch,
  type PosteriorGradients,
} from '../../../src/engine/losses/posterior.ts';
import { createRandom } from '../../../src/engine/random.ts';
import { numericalGradient } from './numerical-gradient.ts';

const batch = 7;
const latentDim = 3;
const datasetSize = 500;

function somePosterior(seed: number): PosteriorBatch {
  const random = createRandom(seed);
  const mu = random.fillNormal(new Float32Array(batch * latentDim));
  const logVar = random.fillNormal(new Float32Array(batch * latentDim)).map((value) => value - 1);
  const noise = random.fillNormal(new Float32Array(batch * latentDim));
  return { batch, latentDim, mu, logVar, z: reparametrise(mu, logVar, noise), datasetSize };
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

/** Minibatch weighted sampling as Chen et al. write it, one code at a time, in plain sums of densities. */
function directLogDensities(p: PosteriorBatch, images: number): { joint: number; product: number } {
  const density = (i: number, j: number, l: number): number => {
    const variance = Math.exp(p.logVar[j * latentDim + l]!);
    const distance = p.z[i * latentDim + l]! - p.mu[j * latentDim + l]!;
    return Math.exp((-0.5 * distance ** 2) / variance) / Math.sqrt(2 * Math.PI * variance);
  };
  let [joint, product] = [0, 0];
  for (let i = 0; i < batch; i++) {
    let sum = 0;
    for (let j = 0; j < batch; j++) {
      let all = 1;
      for (let l = 0; l < latentDim; l++) all *= density(i, j, l);
      sum += all;
    }
    joint += Math.log(sum / (images * batch)) / batch;
    for (let l = 0; l < latentDim; l++) {
      let marginal = 0;
      for (let j = 0; j < batch; j++) marginal += density(i, j, l);
      product += Math.log(marginal / (images * batch)) / batch;
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

describe.each([
  ['the VAE', klPenalty(1)],
  ['β-VAE', klPenalty(5)],
  ['β-TCVAE', decompositionPenalty({ alpha: 1, beta: 20, gamma: 1 })],
  ['a lopsided decomposition', decompositionPenalty({ alpha: 0.3, beta: 7, gamma: 2.5 })],
])('the penalty of %s', (_, penalty) => {
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
    expectClose(
      twice.mu,
      once.mu.map((value) => 2 * value),
      1e-12,
    );
  });

  it('has terms that its weighted value is made of', () => {
    const posterior = somePosterior(5);
    const { terms, weighted } = penalty.evaluate(posterior, zeroGradients(posterior));
    expect(Object.keys(terms).length).toBeGreaterThan(0);
    expect(Number.isFinite(weighted)).toBe(true);
  });
});

describe('minibatch weighted sampling', () => {
  it('agrees with the direct sums', () => {
    const posterior = somePosterior(23);
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }).evaluate(
      posterior,
      zeroGradients(posterior),
    );
    const { joint, product } = directLogDensities(posterior, datasetSize);
    expect(terms['totalCorrelation']).toBeCloseTo(joint - product, 8);
  });

  it('is the aggregate posterior itself when the batch is the whole data set', () => {
    const posterior = { ...somePosterior(29), datasetSize: batch };
    const { terms } = decompositionPenalty({ alpha: 1, beta: 1, gamma: 1 }).evaluate(
      posterior,
      zeroGradients(posterior),
    );
    // (1/NM) Σⱼ with N = M leaves a factor 1/M too many, in the joint once and in each marginal.
    const { joint, product } = directLogDensities(posterior, 1);
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
