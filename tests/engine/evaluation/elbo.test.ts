import { describe, expect, it } from 'vitest';
import { JointMixture } from '../../../src/engine/losses/joint-mixture.ts';
import { klPerDimension } from '../../../src/engine/losses/kl.ts';
import { logMarginal } from '../../../src/engine/losses/marginal-mixture.ts';
import { measureElbo, MOST_EXACT } from '../../../src/engine/evaluation/elbo.ts';
import { createRandom, type Random } from '../../../src/engine/basics/random.ts';

function logGaussian(z: number, mu: number, logVar: number): number {
  return -0.5 * (Math.log(2 * Math.PI) + logVar + (z - mu) ** 2 * Math.exp(-logVar));
}

function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return (
    largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length)
  );
}

describe("a marginal's log density", () => {
  it.each([
    ['wide and narrow Gaussians', (u: number) => -14 * u],
    ['Gaussians of one width', () => -2],
    ['the prior alone', () => 0],
    ['hardly any width', () => -25],
  ])('is that of the sum taken plainly: %s', (_, logVarOf) => {
    const random = createRandom(11);
    const n = 400;
    const mu = Float64Array.from({ length: n }, () => random.normal());
    const logVar = Float64Array.from({ length: n }, () => logVarOf(random.uniform()));
    const codes = mu.map((mean, i) => mean + Math.exp(0.5 * logVar[i]!) * random.normal());
    const logs = logMarginal(mu, logVar, codes);
    codes.forEach((z, i) => {
      const plain = logMeanExp(Array.from(mu, (mean, k) => logGaussian(z, mean, logVar[k]!)));
      expect(Math.abs(logs[i]! - plain)).toBeLessThan(1e-7);
    });
  });
});

describe("the aggregate posterior's log density", () => {
  it.each([1, 3, 4, 10])('is that of the sum taken plainly, in %i dimensions', (latentDim) => {
    const random = createRandom(12);
    const n = 700;
    const mu = random.fillNormal(new Float32Array(n * latentDim));
    const logVar = random.fillNormal(new Float32Array(n * latentDim)).map((value) => value - 2);
    const own = Uint32Array.from({ length: 90 }, (_, i) => 7 * i);
    const codes = Float64Array.from({ length: 90 * latentDim }, (_, at) => {
      const from = own[Math.floor(at / latentDim)]! * latentDim + (at % latentDim);
      return mu[from]! + Math.exp(0.5 * logVar[from]!) * random.normal();
    });
    const logs = new Float64Array(90);
    new JointMixture(mu, logVar, latentDim).logDensities(codes, own, logs);
    for (let i = 0; i < 90; i++) {
      const plain = logMeanExp(
        Array.from({ length: n }, (_, k) => {
          let sum = 0;
          for (let l = 0; l < latentDim; l++) {
            sum += logGaussian(codes[i * latentDim + l]!, mu[k * latentDim + l]!, logVar[k * latentDim + l]!);
          }
          return sum;
        }),
      );
      expect(Math.abs(logs[i]! - plain)).toBeLessThan(1e-8);
    }
  });
});

/** Columns of random numbers whose means are 0, variances 1 and correlations 0, exactly. */
function whiteColumns(rows: number, columns: number, random: Random): Float64Array[] {
  const white: Float64Array[] = [];
  for (let c = 0; c < columns; c++) {
    let column = Float64Array.from({ length: rows }, () => random.normal());
    const mean = column.reduce((sum, value) => sum + value / rows, 0);
    column = column.map((value) => value - mean);
    for (const other of white) {
      const along = column.reduce((sum, value, i) => sum + (value * other[i]!) / rows, 0);
      column = column.map((value, i) => value - along * other[i]!);
    }
    const scale = Math.sqrt(column.reduce((sum, value) => sum + value ** 2 / rows, 0));
    white.push(column.map((value) => value / scale));
  }
  return white;
}

/**
 * Posteriors N(μ, own) with μ ~ N(0, 1 − own) in every dimension, the first two correlated so that the aggregate
 * posterior's correlation is ρ. Its variances are 1, so MI, TC and dimension-wise KL are known.
 */
