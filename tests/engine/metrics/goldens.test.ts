import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dciTrees } from '../../../src/engine/metrics/dci-trees.ts';
import { factorVae } from '../../../src/engine/metrics/factor-vae.ts';
import { linearClassifier } from '../../../src/engine/metrics/linear-classifier.ts';
import { mig } from '../../../src/engine/metrics/mig.ts';
import { modularity } from '../../../src/engine/metrics/modularity.ts';
import { prepareTable, type CodeTable } from '../../../src/engine/metrics/code-table.ts';
import { readCodeTable } from '../../../src/engine/evaluation/read-table.ts';
import { sapContinuous } from '../../../src/engine/metrics/sap-continuous.ts';
import { sapDiscrete } from '../../../src/engine/metrics/sap-discrete.ts';
import { goldenTables, readGolden, type Golden } from './golden-tables.ts';
import { measure, valueOf } from './tables.ts';

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** The score must lie among the runs given, 0.03 more either way. */
function expectWithinRuns(value: number, { runs }: { runs: readonly number[] }): void {
  expect(value).toBeGreaterThanOrEqual(Math.min(...runs) - 0.03);
  expect(value).toBeLessThanOrEqual(Math.max(...runs) + 0.03);
}

describe.each(goldenTables)("disentanglement_lib's scores $title", ({ tables, areHere }) => {
  describe.skipIf(!areHere).each(tables.map((path) => [basename(path), path] as const))('%s', (_, path) => {
    let golden: Golden;
    let table: CodeTable;
    beforeAll(async () => {
      golden = await readGolden(path);
      table = await readCodeTable(golden.path);
    });

    it('has the same mutual information', () => {
      const { values } = prepareTable(table, 0).samples.all.information;
      expect(largestDifference(values, golden.information)).toBeLessThan(1e-6);
    });

    it('has the same MIG, modularity and continuous SAP to 1e-6', async () => {
      expect(Math.abs((await valueOf(mig, table)) - golden.scores.mig)).toBeLessThan(1e-6);
      expect(Math.abs((await valueOf(modularity, table)) - golden.scores.modularity)).toBeLessThan(1e-6);
      expect(Math.abs((await valueOf(sapContinuous, table)) - golden.scores.sap_continuous)).toBeLessThan(
        1e-6,
      );
    });

    it('has the discrete SAP to 0.01', async () => {
      expect(Math.abs((await valueOf(sapDiscrete, table)) - golden.scores.sap_discrete)).toBeLessThan(0.01);
    });

    // A forty-class factor grows four thousand trees; on a busy machine that takes its time.
    it('has DCI to 0.02 and its importances to 0.05', { timeout: 240_000 }, async () => {
      const { dci } = golden.scores;
      const { dciDisentanglement, dciCompleteness, dciInformativeness } = await measure(dciTrees, table);
      expect(Math.abs(dciDisentanglement!.value - dci.disentanglement)).toBeLessThan(0.02);
      expect(Math.abs(dciCompleteness!.value - dci.completeness)).toBeLessThan(0.02);
      expect(Math.abs(dciInformativeness!.value - dci.informativeness_test)).toBeLessThan(0.02);
      expect(largestDifference(dciDisentanglement!.matrix!.values, golden.importance)).toBeLessThan(0.05);
    });

    it("has FactorVAE's score within the runs given, and the linear classifier's", async () => {
      expectWithinRuns(await valueOf(factorVae, table), golden.scores.factor_vae);
      expectWithinRuns(await valueOf(linearClassifier, table), golden.scores.beta_vae);
    });
  });
});
