import { describe, expect, it } from 'vitest';
import { quantisationPenalty } from '../../../src/engine/losses/quantisation.ts';
import { zeroGradients, type PosteriorBatch } from '../../../src/engine/losses/posterior.ts';
import { LatentValues } from '../../../src/engine/models/latent-values.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { numericalGradient } from './numerical-gradient.ts';

const [batch, latentDim] = [5, 3];
const values = new LatentValues(Float32Array.of(-1, 0, 1, -0.3, 0.1, 0.9, 2, -2, 0), latentDim);
const mu = createRandom(4).fillNormal(new Float32Array(batch * latentDim));
const quantised = values.quantise(mu);
const posterior: PosteriorBatch = {
  ...{ batch, latentDim, mu, z: quantised.codes, logVar: new Float32Array(0) },
  ...{ datasetSize: 100, step: 0, totalSteps: 1 },
};

/** Value and gradients of the penalty; in both weights it is linear. */
function evaluate(quantisation: number, commitment: number, of: PosteriorBatch = posterior) {
  const gradients = zeroGradients(of);
  const { terms, weighted } = quantisationPenalty({ quantisation, commitment }).evaluate(of, gradients);
  return { terms, weighted, gradients };
}

describe('quantising', () => {
  it('takes the nearest value of each dimension, the first of two that are equally near', () => {
    const { codes, places } = values.quantise(Float32Array.of(0.6, 0.4, 0.9, -0.5, -7, -9));
    expect([...codes]).toEqual([1, 0.1, 0, -1, -0.3, -2].map(Math.fround));
    expect([...places]).toEqual([2, 4, 8, 0, 3, 7]);
    expect(values.quantise(codes).codes).toEqual(codes);
  });

  it('gives a value the gradients of all codes that have it', () => {
    const chosen = values.quantise(Float32Array.of(-1, 0.1, 0, -1, 0.9, 0));
    const gathered = values.gather(Float64Array.of(1, 2, 3, 10, 20, 30), chosen);
    expect([...gathered]).toEqual([11, 0, 0, 0, 2, 20, 0, 0, 33]);
  });

  it('lists values in order, with how often they occur', () => {
    const data = Float32Array.of(0, 0.5, 0.5, 0, 0, 0, 0.25, 0.75, 0);
    const statistics = new Map([['latent.frequencies', { shape: [3, 3], data }]]);
    expect(values.inOrder(statistics)[2]).toEqual([
      { value: -2, share: 0.75 },
      { value: 0, share: 0 },
      { value: 2, share: 0.25 },
    ]);
    // A row without any frequency, as of a file that was edited, and a model without them.
    expect(values.inOrder(statistics)[1]!.map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(values.inOrder(new Map())[0]!.map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});

describe('the quantisation penalty', () => {
  it('has the gradient in the encoder’s codes that differences of the commitment loss give', () => {
    const expected = numericalGradient(mu, () => evaluate(0, 7).weighted, 1e-3);
    evaluate(3, 7).gradients.mu.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
  });

  it('has the gradient in the values that differences of the quantisation loss give', () => {
    const { data } = values;
    const moved = (): PosteriorBatch => ({
      ...posterior,
      z: Float32Array.from(quantised.places, (place) => data[place]!),
    });
    const expected = numericalGradient(data, () => evaluate(3, 0, moved()).weighted, 1e-3);
    const gathered = values.gather(evaluate(3, 7).gradients.z, quantised);
    gathered.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 3));
    expect(gathered.some((value) => value !== 0)).toBe(true);
  });

  it('weighs one error for both', () => {
    const { terms, weighted } = evaluate(3, 7);
    const error = mu.reduce((sum, code, i) => sum + (code - quantised.codes[i]!) ** 2, 0) / batch;
    expect(terms['quantisation']).toBeCloseTo(error, 6);
    expect(weighted).toBeCloseTo(10 * error, 5);
  });
});
