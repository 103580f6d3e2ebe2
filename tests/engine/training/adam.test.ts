import { afterEach, describe, expect, it } from 'vitest';
import { free, freeOnFailure, liveTensors, upload } from '../../../src/engine/tensorflow/tensors.ts';
import { Variable } from '../../../src/engine/tensorflow/variable.ts';
import { Adam, type AdamSettings } from '../../../src/engine/training/adam.ts';
import { WeightAverage } from '../../../src/engine/training/weight-average.ts';

afterEach(() => expect(liveTensors()).toBe(0));

const START: Readonly<Record<string, readonly number[]>> = { 'a.filter': [1, -2, 3], 'a.bias': [0.5, -0.25] };
/** The gradients of three steps. */
const GRADIENTS: readonly Readonly<Record<string, readonly number[]>>[] = [
  { 'a.filter': [3, 0, -4], 'a.bias': [12, 0] },
  { 'a.filter': [0.1, 0.2, -0.1], 'a.bias': [0, 0.2] },
  { 'a.filter': [-6, 2, 3], 'a.bias': [0, 0] },
];

/** The weights after three steps, computed by TensorFlow. */
function byAdam(
  settings: AdamSettings,
  rateFactors: readonly number[] = [1, 1, 1],
): Record<string, number[]> {
  const variables = new Map(
    Object.entries(START).map(([name, data]) => [name, new Variable([data.length], Float32Array.from(data))]),
  );
  const adam = new Adam(variables, settings);
  GRADIENTS.forEach((gradients, i) => {
    adam.begin(i + 1, rateFactors[i]);
    for (const [name, values] of Object.entries(gradients)) {
      const gradient = upload([values.length], Float32Array.from(values));
      adam.update(name, variables.get(name)!, gradient);
      free(gradient);
    }
    adam.end();
  });
  adam.dispose();
  const result = Object.fromEntries([...variables].map(([name, variable]) => [name, [...variable.values()]]));
  for (const variable of variables.values()) variable.dispose();
  return result;
}

/** The same by Kingma & Ba's algorithm 1 and Loshchilov & Hutter's algorithm 2, in double precision. */
function byHand(
  { learningRate, weightDecay = 0, clipNorm = Infinity }: AdamSettings,
  rateFactors: readonly number[] = [1, 1, 1],
): Record<string, number[]> {
  const weights = Object.fromEntries(Object.entries(START).map(([name, data]) => [name, [...data]]));
  const moments = Object.fromEntries(
    Object.entries(START).map(([name, data]) => [name, data.map(() => ({ m: 0, v: 0 }))]),
  );
  GRADIENTS.forEach((gradients, step) => {
    const norm = Math.hypot(...Object.values(gradients).flat());
    const scale = Math.min(1, clipNorm / norm);
    const rate = learningRate * rateFactors[step]!;
    const t = step + 1;
    for (const [name, values] of Object.entries(gradients)) {
      values.forEach((value, i) => {
        const moment = moments[name]![i]!;
        const g = value * scale;
        moment.m = 0.9 * moment.m + 0.1 * g;
        moment.v = 0.999 * moment.v + 0.001 * g * g;
        const decay = name.endsWith('.filter') ? weightDecay : 0;
        const old = weights[name]![i]!;
        const change = moment.m / (1 - 0.9 ** t) / (Math.sqrt(moment.v / (1 - 0.999 ** t)) + 1e-8);
        weights[name]![i] = old - rate * decay * old - rate * change;
      });
    }
  });
  return weights;
}

function expectClose(found: Record<string, number[]>, expected: Record<string, number[]>): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    values.forEach((value, i) => expect(found[name]![i]).toBeCloseTo(value, 5));
  }
}

describe('Adam', () => {
  it.each<[string, AdamSettings]>([
    ['as published', { learningRate: 0.1 }],
    ['with weight decay, of filters only', { learningRate: 0.1, weightDecay: 0.3 }],
    [
      'with gradients of a limited norm, which the first and the last exceed',
      { learningRate: 0.1, clipNorm: 1 },
    ],
    ['with both', { learningRate: 0.1, weightDecay: 0.3, clipNorm: 0.5 }],
  ])('%s does what the equations say', (_, settings) => {
    expectClose(byAdam(settings), byHand(settings));
  });

  it('multiplies the rate of each step by its factor', () => {
    const settings = { learningRate: 0.1, weightDecay: 0.3 };
    const factors = [0.5, 1, 0.1];
    expectClose(byAdam(settings, factors), byHand(settings, factors));
  });

  it('is the same whether or not a limit is set that no gradient exceeds', () => {
    expectClose(byAdam({ learningRate: 0.1, clipNorm: 1000 }), byAdam({ learningRate: 0.1 }));
  });

  it('does not keep the gradients of a step that failed', () => {
    const variable = new Variable([1], Float32Array.of(1));
    const adam = new Adam(new Map([['w', variable]]), { learningRate: 0.1, clipNorm: 1 });
    const failing = (): void => {
      adam.begin(1);
      adam.update('w', variable, upload([1], Float32Array.of(-7)));
      throw new Error('failed');
    };
    expect(() => freeOnFailure(failing)).toThrow('failed');
    adam.begin(1);
    const gradient = upload([1], Float32Array.of(5));
    adam.update('w', variable, gradient);
    adam.end();
    expect(variable.values()[0]).toBeCloseTo(0.9, 5);
    free(gradient);
    adam.dispose();
    variable.dispose();
  });
});

describe('the moving average of weights', () => {
  it('follows them, faster at the beginning, and takes their place only while it is asked for', () => {
    const variable = new Variable([2], Float32Array.of(1, 4));
    const start = new Map([['w', { shape: [2], data: Float32Array.of(1, 4) }]]);
    const average = new WeightAverage(new Map([['w', variable]]), 0.6, start);
    let expected = [1, 4];
    [
      [2, 0],
      [3, 3],
      [-1, 8],
      [0, 1],
      [5, 5],
      [6, 2],
      [7, 7],
      [1, 0],
      [1, 1],
      [9, 3],
      [2, 2],
      [4, 0],
      [3, 1],
    ].forEach((weights, step) => {
      variable.write(Float32Array.from(weights));
      average.follow(step);
      const decay = Math.min(0.6, (1 + step) / (10 + step));
      expected = expected.map((value, i) => decay * value + (1 - decay) * weights[i]!);
    });
    const seen = average.inPlace(() => [...variable.values()]);
    seen.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect([...variable.values()]).toEqual([3, 1]);
    expect(() =>
      average.inPlace(() => {
        throw new Error('failed');
      }),
    ).toThrow('failed');
    expect([...variable.values()]).toEqual([3, 1]);
    average.dispose();
    variable.dispose();
  });
});
