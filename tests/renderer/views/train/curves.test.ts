import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMetric, StepMetric } from '../../../../src/contract/operations/runs.ts';
import { spreadLabels } from '../../../../src/renderer/components/spread-labels.ts';
import { epochTicks } from '../../../../src/renderer/components/ticks.ts';
import { scaleColour } from '../../../../src/renderer/theme/scale.ts';
import { alignCurves, decades, lossCurves } from '../../../../src/renderer/views/train/curves.ts';
import { klRows, largestKl } from '../../../../src/renderer/views/train/kl-rows.ts';

const step = (at: number, terms: Record<string, number>): StepMetric => ({
  step: at,
  epoch: 1,
  loss: { total: 0, terms },
  imagesPerSecond: 100,
});
const epoch = (number: number, kl: number[], decomposition = true): EpochMetric => ({
  epoch: number,
  step: number * 10,
  loss: { total: 0, terms: {} },
  heldOut: {
    images: 10,
    reconstruction: 100 / number,
    kl: kl.reduce((sum, value) => sum + value, 0),
    klPerDimension: kl,
    activeDimensions: kl.length,
  },
  ...(decomposition
    ? { decomposition: { mutualInformation: 2, totalCorrelation: 0, dimensionwiseKl: 0.5 } }
    : {}),
  seconds: 1,
});

describe('lossCurves', () => {
  it('puts steps between the ends of epochs', () => {
    const [training] = lossCurves('vae', [step(5, { reconstruction: 200, kl: 3 })], [], 10);
    expect(training).toMatchObject({ name: 'Training', points: [[0.5, 200]] });
  });

  it('shows of a β-TCVAE’s batch estimates their sum alone, which is the KL', () => {
    const terms = {
      reconstruction: 200,
      mutualInformation: 300,
      totalCorrelation: -250,
      dimensionwiseKl: -45,
    };
    const curves = lossCurves('beta-tcvae', [step(5, terms)], [], 10);
    expect(curves.map(({ name, points }) => [name, points[0]![1]])).toEqual([
      ['Training', 200],
      ['KL', 5],
    ]);
  });

  it('adds no other penalty to the KL', () => {
    const curves = lossCurves(
      'dip-vae-i',
      [step(5, { reconstruction: 200, kl: 3, offDiagonal: 50 })],
      [],
      10,
    );
    expect(curves.find(({ name }) => name === 'KL')!.points).toEqual([[0.5, 3]]);
  });

  it('has an AE’s error, and no KL that it does not have', () => {
    const curves = lossCurves('ae', [step(5, { reconstruction: 9 })], [epoch(1, [0, 0], false)], 10);
    expect(curves.map(({ name }) => name)).toEqual(['Training', 'Error']);
  });

  it('draws the measured parts of KL at each epoch’s end', () => {
    const curves = lossCurves('vae', [], [epoch(1, [1, 2]), epoch(2, [1, 2])], 10);
    expect(curves.map(({ name, points }) => [name, points.length])).toEqual([
      ['MI', 2],
      ['TC', 2],
      ['Dim. KL', 2],
      ['Error', 2],
    ]);
  });
});

describe('alignCurves', () => {
  it('has every x once and rising, and gaps where a curve has no point or no logarithm', () => {
    const curves = [
      {
        name: 'a',
        tone: 'ink',
        per: 'step',
        points: [
          [0.5, 10],
          [1, 100],
        ],
      },
      {
        name: 'b',
        tone: 0,
        per: 'epoch',
        points: [
          [1, 1],
          [2, 0],
          [3, -1],
        ],
      },
    ] as const;
    expect(alignCurves(curves)).toEqual([
      [0.5, 1, 2, 3],
      [1, 2, null, null],
      [null, 0, null, null],
    ]);
  });
});

describe('decades', () => {
  const curve = (...ys: number[]) =>
    [{ name: 'a', tone: 'ink', per: 'step', points: ys.map((y, i) => [i, y] as const) }] as const;

  it('are whole powers of ten around the curves, one at least', () => {
    expect(decades(curve(45, 780))).toEqual([1, 3]);
    expect(decades(curve(1))).toEqual([0, 1]);
    expect(decades([])).toEqual([0, 3]);
  });

  it('are not stretched by what is next to nothing', () => {
    expect(decades(curve(0.00001, 0.3, 50))).toEqual([-1, 2]);
  });
});

describe('spreadLabels', () => {
  it('leaves labels alone that do not overlap, and keeps the order of the others', () => {
    expect(spreadLabels([10, 100], 14, 0, 200)).toEqual([10, 100]);
    expect(spreadLabels([50, 52, 51], 14, 0, 200)).toEqual([50, 78, 64]);
  });

  it('keeps them apart and inside wherever there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 250 }), { minLength: 1, maxLength: 6 }), (tops) => {
        const placed = spreadLabels(tops, 14, 0, 200).sort((a, b) => a - b);
        expect(placed[0]).toBeGreaterThanOrEqual(0);
        expect(placed.at(-1)).toBeLessThanOrEqual(200);
        for (let i = 1; i < placed.length; i++)
          expect(placed[i]! - placed[i - 1]!).toBeGreaterThanOrEqual(14);
      }),
    );
  });
});

describe('klRows', () => {
  it('has the dimension that carries most now first, with its past', () => {
    const rows = klRows([epoch(1, [1, 0]), epoch(3, [2, 5])]);
    expect(rows.map(({ dimension }) => dimension)).toEqual([1, 0]);
    expect(rows[0]!.values).toEqual([0, Number.NaN, 5]);
    expect(rows[1]!.current).toBe(2);
    expect(largestKl(rows)).toBe(5);
  });

  it('has none before the first epoch, and a scale on which nothing looks like nothing', () => {
    expect(klRows([])).toEqual([]);
    expect(largestKl(klRows([epoch(1, [0.001, 0])]))).toBe(0.1);
  });
});

describe('epochTicks', () => {
  it('names the first epoch and a few others, none beyond the last', () => {
    expect(epochTicks(12)).toEqual([1, 4, 7, 10]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (epochs) => {
        const ticks = epochTicks(epochs);
        expect(ticks[0]).toBe(1);
        expect(ticks.at(-1)).toBeLessThanOrEqual(epochs);
        expect(ticks.length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

describe('scaleColour', () => {
  it('meets the colours of the scale, and mixes between two', () => {
    const scale = ['#000000', '#804020', '#FFFFFF'];
    expect(scaleColour(scale, 0)).toEqual([0, 0, 0]);
    expect(scaleColour(scale, 0.5)).toEqual([128, 64, 32]);
    expect(scaleColour(scale, 2)).toEqual([255, 255, 255]);
    expect(scaleColour(scale, 0.25)).toEqual([64, 32, 16]);
  });
});
