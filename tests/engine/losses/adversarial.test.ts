import { describe, expect, it } from 'vitest';
import { adversarialLosses } from '../../../src/engine/losses/adversarial.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { numericalGradient } from './numerical-gradient.ts';

const batch = 5;
const someLogits = (): Float32Array => createRandom(3).fillNormal(new Float32Array(3 * batch));
/** Logits of data, reconstructions and samples, the same for all of a kind. */
const alike = (real: number, made: number, sample = made): Float32Array =>
  Float32Array.from({ length: 3 * batch }, (_, i) => [real, made, sample][Math.floor(i / batch)]!);

describe('the verdict on pictures', () => {
  it('is two log 2 for each side when nobody can tell', () => {
    const { adversarial, discriminator } = adversarialLosses(alike(0, 0), batch);
    expect(adversarial).toBeCloseTo(2 * Math.LN2, 12);
    expect(discriminator).toBeCloseTo(2 * Math.LN2, 12);
  });

  it.each([
    ['adversarial', 'decoderGradient'],
    ['discriminator', 'discriminatorGradient'],
  ] as const)('has, for %s, the gradient in the logits that differences give', (value, gradient) => {
    const logits = someLogits();
    const expected = numericalGradient(logits, () => adversarialLosses(logits, batch)[value], 1e-3);
    adversarialLosses(logits, batch)[gradient].forEach((slope, i) =>
      expect(slope).toBeCloseTo(expected[i]!, 5),
    );
  });

  it('charges the decoder nothing for data', () => {
    expect([...adversarialLosses(someLogits(), batch).decoderGradient.subarray(0, batch)]).toEqual(
      new Array(batch).fill(0),
    );
  });

  it('stays finite however sure the discriminator is', () => {
    const { adversarial, discriminator, decoderGradient } = adversarialLosses(alike(400, -400), batch);
    expect(adversarial).toBeCloseTo(800, 6);
    expect(Number.isFinite(discriminator)).toBe(true);
    expect(decoderGradient.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['both learn where neither wins', alike(0.1, 0.1), true, true],
    ['the discriminator waits where it tells too well', alike(4, -4), false, true],
    ['the decoder waits where it fools too easily', alike(-4, 4), true, false],
    ['both learn where one kind is told too well and the other not', alike(4, 4), true, true],
  ] as const)('%s', (_, logits, trainsDiscriminator, trainsDecoder) => {
    expect(adversarialLosses(logits, batch)).toMatchObject({ trainsDiscriminator, trainsDecoder });
  });
});
