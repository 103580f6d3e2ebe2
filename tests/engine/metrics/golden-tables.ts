import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';

const LARGE = '../shared/data/metrics';

/** Tables with disentanglement_lib's scores, `.safetensors` and `.json` left out. */
export interface GoldenTables {
  readonly title: string;
  readonly tables: readonly string[];
  /** Whether the tables are here; the large ones are not part of the project. */
  readonly areHere: boolean;
}

/** A small table of tests/golden, and large ones that only some machines have. */
export const goldenTables: readonly GoldenTables[] = [
  {
    title: 'of a small synthetic table',
    tables: [join(import.meta.dirname, '../../golden/metrics/synthetic')],
    areHere: true,
  },
  {
    title: existsSync(LARGE) ? 'of large tables' : `of large tables (${LARGE} is not here)`,
    tables: ['perfect-1', 'partial-1', 'entangled-1'].map((name) => join(LARGE, name)),
    areHere: existsSync(LARGE),
  },
];

const RunsSchema = v.object({ runs: v.array(v.number()) });
const ScoresSchema = v.object({
  mig: v.number(),
  sap_discrete: v.number(),
  sap_continuous: v.number(),
  dci: v.object({
    disentanglement: v.number(),
    completeness: v.number(),
    informativeness_train: v.number(),
    informativeness_test: v.number(),
  }),
  modularity: v.number(),
  factor_vae: RunsSchema,
  beta_vae: RunsSchema,
});

/** A table of codes with disentanglement_lib's scores and matrices, `[dimensions, factors]`. */
export interface Golden {
  readonly scores: v.InferOutput<typeof ScoresSchema>;
  readonly importance: Float32Array;
  readonly information: Float32Array;
  readonly path: string;
}

/**
 * Reads one of them.
 *
 * @param table - its path, without an ending
 */
export async function readGolden(table: string): Promise<Golden> {
  const path = `${table}.safetensors`;
  const { tensors } = await readSafetensors(path);
  const json: unknown = JSON.parse(readFileSync(`${table}.json`, 'utf8'));
  return {
    scores: v.parse(ScoresSchema, json),
    importance: tensors.get('dci_importance')!.data as Float32Array,
    information: tensors.get('mutual_information')!.data as Float32Array,
    path,
  };
}
