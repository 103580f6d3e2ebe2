import { describe, expect, it } from 'vitest';
import { coefficientValue } from '../../../src/contract/objectives/formula.ts';
import {
  DecoderKindSchema,
  descriptorOf,
  modelKinds,
  weightsOf,
  type ModelKind,
} from '../../../src/contract/run.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { makeDecoder } from '../../../src/engine/losses/decoders.ts';
import { makeObjective, penaltyOf, type ObjectiveChoices } from '../../../src/engine/losses/objectives.ts';
import { reparametrise, zeroGradients, type PosteriorBatch } from '../../../src/engine/losses/posterior.ts';

const [batch, latentDim] = [6, 3];

/** A batch at the end of a training, where everything that rises has risen. */
function somePosterior(): PosteriorBatch {
  const random = createRandom(5);
  const [mu, noise] = [0, 1].map(() => random.fillNormal(new Float32Array(batch * latentDim)));
  const logVar = random.fillNormal(new Float32Array(batch * latentDim)).map((value) => value - 1);
  const z = reparametrise(mu!, logVar, noise!);
  return { batch, latentDim, mu: mu!, logVar, z, datasetSize: 300, step: 9, totalSteps: 9 };
}

const densityRatio = {
  estimate: (z: Float32Array) => ({
    logRatio: Float32Array.from({ length: batch }, (_, i) => z[i * latentDim]!),
    gradient: new Float32Array(z.length),
  }),
};

describe.each(modelKinds())('the penalty of %s', (model) => {
  // Weights that no term could have by chance.
  const objective = makeObjective(
    model,
    Object.fromEntries(
      Object.entries(weightsOf({ model })).map(([name, value], i) => [
        name,
        name === 'warmUp' || name === 'values' ? value : 0.7 + i / 2.3,
      ]),
    ),
  );
  const { isVariational, isQuantised = false, formula, klTerms } = descriptorOf(model);

  it('is what the formula says: each term that it reports times its coefficient', () => {
    const penalty = penaltyOf(objective, { densityRatio });
    expect(penalty !== undefined).toBe(isVariational || isQuantised);
    if (!penalty) return;
    const posterior = somePosterior();
    const { terms, weighted } = penalty.evaluate(posterior, zeroGradients(posterior));
    expect(Object.keys(terms)).toEqual(expect.arrayContaining([...klTerms]));
    let sum = 0;
    for (const { name, coefficient } of formula) {
      if (name in terms) sum += coefficientValue(coefficient, objective)! * terms[name]!;
    }
    expect(weighted).toBeCloseTo(sum, 8);
    expect(weighted).not.toBeCloseTo(0, 3);
    const others = ['reconstruction', 'features', 'adversarial'];
    const missing = formula
      .map(({ name }) => name)
      .filter((name) => !(name in terms) && !others.includes(name));
    expect(missing).toEqual([]);
  });
});

describe('makeObjective', () => {
  it.each<[ModelKind, ObjectiveChoices, string, string]>([
    ['vae', { beta: 3 }, 'VAE has no weight beta.', 'β-VAE, β-TCVAE, VAE-GAN'],
    ['info-vae', { gamma: 3 }, 'InfoVAE has no weight gamma.', 'It has alpha, lambda.'],
    [
      'beta-vae',
      { beta: -1 },
      "β-VAE's beta must be a number from 0 to 1000000000000, not -1.",
      'Its default is 5.',
    ],
    [
      'beta-vae',
      { beta: Number.NaN },
      "β-VAE's beta must be a number from 0 to 1000000000000, not NaN.",
      '5',
    ],
    [
      'beta-vae',
      { warmUp: 1.5 },
      "β-VAE's warmUp must be a number from 0 to 1, not 1.5.",
      'Its default is 0.',
    ],
    ['info-vae', { alpha: 2 }, "InfoVAE's alpha must be at most 1, not 2.", 'would be rewarded'],
    [
      'info-vae',
      { alpha: 0.1, lambda: 0.2 },
      "InfoVAE's alpha and lambda must make 1 or more together, not 0.3.",
      'MMD',
    ],
    ['vae', { sampling: 'stratified' }, 'VAE does not sample the aggregate posterior.', 'β-TCVAE'],
  ])('refuses %s with %o', (model, choices, message, hint) => {
    expect(() => makeObjective(model, choices)).toThrow(
      expect.objectContaining({ code: 'bad-input', message, hint: expect.stringContaining(hint) as string }),
    );
  });

  it('takes weights that go together only in pairs', () => {
    expect(makeObjective('info-vae', { alpha: 0.5, lambda: 0.6 })).toEqual({
      model: 'info-vae',
      alpha: 0.5,
      lambda: 0.6,
    });
  });
});

describe('makeDecoder', () => {
  it('gives every model the decoders that its descriptor allows, and no others', () => {
    for (const model of modelKinds()) {
      const { allowed } = descriptorOf(model).decoders;
      for (const kind of DecoderKindSchema.options) {
        const make = (): unknown => makeDecoder(model, { kind });
        if (allowed.includes(kind)) expect(make).not.toThrow();
        else expect(make, `${model}, ${kind}`).toThrow(expect.objectContaining({ code: 'bad-input' }));
      }
      expect(makeDecoder(model, {})).toBeUndefined();
    }
  });
});
