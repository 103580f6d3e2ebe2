import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../src/engine/basics/random.ts';
import { readCodeTable } from '../../../src/engine/evaluation/read-table.ts';
import { prepareTable, type CodeTable } from '../../../src/engine/metrics/code-table.ts';
import { infoC } from '../../../src/engine/metrics/info-c.ts';
import { infoE } from '../../../src/engine/metrics/info-e.ts';
import { infoM } from '../../../src/engine/metrics/info-m.ts';
import { codeInformation, concentrationOfLargest } from '../../../src/engine/metrics/infomec.ts';
import { digammas } from '../../../src/engine/metrics/neighbour-information.ts';
import { goldenTables } from './golden-tables.ts';
import { fullGrid, labelColumn, measure, tableOf as makeTable, valueOf } from './tables.ts';

const ScoresSchema = v.object({
  infom: v.number(),
  infoc: v.number(),
  infoe: v.number(),
  infoe_per_factor: v.array(v.number()),
  information: v.array(v.number()),
  active: v.array(v.boolean()),
});
const GoldenSchema = v.record(
  v.string(),
  v.object({
    ...ScoresSchema.entries,
    quantised: ScoresSchema,
    quantised_edges: v.array(v.array(v.number())),
  }),
);
const goldens = v.parse(
  GoldenSchema,
  JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/metrics/infomec.json'), 'utf8')),
);

async function expectScores(table: CodeTable, golden: v.InferOutput<typeof ScoresSchema>): Promise<void> {
  const { normalised, active } = codeInformation(prepareTable(table, 0).samples.train);
  const apart = normalised.values.map((value, i) => Math.abs(value - golden.information[i]!));
  // Codes of half precision have ties, which are separated by other noise here.
  expect(Math.max(...apart)).toBeLessThan(0.002);
  expect(active).toEqual(golden.active);
  expect(Math.abs((await valueOf(infoM, table)) - golden.infom)).toBeLessThan(0.002);
  expect(Math.abs((await valueOf(infoC, table)) - golden.infoc)).toBeLessThan(0.002);
  // Probes that separate the classes have no minimum, so both programs stop on the way, at other places.
  const { infoE: found } = await measure(infoE, table);
  expect(Math.abs(found!.value - golden.infoe)).toBeLessThan(0.005);
  found!.perFactor!.forEach((value, f) => {
    expect(Math.abs(value - golden.infoe_per_factor[f]!)).toBeLessThan(0.01);
  });
}

describe.each(goldenTables)("InfoMEC by its authors' estimators $title", ({ tables, areHere }) => {
  describe.skipIf(!areHere).each(tables.map((path) => [basename(path), path] as const))(
    '%s',
    (name, path) => {
      let table: CodeTable;
      beforeAll(async () => {
        table = await readCodeTable(`${path}.safetensors`);
      });

      it('is the same for continuous codes', { timeout: 120_000 }, async () => {
        await expectScores(table, goldens[name]!);
      });

      it('is the same for codes of few values', { timeout: 120_000 }, async () => {
        const { quantised, quantised_edges: edges } = goldens[name]!;
        const codes = table.codes.map(
          (value, at) => edges[at % table.latentDim]!.filter((edge) => value >= edge).length,
        );
        await expectScores({ ...table, codes }, quantised);
      });
    },
  );
});

/** A table whose rows are all measured, so that a full grid stays one. */
function tableOf(...given: Parameters<typeof makeTable>): CodeTable {
  const table = makeTable(...given);
  const all = Uint32Array.from({ length: table.count }, (_, row) => row);
  return { ...table, split: { train: all, test: all } };
}

const factors = fullGrid([3, 4, 5], 20);
const scores = async (table: CodeTable): Promise<[number, number, number]> => [
  await valueOf(infoM, table),
  await valueOf(infoE, table),
  await valueOf(infoC, table),
];