function gaussianToy(images: number, latentDim: number, own: number, rho: number, seed: number) {
  const white = whiteColumns(images, latentDim, createRandom(seed, 'toy'));
  const r = rho / (1 - own);
  const mu = Float32Array.from({ length: images * latentDim }, (_, at) => {
    const [row, l] = [Math.floor(at / latentDim), at % latentDim];
    const value = l === 1 ? r * white[0]![row]! + Math.sqrt(1 - r * r) * white[1]![row]! : white[l]![row]!;
    return Math.sqrt(1 - own) * value;
  });
  const logVar = new Float32Array(images * latentDim).fill(Math.log(own));
  const totalCorrelation = -0.5 * Math.log(1 - rho * rho);
  // H(z) − H(z|n), both Gaussian.
  const mutualInformation = -0.5 * latentDim * Math.log(own) + 0.5 * Math.log(1 - rho * rho);
  return { mu, logVar, mutualInformation, totalCorrelation };
}

describe('the decomposition of the ELBO', () => {
  it('is within 1 % of a Gaussian whose MI and TC are known', async () => {
    const { mu, logVar, ...known } = gaussianToy(6000, 2, 0.3, 0.65, 1);
    const elbo = await measureElbo(mu, logVar, 2, { seed: 1 });
    expect(elbo).toMatchObject({ method: 'exact', images: 6000, codes: 12_000 });
    expect(Math.abs(elbo.mutualInformation.value / known.mutualInformation - 1)).toBeLessThan(0.01);
    expect(Math.abs(elbo.totalCorrelation.value / known.totalCorrelation - 1)).toBeLessThan(0.01);
    expect(Math.abs(elbo.dimensionwiseKl.value)).toBeLessThan(0.003);
  });

  it('sums to the analytic KL within its error bar, exact and sampled', async () => {
    const random = createRandom(2);
    for (const images of [3000, MOST_EXACT + 1000]) {
      const mu = random.fillNormal(new Float32Array(images * 3));
      const logVar = random.fillNormal(new Float32Array(images * 3)).map((value) => value / 2 - 1);
      const elbo = await measureElbo(mu, logVar, 3, { seed: 3, codes: 2000 });
      const kl = klPerDimension(mu, logVar, 3).reduce((sum, nats) => sum + nats, 0);
      expect(elbo.method).toBe(images > MOST_EXACT ? 'sampled' : 'exact');
      expect(elbo.kl).toBeCloseTo(kl, 10);
      expect(Math.abs(elbo.sum.value - kl)).toBeLessThan(elbo.sum.error);
      const { mutualInformation: mi, totalCorrelation: tc, dimensionwiseKl: dw, aggregateKl } = elbo;
      expect(mi.value + tc.value + dw.value).toBeCloseTo(elbo.sum.value, 9);
      expect(tc.value + dw.value).toBeCloseTo(aggregateKl.value, 9);
      expect(elbo.sum.error).toBeLessThan(0.05 * kl);
    }
  });

  it('has error bars that tell how far other seeds lie', async () => {
    const { mu, logVar } = gaussianToy(400, 3, 0.2, 0.5, 4);
    const runs = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => measureElbo(mu, logVar, 3, { seed })),
    );
    for (const part of ['mutualInformation', 'totalCorrelation', 'sum'] as const) {
      const values = runs.map((run) => run[part].value);
      const mean = values.reduce((sum, value) => sum + value / values.length, 0);
      const inside = runs.filter((run) => Math.abs(run[part].value - mean) < run[part].error).length;
      expect(inside, part).toBeGreaterThanOrEqual(34);
    }
  });

  it('is all zero when every posterior is the prior, and tells how many dimensions are active', async () => {
    const nothing = new Float32Array(600);
    const none = await measureElbo(nothing, nothing, 3, { seed: 0 });
    for (const part of [none.mutualInformation, none.totalCorrelation, none.dimensionwiseKl]) {
      expect(Math.abs(part.value)).toBeLessThan(1e-9);
    }
    expect(none).toMatchObject({ activeDimensions: 0, reconstruction: null });
    const half = nothing.map((_, i) => (i % 3 === 0 ? Math.sin(i) : 0));
    expect((await measureElbo(half, nothing, 3, { seed: 0 })).activeDimensions).toBe(1);
  });

  it('stops when it is told to', async () => {
    const { mu, logVar } = gaussianToy(6000, 4, 0.3, 0.5, 5);
    const controller = new AbortController();
    const work = measureElbo(mu, logVar, 4, {
      seed: 0,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });
});
