import { afterEach, describe, expect, it } from 'vitest';
import type { Decoder } from '../../../src/contract/run.ts';
import { likelihoodOf, makeDecoder } from '../../../src/engine/losses/decoders.ts';
import {
  learnedGaussianLikelihood,
  logVarianceGradient,
  optimalGaussianLikelihood,
  optimalVariance,
  PAPERS_VARIANCE,
} from '../../../src/engine/losses/gaussian.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import * as ops from '../../../src/engine/tensorflow/operations.ts';
import { download, free, liveTensors, upload } from '../../../src/engine/tensorflow/tensors.ts';
import { LearnedVariance } from '../../../src/engine/training/learned-variance.ts';
import { drawWeights } from '../../../src/engine/models/weights.ts';
import { VARIANCE_SLOT } from '../../../src/engine/models/companions.ts';
import { numericalGradient } from './numerical-gradient.ts';

const [batch, side, channels] = [2, 3, 3];
const numbers = side * side * channels;
const shape = [batch, side, side, channels];
const VARIANCE = 0.07;

const random = createRandom(5);
const logits = random.fillNormal(new Float32Array(batch * numbers)).map((value) => 2 * value);
const images = Float32Array.from(logits, () => random.uniform());
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** What a likelihood says in nats, and its gradient in the logits. */
function judge(decoder: Decoder | undefined): { nats: number; gradient: Float32Array } {
  const likelihood = likelihoodOf(decoder, () => VARIANCE);
  const [l, x] = [upload(shape, logits), upload(shape, images)];
  const output = ops.sigmoid(l);
  const { distance, gradient, in: from } = likelihood.compare({ logits: l, output }, x, batch);
  const inLogits = from === 'logits' ? gradient : ops.sigmoidGradient(output, gradient);
  const result = {
    nats: likelihood.nats(download(distance)[0]! / batch, numbers),
    gradient: download(inLogits),
  };
  free(l, x, output, distance, gradient, inLogits === gradient ? undefined : inLogits);
  return result;
}

/** −log p(x|x̂) of one pixel, as the distribution's definition has it. */
const definitions: readonly [string, Decoder | undefined, (x: number, mean: number) => number][] = [
  [
    "the paper's Gaussian, up to D/2·log π",
    undefined,
    (x, mean) =>
      0.5 * Math.log(Math.PI) - Math.log(Math.exp(-((x - mean) ** 2)) / 1) - 0.5 * Math.log(Math.PI),
  ],
  ['a Gaussian', { kind: 'gaussian', variance: VARIANCE }, (x, mean) => (x - mean) ** 2 / (2 * VARIANCE)],
  [
    'a Gaussian whose variance is learned',
    { kind: 'gaussian-learned' },
    (x, mean) => -Math.log(Math.exp(-((x - mean) ** 2) / (2 * VARIANCE)) / Math.sqrt(2 * Math.PI * VARIANCE)),
  ],
  ['a Bernoulli', { kind: 'bernoulli' }, (x, mean) => -x * Math.log(mean) - (1 - x) * Math.log(1 - mean)],
  [
    'a Laplace',
    { kind: 'laplace', variance: VARIANCE },
    (x, mean) => Math.abs(x - mean) / Math.sqrt(VARIANCE / 2),
  ],
];

afterEach(() => expect(liveTensors()).toBe(0));

describe.each(definitions)('%s', (_, decoder, pixel) => {
  const direct = (at: ArrayLike<number>): number =>
    images.reduce((sum, x, i) => sum + pixel(x, sigmoid(at[i]!)) / batch, 0);

  it('says nats summed over pixels and channels, averaged over the batch', () => {
    expect(judge(decoder).nats).toBeCloseTo(direct(logits), 3);
  });

  it('has the gradient that differences give', () => {
    const exact = Float64Array.from(logits);
    numericalGradient(exact, () => direct(exact), 1e-5).forEach((slope, i) =>
      expect(judge(decoder).gradient[i]).toBeCloseTo(slope, 4),
    );
  });
});

describe('a Bernoulli', () => {
  it('stays finite where the sigmoid is full', () => {
    const [l, x] = [
      upload([1, 1, 1, 2], Float32Array.of(90, -90)),
      upload([1, 1, 1, 2], Float32Array.of(0, 1)),
    ];
    const output = ops.sigmoid(l);
    const { distance, gradient } = likelihoodOf({ kind: 'bernoulli' }).compare({ logits: l, output }, x, 1);
    expect(download(distance)[0]).toBeCloseTo(180, 3);
    expect([...download(gradient)]).toEqual([1, -1]);
    free(l, x, output, distance, gradient);
  });
});

describe("a Laplace of the paper's variance", () => {
  it('is twice the absolute error', () => {
    const error = images.reduce((sum, x, i) => sum + Math.abs(x - sigmoid(logits[i]!)) / batch, 0);
    expect(judge({ kind: 'laplace', variance: PAPERS_VARIANCE }).nats).toBeCloseTo(2 * error, 4);
  });
});

