import { describe, expect, it } from 'vitest';
import { axisAlignment } from '../../../src/engine/metrics/axis-alignment.ts';
import { dciLasso } from '../../../src/engine/metrics/dci-lasso.ts';
import { dciTrees } from '../../../src/engine/metrics/dci-trees.ts';
import { factorVae } from '../../../src/engine/metrics/factor-vae.ts';
import { linearClassifier } from '../../../src/engine/metrics/linear-classifier.ts';
import { mig } from '../../../src/engine/metrics/mig.ts';
import { modularity } from '../../../src/engine/metrics/modularity.ts';
import { prepareTable } from '../../../src/engine/metrics/code-table.ts';
import { sapContinuous } from '../../../src/engine/metrics/sap-continuous.ts';
import { sapDiscrete } from '../../../src/engine/metrics/sap-discrete.ts';
import { fullGrid, labelColumn, measure, tableOf, valueOf } from './tables.ts';

const factors = fullGrid([3, 4, 5], 10);
const perfect = tableOf(factors, (values) => values);
const constant = tableOf(factors, () => [1, 2, 3]);
const twice = tableOf(factors, (values) => [...values, ...values]);

describe('a perfect code', () => {
  it.each([mig, modularity, axisAlignment, sapContinuous, factorVae, linearClassifier])(
    'scores 1: $id',
    async (metric) => {
      expect(await valueOf(metric, perfect)).toBeCloseTo(1, 10);
    },
  );

  it('is disentangled, complete and informative, by trees and by the lasso', async () => {
    for (const metric of [dciTrees, dciLasso]) {
      for (const { value } of Object.values(await measure(metric, perfect)))
        expect(value).toBeGreaterThan(0.98);
    }
  });

  it('leaves the discrete SAP what guessing does not reach', async () => {
    const { sapDiscrete: score } = await measure(
      sapDiscrete,
      tableOf(fullGrid([2, 2], 200), (values) => values),
    );
    expect(score!.value).toBeGreaterThan(0.4);
    expect(score!.value).toBeLessThan(0.6);
  });
});

describe('a constant code', () => {
  it.each([mig, modularity, axisAlignment, sapContinuous, sapDiscrete, factorVae, linearClassifier])(
    'scores 0: $id',
    async (metric) => {
      expect(await valueOf(metric, constant)).toBe(0);
    },
  );

  it('is neither disentangled nor complete', async () => {
    const trees = await measure(dciTrees, constant);
    expect([trees['dciDisentanglement']!.value, trees['dciCompleteness']!.value]).toEqual([0, 0]);
    const lasso = await measure(dciLasso, constant);
    expect(Object.values(lasso).map(({ value }) => value)).toEqual([0, 0, 0]);
  });
});

describe('two identical dimensions for each factor', () => {
  it('leave no gap', async () => {
    for (const metric of [mig, axisAlignment, sapContinuous, sapDiscrete]) {
      expect(await valueOf(metric, twice), metric.id).toBeCloseTo(0, 10);
    }
  });

  it('are modular, and disentangled but not complete', async () => {
    expect(await valueOf(modularity, twice)).toBeCloseTo(1, 10);
    const { dciDisentanglement, dciCompleteness } = await measure(dciTrees, twice);
    expect(dciDisentanglement!.value).toBeGreaterThan(0.98);
    // Two of six dimensions for each factor: 1 − log 2 / log 6.
    expect(Math.abs(dciCompleteness!.value - (1 - Math.log(2) / Math.log(6)))).toBeLessThan(0.05);
  });
});

describe('one dimension for two factors', () => {
  it('is not modular', async () => {
    const mixed = tableOf(fullGrid([4, 4], 50), ([a, b]) => [a! * 4 + b!]);
    // It tells equally much about both: 1 − 1 / (1 · (2 − 1)).
    expect(await valueOf(modularity, mixed)).toBeCloseTo(0, 6);
  });
});

describe('a factor that never changes', () => {
  it('is left out, with a sentence', async () => {
    const table = tableOf(
      factors.map((values) => [...values, 7]),
      (values) => values.slice(0, 3),
    );
    const { factors: kept, leftOut } = prepareTable(table, 0);
    expect(kept.map(({ name }) => name)).toEqual(['factor 0', 'factor 1', 'factor 2']);
    expect(leftOut).toEqual(['factor 3 is constant, so it is not scored.']);
    expect(await valueOf(mig, table)).toBeCloseTo(1, 10);
  });
});

describe('labels that are not known of every image', () => {
  it('are scored by the images they are known of', async () => {
    const values = factors.map(([a]) => (a === 0 ? Number.NaN : a! - 1));
    const table = { ...tableOf(factors, (row) => row), columns: [labelColumn('smile', values)] };
    expect(await valueOf(mig, table)).toBeCloseTo(1, 10);
    expect(await valueOf(sapDiscrete, table)).toBeGreaterThan(0.3);
    expect((await measure(dciTrees, table))['dciInformativeness']!.value).toBe(1);
  });
});

describe('metrics that hold one factor', () => {
  const why = (columns: typeof perfect.columns): string | undefined =>
    factorVae.cannotRun!(prepareTable({ ...perfect, columns }, 0).samples);

  it('say that labels are not factors', () => {
    const columns = perfect.columns.map(({ column, values }) => ({
      column: { ...column, factor: false },
      values,
    }));
    expect(why(columns)).toMatch(
      /needs images drawn from known factors; factor 0, factor 1, factor 2 are labels/,
    );
  });

  it('say that there is only one factor', () => {
    expect(why(perfect.columns.slice(0, 1))).toMatch(/only factor 0 changes here/);
  });

  it('say that two factors always change together', () => {
    const [a, b] = perfect.columns as [(typeof perfect.columns)[0], (typeof perfect.columns)[0]];
    const copy = { column: { ...a.column, name: 'copy' }, values: a.values };
    expect(why([a, b, copy])).toMatch(/factor 0 and copy always change together/);
  });

  it('say that no two images share a value', () => {
    const own = Float32Array.from({ length: 60 }, (_, i) => i);
    const small = tableOf(fullGrid([3, 4, 5], 1), (values) => values);
    const column = { name: 'serial', type: 'continuous', factor: true } as const;
    const { samples } = prepareTable({ ...small, columns: [small.columns[0]!, { column, values: own }] }, 0);
    expect(factorVae.cannotRun!(samples)).toBe(
      'It needs images that share a value of serial, and all 60 have one of their own.',
    );
  });

  it('run on a full grid and on images drawn at random', async () => {
    expect(why(perfect.columns)).toBeUndefined();
    const drawn = tableOf(factors, ([a, b, c], random) => [a! + 0.01 * random.normal(), b! - c!, b! + c!]);
    const score = await valueOf(factorVae, drawn);
    expect(score).toBeGreaterThan(0.6);
    expect(score).toBeLessThan(1);
  });
});

describe('codes that are not numbers', () => {
  it('are refused, naming the image and the dimension', () => {
    const codes = new Float32Array(perfect.codes);
    codes[3 * 17 + 2] = Number.NaN;
    expect(() => prepareTable({ ...perfect, codes }, 0)).toThrow(
      'The code of image 17 is not a finite number in dimension z2.',
    );
    expect(() => prepareTable({ ...perfect, codes }, 0)).toThrow(
      expect.objectContaining({ name: 'UnravelError', code: 'bad-input' }) as Error,
    );
  });
});
