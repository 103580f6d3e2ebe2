import { describe, expect, it } from 'vitest';
import { measureDecomposition } from '../../../src/engine/losses/aggregate.ts';
import { klPerDimension } from '../../../src/engine/losses/kl.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

describe('the measured decomposition', () => {
  it('is all zero when every posterior is the prior', () => {
    const nothing = new Float32Array(600);
    const { mutualInformation, totalCorrelation, dimensionwiseKl } = measureDecomposition(
      nothing,
      nothing,
      3,
      200,
    );
    expect(mutualInformation).toBeCloseTo(0, 10);
    expect(totalCorrelation).toBeCloseTo(0, 10);
    expect(dimensionwiseKl).toBeCloseTo(0, 10);
  });

  it('finds log N of mutual information where posteriors do not overlap', () => {
    const images = 64;
    const mu = Float32Array.from({ length: images }, (_, i) => i - images / 2);
    const logVar = new Float32Array(images).fill(-12);
    expect(measureDecomposition(mu, logVar, 1, images).mutualInformation).toBeCloseTo(Math.log(images), 6);
  });

  it("finds a Gaussian's total correlation, −½ log(1 − ρ²)", () => {
    // Means and variances chosen so that the aggregate posterior is N(0, 1) in both dimensions, correlated.
    const [images, rho, own] = [3000, 0.8, 0.2];
    const random = createRandom(7);
    const mu = new Float32Array(images * 2);
    for (let i = 0; i < images; i++) {
      const [a, b] = [random.normal(), random.normal()];
      const spread = Math.sqrt(1 - own);
      const r = rho / (1 - own);
      mu[2 * i] = spread * a;
      mu[2 * i + 1] = spread * (r * a + Math.sqrt(Math.max(0, 1 - r * r)) * b);
    }
    const logVar = new Float32Array(images * 2).fill(Math.log(own));
    const { totalCorrelation } = measureDecomposition(mu, logVar, 2, images);
    expect(Math.abs(totalCorrelation - -0.5 * Math.log(1 - rho * rho))).toBeLessThan(0.05);
  });

  it('adds up to the analytic KL', () => {
    const [images, latentDim] = [1500, 4];
    const random = createRandom(9);
    const mu = random.fillNormal(new Float32Array(images * latentDim));
    const logVar = random.fillNormal(new Float32Array(images * latentDim)).map((value) => value / 2 - 1);
    const parts = measureDecomposition(mu, logVar, latentDim, images);
    const sum = parts.mutualInformation + parts.totalCorrelation + parts.dimensionwiseKl;
    const kl = klPerDimension(mu, logVar, latentDim).reduce((a, b) => a + b);
    expect(Math.abs(sum - kl) / kl).toBeLessThan(0.05);
  });
});