describe('InfoMEC', () => {
  it('is 1 for a perfect code, in any order, scale and sign of its dimensions', async () => {
    for (const encode of [
      (values: readonly number[]) => values,
      ([a, b, c]: readonly number[]) => [-3 * c!, 0.5 * a!, b!],
    ]) {
      const [m, e, c] = await scores(tableOf(factors, encode));
      expect(m).toBeCloseTo(1, 10);
      expect(c).toBeCloseTo(1, 10);
      expect(e).toBeGreaterThan(0.99);
    }
  });

  it('has 1 for InfoM, and what two of six dimensions leave for InfoC, where every factor is there twice', async () => {
    const [m, e, c] = await scores(tableOf(factors, (values) => [...values, ...values]));
    expect(m).toBeCloseTo(1, 10);
    expect(e).toBeGreaterThan(0.99);
    // Each of both has half of the information: (1/2 − 1/6) / (1 − 1/6).
    expect(c).toBeCloseTo(2 / 5, 10);
  });

  it('has half for InfoM where one dimension has two of three factors, with the same entropies', async () => {
    const table = tableOf(fullGrid([4, 4, 4], 10), ([a, b, c]) => [4 * a! + b!, c!]);
    const [m, , c] = await scores(table);
    // The first: (1/2 − 1/3) / (1 − 1/3) = 1/4, the second 1.
    expect(m).toBeCloseTo(5 / 8, 10);
    expect(c).toBeCloseTo(1, 10);
  });

  it('is not changed by dimensions that hardly vary', async () => {
    const noisy = ([a, b, c]: readonly number[], random: Random): number[] =>
      [a!, b!, c!].map((value) => value + 0.05 * random.normal());
    const random = createRandom(2);
    const rows = factors.map((row) => noisy(row, random));
    let at = 0;
    const plain = tableOf(factors, () => rows[at++]!);
    at = 0;
    const small = tableOf(factors, (_, random) => [...rows[at++]!, 0.01 * random.normal(), 7]);
    expect(codeInformation(prepareTable(small, 0).samples.train).active).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(infoM.notes!(prepareTable(small, 0).samples)).toEqual([
      'InfoM and InfoC leave out 2 of 5 dimensions, whose range is at most a twentieth of the largest.',
    ]);
    const [before, after] = [await scores(plain), await scores(small)];
    expect(after[0]).toBeCloseTo(before[0], 10);
    expect(after[2]).toBeCloseTo(before[2], 10);
    expect(before[0]).toBeGreaterThan(0.9);
  });

  it('hardly minds a dimension of noise in InfoC, and in InfoM by its share of dimensions at most', async () => {
    const table = tableOf(factors, (values, random) => [
      ...values.map((one) => one + 0.05 * random.normal()),
      random.normal(),
    ]);
    const [m, , c] = await scores(table);
    expect(c).toBeGreaterThan(0.95);
    expect(m).toBeGreaterThan(0.7);
    expect(m).toBeLessThan(1);
  });

  it('is lower for a rotated code, of which InfoE sees all the same', async () => {
    const grid = fullGrid([5, 5], 60);
    const turned = tableOf(grid, ([a, b], random) => {
      const [x, y] = [a! + 0.02 * random.normal(), b! + 0.02 * random.normal()];
      return [x + y, x - y];
    });
    const straight = tableOf(grid, ([a, b], random) => [
      a! + 0.02 * random.normal(),
      b! + 0.02 * random.normal(),
    ]);
    const [m, e, c] = await scores(turned);
    expect(m).toBeLessThan(0.15);
    expect(c).toBeLessThan(0.15);
    expect(e).toBeGreaterThan(0.95);
    const [whole] = await scores(straight);
    expect(whole).toBeGreaterThan(0.95);
  });

  it('is 0 for a constant code', async () => {
    const [m, e, c] = await scores(tableOf(factors, () => [1, 2, 3]));
    expect([m, c]).toEqual([0, 0]);
    expect(e).toBeCloseTo(0, 10);
  });

  it('estimates the information of a Gaussian shift as its integral gives it', () => {
    // Two classes of N(±1, 1): I = log 2 − E[log(1 + e^{−2x})] for x of N(1, 1), by quadrature.
    let expected = Math.LN2;
    const step = 1e-3;
    for (let x = -9; x < 11; x += step) {
      const density = Math.exp(-0.5 * (x - 1) ** 2) / Math.sqrt(2 * Math.PI);
      expected -= step * density * Math.log(1 + Math.exp(-2 * x));
    }
    const grid = fullGrid([2], 6000);
    const table = tableOf(grid, ([a], random) => [2 * a! - 1 + random.normal()]);
    const { normalised } = codeInformation(prepareTable(table, 0).samples.train);
    expect(Math.abs(normalised.values[0]! * Math.LN2 - expected)).toBeLessThan(0.02);
  });

  it('leaves out unknown rows, and has no InfoM for a single label', async () => {
    const values = factors.map(([a]) => (a === 0 ? Number.NaN : a! - 1));
    const table = { ...tableOf(factors, (row) => row), columns: [labelColumn('smile', values)] };
    expect(await valueOf(infoC, table)).toBeCloseTo(1, 10);
    expect(await valueOf(infoE, table)).toBeGreaterThan(0.99);
    expect(infoM.cannotRun!(prepareTable(table, 0).samples)).toMatch(/there is only one: smile\.$/);
  });
});

describe('the parts of InfoMEC', () => {
  it('have the digamma function of whole numbers', () => {
    const psi = digammas(10);
    expect(psi[1]).toBeCloseTo(-0.57721566490153, 12);
    expect(psi[10]).toBeCloseTo(2.25175258906672, 12);
  });

  it('have 1 for one part, 0 for even parts, and 0 for nothing', () => {
    expect(concentrationOfLargest([0, 3, 0])).toBe(1);
    expect(concentrationOfLargest([2, 2])).toBe(0);
    expect(concentrationOfLargest([0, 0])).toBe(0);
    expect(concentrationOfLargest([5])).toBe(1);
  });
});
