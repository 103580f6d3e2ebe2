import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readSafetensors } from '../../../src/engine/files/safetensors.ts';

const FOLDER = '../shared/data/metrics';

/** Whether disentanglement_lib's scores are here; they are not part of the project. */
export const hasGoldens = existsSync(FOLDER);

/** What a skipped test says. */
export const GOLDENS_MISSING = `${FOLDER} is not here`;

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

export const goldenNames = ['perfect-1', 'partial-1', 'entangled-1'] as const;

/** Reads one of them. */
export async function readGolden(name: string): Promise<Golden> {
  const path = join(FOLDER, `${name}.safetensors`);
  const { tensors } = await readSafetensors(path);
  const json: unknown = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  return {
    scores: v.parse(ScoresSchema, json),
    importance: tensors.get('dci_importance')!.data as Float32Array,
    information: tensors.get('mutual_information')!.data as Float32Array,
    path,
  };
}
