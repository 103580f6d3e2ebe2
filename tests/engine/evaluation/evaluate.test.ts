import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { EvaluationSchema } from '../../../src/contract/metrics.ts';
import { evaluate } from '../../../src/engine/evaluation/evaluate.ts';
import { chooseMetrics, METRICS } from '../../../src/engine/metrics/registry.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { fullGrid, labelColumn, tableOf } from '../metrics/tables.ts';

const table = tableOf(fullGrid([3, 4, 2], 25), ([a, b, c], random) => [
  a! + 0.3 * random.normal(),
  b! + 0.5 * c! + 0.3 * random.normal(),
  random.normal(),
]);
const cheap = ['mig', 'modularity', 'axisAlignment', 'sapContinuous', 'sapDiscrete', 'dciLasso'];

describe('an evaluation', () => {
  it('fits the contract, with intervals around values and chance below', async () => {
    const evaluation = await evaluate({ table, seed: 1, metrics: cheap });
    expect(v.parse(EvaluationSchema, evaluation)).toEqual(evaluation);
    expect(Object.keys(evaluation.metrics)).toEqual([
      'mig',
      'sapDiscrete',
      'sapContinuous',
      'dciLassoDisentanglement',
      'dciLassoCompleteness',
      'dciLassoInformativeness',
      'modularity',
      'axisAlignment',
    ]);
    for (const [key, { value, low, high, shuffled, randomEncoder, sentence }] of Object.entries(
      evaluation.metrics,
    )) {
      expect(low!, key).toBeLessThan(value!);
      expect(high!, key).toBeGreaterThanOrEqual(value!);
      expect(shuffled!, key).toBeLessThan(value!);
      expect(randomEncoder).toBeNull();
      expect(sentence).toMatch(/\.$/);
    }
    const { matrix, bins, samples } = evaluation.metrics['mig']!;
    expect(matrix).toMatchObject({ rows: ['z0', 'z1', 'z2'], columns: ['factor 0', 'factor 1', 'factor 2'] });
    expect({ bins, samples }).toEqual({ bins: 20, samples: { rows: 600 } });
  });

  it('is the same for the same seed, whichever metrics are asked for', async () => {
    const both = await evaluate({ table, seed: 7, metrics: ['mig', 'sapDiscrete'] });
    const one = await evaluate({ table, seed: 7, metrics: ['sapDiscrete'] });
    expect(one.metrics['sapDiscrete']).toEqual(both.metrics['sapDiscrete']);
    const other = await evaluate({ table, seed: 8, metrics: ['sapDiscrete'] });
    expect(other.metrics['sapDiscrete']!.low).not.toBe(one.metrics['sapDiscrete']!.low);
  });

  it('has intervals that hold the value of as many other images, most of the time', async () => {
    const draw = (seed: number): number[][] => {
      const random = createRandom(seed, 'other');
      return Array.from({ length: 600 }, () => [random.integer(3), random.integer(4), random.integer(2)]);
    };
    const noisy = (seed: number): typeof table =>
      tableOf(draw(seed), ([a, b], random) => [a! + random.normal(), b! + random.normal()]);
    const { low, high } = (await evaluate({ table: noisy(0), seed: 0, metrics: ['mig'] })).metrics['mig']!;
    let inside = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { value } = (await evaluate({ table: noisy(seed), seed, metrics: ['mig'], onlyValues: true }))
        .metrics['mig']!;
      if (value! >= low! && value! <= high!) inside += 1;
    }
    // Both ends err: two values differ by √2 of what each differs from the truth.
    expect(inside).toBeGreaterThanOrEqual(12);
  });

  it("gives the untrained encoder's scores where its codes are there", async () => {
    const random = createRandom(2);
    const codes = random.fillNormal(new Float32Array(600 * 5));
    const whole = await evaluate({ table, seed: 1, metrics: ['mig'], untrained: { codes } });
    expect(whole.metrics['mig']!.randomEncoder).toBeLessThan(0.1);
    const rows = Uint32Array.from({ length: 300 }, (_, i) => 2 * i);
    const half = codes.slice(0, 300 * 5);
    const some = await evaluate({ table, seed: 1, metrics: ['mig'], untrained: { codes: half, rows } });
    expect(some.metrics['mig']!.randomEncoder).toBeLessThan(0.2);
  });

  it('says why a metric cannot run, and goes on with the others', async () => {
    const smile = labelColumn('smile', Array.from(table.columns[2]!.values));
    const { metrics } = await evaluate({
      table: { ...table, columns: [smile] },
      seed: 0,
      metrics: ['mig', 'modularity', 'factorVae', 'linearClassifier'],
    });
    expect(metrics['mig']!.value).toBeGreaterThan(0);
    expect(metrics['modularity']).toMatchObject({ value: null, low: null, matrix: null });
    expect(metrics['modularity']!.reason).toMatch(/there is only one: smile\.$/);
    expect(metrics['linearClassifier']!.reason).toMatch(/smile is a label of images as they were found\.$/);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const seen: number[] = [];
    const controller = new AbortController();
    const work = evaluate({
      table,
      seed: 0,
      metrics: ['factorVae', 'mig'],
      signal: controller.signal,
      onProgress({ done, total }) {
        seen.push(done / total);
        if (seen.length === 5) controller.abort(new Error('enough'));
      },
    });
    await expect(work).rejects.toThrow('enough');
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
    await expect(evaluate({ table, seed: 0, signal: controller.signal })).rejects.toThrow('enough');
  });

  it('comes to its end in progress', async () => {
    let last = 0;
    await evaluate({
      table,
      seed: 0,
      metrics: ['mig'],
      onProgress: ({ done, total }) => (last = done / total),
    });
    expect(last).toBe(1);
  });

  it('refuses a table without anything to score by', async () => {
    await expect(evaluate({ table: { ...table, columns: [] }, seed: 0 })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });
});

describe('the registry', () => {
  it('finds metrics by their own names and by their scores, however written', () => {
    const keys = (...names: string[]): string[] =>
      chooseMetrics(names).flatMap(({ scores }) => scores.map(({ key }) => key));
    expect(keys('dci')).toEqual(['dciDisentanglement', 'dciCompleteness', 'dciInformativeness']);
    expect(keys('dci-completeness', 'MIG')).toEqual(['mig', 'dciCompleteness']);
    expect(keys('factor_vae')).toEqual(['factorVae']);
  });

  it('names what there is where a name is wrong', () => {
    expect(() => chooseMetrics(['mug'])).toThrow('There is no metric mug.');
  });

  it('has a key of its own for every score, and a sentence', () => {
    const scores = METRICS.flatMap((metric) => metric.scores);
    expect(new Set(scores.map(({ key }) => key)).size).toBe(scores.length);
    for (const { sentence } of scores) expect(sentence.length).toBeGreaterThan(60);
  });
});
