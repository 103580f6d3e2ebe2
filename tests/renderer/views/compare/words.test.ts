import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelKind } from '../../../../src/contract/run.ts';
import { runLabels } from '../../../../src/renderer/components/run-words.ts';
import {
  placeBetween,
  roundAround,
  ticksAround,
  tickText,
  ticksWidth,
} from '../../../../src/renderer/components/ticks.ts';
import { comparisonWords } from '../../../../src/renderer/views/compare/comparison-words.ts';
import { heldOutWords, planePoints } from '../../../../src/renderer/views/compare/rate-distortion.ts';
import { aRun, paperConfig } from '../../small-app.ts';

function model(kind: ModelKind, kl: number, error: number, changes: Parameters<typeof aRun>[0] = {}) {
  return aRun({
    id: `${kind}-${kl}`,
    name: `${kind} ${kl}`,
    config: { ...paperConfig, objective: { model: kind } },
    heldOut: { images: 1101, reconstruction: error, kl, klPerDimension: [], activeDimensions: 1 },
    ...changes,
  });
}

const words = (runs: ReturnType<typeof model>[], ...rest: [Parameters<typeof comparisonWords>[2]?]): string =>
  comparisonWords(
    runs.map((run, i) => ({ run, label: runLabels(runs)[i]! })),
    'faces-1',
    ...rest,
  ).join(' ');

const ae = model('ae', 0, 45);
const vae = model('vae', 16, 47);
const beta = model('beta-vae', 6.2, 55);
const tc = model('beta-tcvae', 4.9, 59);

describe('in one line', () => {
  it('the paper’s order is told where the numbers have it', () => {
    expect(words([ae, vae, beta, tc])).toBe(
      'From VAE to β‑TCVAE, each model uses fewer nats and reconstructs less accurately. The AE has no prior: it decodes samples of the other models’ prior.',
    );
  });

  it('samples of a QLAE are of its own values', () => {
    const qlae = aRun({
      ...ae,
      id: 'qlae',
      config: {
        ...paperConfig,
        objective: { model: 'qlae', values: 10, quantisation: 10, commitment: 10 },
      },
    });
    expect(words([qlae, vae, beta])).toMatch(
      /A QLAE has no prior: its samples are draws of its learned values/,
    );
    expect(words([qlae, vae, beta])).not.toContain('The AE');
  });

  it('and not told where they have not', () => {
    const better = model('beta-tcvae', 4.9, 54);
    expect(words([vae, beta, better])).toBe(
      'VAE uses the most nats and reconstructs best: 16 nats, error 47.0.',
    );
    const wasteful = model('vae', 16, 60);
    expect(words([wasteful, beta, tc])).toBe(
      'VAE uses the most nats, 16, but β‑VAE reconstructs best, error 55.0.',
    );
  });

  it('an unfair comparison is called one', () => {
    const short = model('beta-vae', 6, 55, { epoch: 4 });
    expect(words([vae, short])).toMatch(/^Trained differently: 4 and 30 epochs\. VAE uses/);
    const small = aRun({
      ...tc,
      config: { ...tc.config, architecture: 'burgess', latentDim: 10 },
    });
    expect(words([vae, small])).toMatch(/^Trained differently: 10 and 32 dimensions, two architectures\./);
  });

  it('errors on other images are not compared', () => {
    const elsewhere = model('beta-vae', 6, 5, { dataset: { id: 'others', name: 'others', images: 10 } });
    expect(words([vae, elsewhere])).toBe('These models were not measured on the same held-out images.');
  });

  it('a label is told of where one model carries clearly more of it', () => {
    expect(words([vae, tc], { feature: 'Hair colour', bits: [0.2, 0.71] })).toContain(
      'One dimension of β‑TCVAE tells most about hair colour, 0.71 bits.',
    );
    expect(words([vae, tc], { feature: 'Smile', bits: [0.7, 0.71] })).not.toContain('smile');
    expect(words([vae, tc], { feature: 'Smile', bits: [undefined, 0.71] })).not.toContain('smile');
  });
});

describe('the plane of rate and distortion', () => {
  it('has every run of the data set that was measured; an AE has no rate', () => {
    const unmeasured = aRun({ id: 'new' });
    const others = model('vae', 1, 1, { dataset: { id: 'others', name: 'others', images: 10 } });
    const points = planePoints([ae, vae, unmeasured, others], 'faces-1');
    expect(points.map(({ rate, distortion }) => [rate, distortion])).toEqual([
      [null, 45],
      [16, 47],
    ]);
    expect(heldOutWords(points)).toBe('held out, 1,101 images');
    expect(heldOutWords([])).toBe('held out');
  });
});

describe('round numbers of an axis', () => {
  it.each([
    [
      [45, 59, 5],
      [45, 50, 55, 60],
    ],
    [
      [0, 17.9, 6],
      [0, 5, 10, 15, 20],
    ],
    [
      [0, 1.45, 6],
      [0, 0.5, 1, 1.5],
    ],
    [
      [3, 3, 5],
      [2, 2.5, 3, 3.5, 4],
    ],
  ] as const)('around %j are %j', ([from, to, most], ticks) => {
    expect(ticksAround(from, to, most)).toEqual(ticks);
  });

  it('hold everything between them, are even, and not too many', () => {
    const number = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 3, max: 9 }), (a, b, most) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(to - from > 1e-6 + to * 1e-6);
        const ticks = ticksAround(from, to, most);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(most);
        expect(ticks[0]!).toBeLessThanOrEqual(from + (to - from) * 1e-6);
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(to - (to - from) * 1e-6);
      }),
    );
  });

  it('have texts that differ, small or large, and room for the longest', () => {
    expect([1e-4, 0.001, 0.25, 1, 1000, 10_000].map(tickText)).toEqual([
      '0.0001',
      '0.001',
      '0.25',
      '1',
      '1,000',
      '10,000',
    ]);
    // A digit of the axes' font is under 7 pixels wide.
    expect(ticksWidth(['1', '10,000'])).toBe(42);
    expect(ticksWidth([])).toBe(0);
  });

  it('of a logarithmic axis go around too', () => {
    expect(roundAround(320, 1980)).toEqual([200, 500, 1000, 2000]);
    expect(roundAround(0.3, 0.4)).toEqual([0.2, 0.5]);
    expect(placeBetween(5, 0, 10, 100, 0)).toBe(50);
  });
});
