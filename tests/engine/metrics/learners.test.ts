import { describe, expect, it } from 'vitest';
import { fitBoostedTrees } from '../../../src/engine/metrics/gradient-boosting.ts';
import { fitLasso } from '../../../src/engine/metrics/lasso.ts';
import { minimise } from '../../../src/engine/metrics/lbfgs.ts';
import { classifyByLine, fitLine } from '../../../src/engine/metrics/linear-svm.ts';
import { fitLogistic, logisticLoss, predictLabels } from '../../../src/engine/metrics/logistic-regression.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';

describe('boosted trees', () => {
  const rows = 600;
  const random = createRandom(3);
  const table = Float32Array.from({ length: rows * 3 }, () => random.normal());
  const sign = (row: number, f: number): number => (table[row * 3 + f]! > 0.3 ? 1 : 0);

  it('learn a threshold exactly and call its feature the only important one', async () => {
    const classes = Uint16Array.from({ length: rows }, (_, row) => sign(row, 1));
    const trees = await fitBoostedTrees({ table, features: 3, classes, classCount: 2 }, createRandom(1));
    expect([...trees.importance].map((value) => Number(value.toFixed(6)))).toEqual([0, 1, 0]);
    expect(trees.predict(table)).toEqual(classes);
  });

  it('learn what needs two features together', async () => {
    const classes = Uint16Array.from({ length: rows }, (_, row) => sign(row, 0) ^ sign(row, 2));
    const trees = await fitBoostedTrees({ table, features: 3, classes, classCount: 2 }, createRandom(1));
    const right = trees.predict(table).filter((known, row) => known === classes[row]).length;
    expect(right / rows).toBeGreaterThan(0.97);
    expect(trees.importance[1]).toBeLessThan(0.2);
  });

  it('learn several classes, of which one has a single image', async () => {
    const classes = Uint16Array.from({ length: rows }, (_, row) =>
      row === 0 ? 5 : sign(row, 0) + 2 * sign(row, 1),
    );
    const trees = await fitBoostedTrees({ table, features: 3, classes, classCount: 7 }, createRandom(1));
    expect(trees.predict(table)).toEqual(classes);
  });

  it('say the only class there is', async () => {
    const classes = new Uint16Array(rows).fill(4);
    const trees = await fitBoostedTrees({ table, features: 3, classes, classCount: 6 }, createRandom(1));
    expect(trees.predict(table.subarray(0, 6))).toEqual(Uint16Array.of(4, 4));
    expect([...trees.importance]).toEqual([0, 0, 0]);
  });
});

describe('the linear support vector machine', () => {
  it('finds the minimum of its loss: no step away from it is lower', () => {
    const random = createRandom(8);
    const x = Float64Array.from({ length: 200 }, (_, i) => random.normal() + (i % 2));
    const classes = Uint16Array.from({ length: 200 }, (_, i) => i % 2);
    const cost = 0.01;
    const { slopes, offsets } = fitLine(x, classes, 2, cost);
    const loss = (w: number, b: number): number =>
      0.5 * (w * w + b * b) +
      x.reduce((sum, value, i) => {
        const y = classes[i] === 1 ? 1 : -1;
        return sum + cost * Math.max(0, 1 - y * (w * value + b)) ** 2;
      }, 0);
    const least = loss(slopes[1]!, offsets[1]!);
    for (const [dw, db] of [
      [1e-4, 0],
      [-1e-4, 0],
      [0, 1e-4],
      [0, -1e-4],
      [1e-4, 1e-4],
    ] as const) {
      expect(loss(slopes[1]! + dw, offsets[1]! + db)).toBeGreaterThan(least);
    }
  });

  it('tells two classes apart and knows of a class that does not occur', () => {
    const x = Float64Array.of(-2, -1.5, -1, 1, 1.5, 2);
    const line = fitLine(x, Uint16Array.of(1, 1, 1, 3, 3, 3), 5, 10);
    expect([-3, 3].map((value) => classifyByLine(line, value))).toEqual([1, 3]);
  });
});

describe('logistic regression', () => {
  const random = createRandom(4);
  const points = Float64Array.from(
    { length: 90 * 2 },
    (_, i) => random.normal() + 2 * (Math.floor(i / 2) % 3),
  );
  const labels = Uint16Array.from({ length: 90 }, (_, i) => i % 3);
  const data = { points, features: 2, labels, classCount: 3 };

  it('has the gradient that differences give', () => {
    const at = Float64Array.from({ length: 9 }, () => random.normal());
    const gradient = new Float64Array(9);
    logisticLoss(data, at, gradient);
    const scratch = new Float64Array(9);
    for (let i = 0; i < 9; i++) {
      const moved = (by: number): number => logisticLoss(data, at.with(i, at[i]! + by), scratch);
      expect(gradient[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7);
    }
  });

  it('ends where the gradient is nothing, and tells clusters apart', () => {
    const model = fitLogistic(data);
    const gradient = new Float64Array(9);
    logisticLoss(data, model.weights, gradient);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(2e-4);
    const right = predictLabels(model, points).filter((label, i) => label === labels[i]).length;
    expect(right).toBeGreaterThan(75);
  });
});

describe('L-BFGS', () => {
  it("walks down Rosenbrock's valley", () => {
    const at = minimise(
      (p, gradient) => {
        const [x, y] = [p[0]!, p[1]!];
        gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
        gradient[1] = 200 * (y - x * x);
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
      },
      Float64Array.of(-1.2, 1),
    );
    expect(at[0]).toBeCloseTo(1, 3);
    expect(at[1]).toBeCloseTo(1, 3);
  });
});

describe('the lasso', () => {
  const rows = 1000;
  const random = createRandom(6);
  const x = Float64Array.from({ length: rows * 5 }, () => random.normal());

  it('finds the two features that matter and leaves the others at 0', () => {
    const raw = Float64Array.from(
      { length: rows },
      (_, i) => x[5 * i]! - 0.5 * x[5 * i + 3]! + 0.3 * random.normal(),
    );
    const deviation = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0) / rows);
    const weights = fitLasso(
      x,
      5,
      raw.map((value) => value / deviation),
    ).map((weight) => weight * deviation);
    expect(Math.abs(weights[0]! - 1)).toBeLessThan(0.15);
    expect(Math.abs(weights[3]! + 0.5)).toBeLessThan(0.15);
    expect([1, 2, 4].map((f) => Math.abs(weights[f]!) < 0.01)).toEqual([true, true, true]);
  });

  it('finds nothing in noise', () => {
    const noise = Float64Array.from({ length: rows }, () => random.normal());
    expect(Math.max(...fitLasso(x, 5, noise).map(Math.abs))).toBeLessThan(0.05);
  });
});
