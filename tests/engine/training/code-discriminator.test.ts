import { afterEach, describe, expect, it } from 'vitest';
import { planCodeDiscriminator } from '../../../src/engine/models/companions.ts';
import { drawWeights, weightSlots, type Weights } from '../../../src/engine/models/weights.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { CodeDiscriminator } from '../../../src/engine/training/code-discriminator.ts';
import type { Lesson } from '../../../src/engine/training/companion.ts';
import { expectSame } from './same-weights.ts';
import { numericalGradient } from '../losses/numerical-gradient.ts';

const latentDim = 4;
const batch = 64;
const plan = planCodeDiscriminator(latentDim, 24);

const fresh = (): Weights => drawWeights(plan.flatMap(weightSlots), 3);

/** The logit in double precision, from the weights. */
function logit(weights: Weights, code: Float64Array): number {
  let x = code;
  plan.forEach(({ name }, index) => {
    const { shape, data } = weights.get(`${name}.matrix`)!;
    const bias = weights.get(`${name}.bias`)!.data;
    x = Float64Array.from(bias, (offset, to) => {
      let sum = offset;
      for (let from = 0; from < shape[0]!; from++) sum += x[from]! * data[from * shape[1]! + to]!;
      return sum < 0 && index < plan.length - 1 ? 0.2 * sum : sum;
    });
  });
  return x[0]!;
}

/** Codes whose first two dimensions are almost the same. */
function correlatedCodes(seed: number): Float32Array {
  const z = createRandom(seed).fillNormal(new Float32Array(batch * latentDim));
  for (let i = 0; i < batch; i++)
    z[i * latentDim + 1] = 0.95 * z[i * latentDim]! + 0.2 * z[i * latentDim + 1]!;
  return z;
}

const lesson = (seed: number, step: number): Lesson => ({
  codes: correlatedCodes(seed),
  distance: 0,
  numbers: 0,
  seed: 1,
  step,
});

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b) / values.length;

afterEach(() => expect(liveTensors()).toBe(0));

describe("FactorVAE's discriminator", () => {
  it('has six hidden layers of 1000 units and one logit', () => {
    const units = planCodeDiscriminator(10).map(({ output }) => output[2]);
    expect(units).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 1]);
  });

  it('judges as its weights say, with the gradient that differences give', () => {
    const discriminator = new CodeDiscriminator(plan, fresh());
    const weights = discriminator.state();
    const z = correlatedCodes(5);
    const { logRatio, gradient } = discriminator.estimate(z, batch);
    for (let i = 0; i < batch; i++) {
      const code = Float64Array.from(z.subarray(i * latentDim, (i + 1) * latentDim));
      expect(logRatio[i]).toBeCloseTo(logit(weights, code), 4);
      numericalGradient(code, () => logit(weights, code), 1e-6).forEach((slope, l) =>
        expect(gradient[i * latentDim + l]).toBeCloseTo(slope, 4),
      );
    }
    discriminator.dispose();
  });

  it('learns to see that dimensions go together, and sees none where they do not', () => {
    const discriminator = new CodeDiscriminator(plan, fresh());
    for (let step = 0; step < 1500; step++) {
      discriminator.learn(lesson(1000 + step, step));
    }
    const together = mean(discriminator.estimate(correlatedCodes(1), batch).logRatio);
    const apart = mean(
      discriminator.estimate(createRandom(2).fillNormal(new Float32Array(batch * latentDim)), batch).logRatio,
    );
    // TC = −½ log(1 − ρ²) of the two: 1.55 nats.
    expect(together).toBeGreaterThan(0.8);
    expect(together).toBeLessThan(2.2);
    expect(apart).toBeLessThan(0);
    discriminator.dispose();
  });

  it('goes on from its state as if it had never stopped', () => {
    const lessons = Array.from({ length: 6 }, (_, step) => lesson(step, step));
    const whole = new CodeDiscriminator(plan, fresh());
    for (const lesson of lessons) whole.learn(lesson);
    const first = new CodeDiscriminator(plan, fresh());
    for (const lesson of lessons.slice(0, 3)) first.learn(lesson);
    const second = new CodeDiscriminator(plan, first.state());
    for (const lesson of lessons.slice(3)) second.learn(lesson);
    expectSame(second.state(), whole.state());
    for (const each of [whole, first, second]) each.dispose();
  });
});
