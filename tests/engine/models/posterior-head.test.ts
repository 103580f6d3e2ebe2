import { expect, it } from 'vitest';
import type { ModelShape } from '../../../src/engine/models/architecture.ts';
import { backpropagatePosterior, posteriorOf } from '../../../src/engine/models/posterior-head.ts';
import { numericalGradient } from '../losses/numerical-gradient.ts';

const usual: ModelShape = {
  architecture: 'burgess',
  latentDim: 2,
  imageSize: 32,
  channels: 1,
  variational: true,
};
const program: ModelShape = { ...usual, deviation: 'softplus' };
/** Two images: mu, mu, s, s. */
const output = Float32Array.of(0.5, -2, 0, -0.7, 3, 1, 1.2, -3);

it('takes s for log Σ unless the run says otherwise, without a copy', () => {
  const gradient = output.slice();
  for (const shape of [usual, { ...usual, deviation: 'exp' }, { ...program, variational: false }] as const) {
    expect(posteriorOf(output, shape)).toBe(output);
    expect(backpropagatePosterior(gradient, output, shape)).toBe(gradient);
  }
});

it('makes log Σ of the standard deviation softplus(exp(s)), and leaves mu as it is', () => {
  const expected = [0, -0.7, 1.2, -3].map((s) => 2 * Math.log(Math.log(1 + Math.exp(Math.exp(s)))));
  const [a, b, c, d] = expected;
  [0.5, -2, a, b, 3, 1, c, d].forEach((value, i) =>
    expect(posteriorOf(output, program)[i]).toBeCloseTo(value!, 6),
  );
});

it('has the gradient that differences give', () => {
  const slopes = Float32Array.of(1, 2, 3, -4, 5, 6, -7, 8);
  const gradient = backpropagatePosterior(slopes, output, program);
  const value = (): number =>
    posteriorOf(output, program).reduce((sum, number, i) => sum + slopes[i]! * number, 0);
  numericalGradient(output, value, 1e-2).forEach((slope, i) => expect(gradient[i]).toBeCloseTo(slope, 2));
});

it('stays finite for large and small s', () => {
  const extreme = Float32Array.of(0, 0, 6, -200);
  const [, , large, small] = posteriorOf(extreme, program);
  // softplus(y) is y for large y, and ln 2 at 0.
  expect(large).toBeCloseTo(12, 4);
  expect(small).toBeCloseTo(2 * Math.log(Math.LN2), 6);
  const slopes = backpropagatePosterior(new Float32Array(4).fill(1), extreme, program);
  expect([slopes[2], slopes[3]]).toEqual([expect.closeTo(2, 4), expect.closeTo(0, 6)]);
});
