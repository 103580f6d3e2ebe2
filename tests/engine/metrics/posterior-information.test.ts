import { describe, expect, it } from 'vitest';
import { makeFactor, type Factor } from '../../../src/engine/metrics/factor.ts';
import { posteriorInformation, posteriorMig } from '../../../src/engine/metrics/posterior-information.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { factorColumn } from './tables.ts';

function factorOf(values: ArrayLike<number>): Factor {
  const made = makeFactor(factorColumn('factor', values));
  if ('leftOut' in made) throw new Error(made.leftOut);
  return made;
}

const images = 900;
const random = createRandom(1);
const shape = Array.from({ length: images }, (_, i) => i % 3);
const size = Array.from({ length: images }, (_, i) => Math.floor(i / 3) % 2);
const factors = [factorOf(shape), factorOf(size)];

describe("mutual information by posteriors' densities", () => {
  it('is the entropy of a factor that one dimension holds, and nothing elsewhere', () => {
    const mu = Float32Array.from({ length: images * 3 }, (_, at) => {
      const row = Math.floor(at / 3);
      return [5 * shape[row]!, 5 * size[row]!, 0][at % 3]!;
    });
    const logVar = new Float32Array(images * 3).fill(-3);
    const { values } = posteriorInformation({ mu, logVar, latentDim: 3, factors }, random);
    const expected = [Math.log(3), 0, 0, Math.log(2), 0, 0];
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    expect(posteriorMig({ mu, logVar, latentDim: 3, factors }, random)).toBeCloseTo(1, 6);
  });

  it('is that of two overlapping Gaussians by numerical integration', () => {
    const mu = Float32Array.from(size, (value) => 2 * value - 1);
    const logVar = new Float32Array(images);
    const density = (z: number, mean: number): number =>
      Math.exp(-0.5 * (z - mean) ** 2) / Math.sqrt(2 * Math.PI);
    let expected = 0;
    for (let z = -9; z < 9; z += 0.001) {
      const [a, b] = [density(z, -1), density(z, 1)];
      const mean = (a + b) / 2;
      expected += 0.0005 * (a * Math.log(a / mean) + b * Math.log(b / mean));
    }
    const information = Array.from(
      { length: 30 },
      (_, seed) =>
        posteriorInformation({ mu, logVar, latentDim: 1, factors: [factors[1]!] }, createRandom(seed))
          .values[0]!,
    );
    const mean = information.reduce((sum, value) => sum + value / 30, 0);
    expect(Math.abs(mean - expected)).toBeLessThan(0.01);
  });

  it('leaves out the images that a factor is not known of', () => {
    const some = factorOf(shape.map((value) => (value === 2 ? Number.NaN : value)));
    const mu = Float32Array.from(shape, (value) => 10 * value);
    const logVar = new Float32Array(images).fill(-2);
    const { values } = posteriorInformation({ mu, logVar, latentDim: 1, factors: [some] }, random);
    expect(values[0]).toBeCloseTo(Math.log(2), 6);
  });

  it('takes 10,000 codes of ten dimensions in seconds', () => {
    const count = 10_000;
    const many = [3, 6, 40, 32, 32].map((values) =>
      factorOf(Array.from({ length: count }, () => random.integer(values))),
    );
    const mu = random.fillNormal(new Float32Array(count * 10));
    const logVar = random.fillNormal(new Float32Array(count * 10)).map((value) => value - 3);
    const before = process.cpuUsage();
    expect(posteriorMig({ mu, logVar, latentDim: 10, factors: many }, random)).toBeLessThan(0.1);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(10);
  });
});