describe('a learned variance', () => {
  const fresh = (): LearnedVariance => new LearnedVariance(drawWeights([VARIANCE_SLOT], 1));
  const lesson = (halfSquare: number, step: number) => ({
    codes: new Float32Array(0),
    distance: halfSquare,
    numbers: 12_288,
    seed: 1,
    step,
  });

  it('has the gradient that differences give', () => {
    const at = Float64Array.of(Math.log(VARIANCE));
    const nats = (): number =>
      likelihoodOf({ kind: 'gaussian-learned' }, () => Math.exp(at[0]!)).nats(40, numbers);
    expect(logVarianceGradient(40, numbers, VARIANCE)).toBeCloseTo(numericalGradient(at, nats, 1e-5)[0]!, 5);
  });

  it("starts from the paper's and comes to the mean squared error", () => {
    const learned = fresh();
    expect(learned.variance).toBe(PAPERS_VARIANCE);
    const mean = 0.012;
    for (let step = 0; step < 1500; step++) learned.learn(lesson((12_288 * mean) / 2, step));
    expect(Math.abs(learned.variance / mean - 1)).toBeLessThan(0.01);
    learned.dispose();
  });

  it('goes on from its state as if it had never stopped', () => {
    const [whole, first] = [fresh(), fresh()];
    for (let step = 0; step < 8; step++) whole.learn(lesson(100 + step, step));
    for (let step = 0; step < 4; step++) first.learn(lesson(100 + step, step));
    const second = new LearnedVariance(first.state());
    for (let step = 4; step < 8; step++) second.learn(lesson(100 + step, step));
    expect(second.state()).toEqual(whole.state());
    expect(second.variance).toBe(whole.variance);
    for (const each of [whole, first, second]) each.dispose();
  });
});

describe('an optimal variance', () => {
  const squares = (at: ArrayLike<number>): number =>
    images.reduce((sum, x, i) => sum + (x - sigmoid(at[i]!)) ** 2, 0);
  /** −log N(x; x̂, σ²) of the batch with the σ² that makes it smallest, averaged over the images. */
  const direct = (at: ArrayLike<number>): number => {
    const variance = squares(at) / images.length;
    return squares(at) / (2 * variance * batch) + (numbers / 2) * Math.log(2 * Math.PI * variance);
  };

  it('is the mean squared error, with which the nats are the fewest', () => {
    const { nats } = judge({ kind: 'gaussian-optimal' });
    expect(nats).toBeCloseTo(direct(logits), 3);
    const best = squares(logits) / images.length;
    expect(optimalVariance(squares(logits) / (2 * batch), numbers)).toBeCloseTo(best, 6);
    const half = squares(logits) / (2 * batch);
    for (const factor of [0.8, 0.95, 1.05, 1.3]) {
      expect(learnedGaussianLikelihood(() => factor * best).nats(half, numbers)).toBeGreaterThan(nats);
    }
  });

  it('has the gradient that differences give, though σ² changes with the pictures', () => {
    const exact = Float64Array.from(logits);
    const { gradient } = judge({ kind: 'gaussian-optimal' });
    numericalGradient(exact, () => direct(exact), 1e-5).forEach((slope, i) =>
      expect(gradient[i]).toBeCloseTo(slope, 4),
    );
  });

  it('stays finite where a picture is exact', () => {
    const x = upload([1, 1, 1, 2], Float32Array.of(0.5, 0.25));
    const { distance, gradient } = optimalGaussianLikelihood().compare({ logits: x, output: x }, x, 1);
    expect(download(distance)[0]).toBe(0);
    expect([...download(gradient)]).toEqual([0, 0]);
    expect(optimalGaussianLikelihood().nats(0, 2)).toBeLessThan(0);
    free(x, distance, gradient);
  });
});

describe('a choice of decoder', () => {
  it("is left out where it is the paper's", () => {
    expect(makeDecoder('vae', {})).toBeUndefined();
    expect(makeDecoder('vae', { kind: 'gaussian', variance: 0.5 })).toBeUndefined();
    expect(makeDecoder('vae', { variance: 0.1 })).toEqual({ kind: 'gaussian', variance: 0.1 });
    expect(makeDecoder('vae', { kind: 'laplace' })).toEqual({ kind: 'laplace', variance: 0.5 });
    expect(makeDecoder('ae', { variance: 0.1 })).toEqual({ kind: 'gaussian', variance: 0.1 });
  });

  it.each([
    ['ae', { kind: 'bernoulli' }, 'AE cannot have a bernoulli decoder.'],
    ['vae', { kind: 'bernoulli', variance: 1 }, 'A bernoulli decoder takes no variance.'],
    ['vae', { kind: 'gaussian-learned', variance: 1 }, 'A gaussian-learned decoder takes no variance.'],
  ] as const)('of %s is refused: %o', (model, given, message) => {
    expect(() => makeDecoder(model, given)).toThrow(message);
  });
});
