import type { TrainingConfig } from '../../../../contract/run.ts';
import { modelName } from '../../../components/format.ts';

/** A run that will be trained. */
export interface PlannedRun {
  /** Given where models alone do not tell runs apart. */
  readonly name?: string;
  readonly config: TrainingConfig;
}

/** What a sweep varies: every model with a β is trained with each, and every model with each seed. */
export interface Varied {
  readonly betas: readonly number[];
  readonly seeds: readonly number[];
}

/**
 * Every run of some models, or of a sweep of them: one seed after the other, so that what is done when it is stopped
 * covers all models.
 */
export function plannedRuns(models: readonly TrainingConfig[], varied: Varied | undefined): PlannedRun[] {
  if (!varied) return models.map((config) => ({ config }));
  const { betas, seeds } = varied;
  return seeds.flatMap((seed) =>
    models.flatMap((config): PlannedRun[] => {
      const { objective } = config;
      const title = modelName(objective.model);
      if (objective.beta === undefined) {
        return [{ name: `${title}, seed ${seed}`, config: { ...config, seed } }];
      }
      return betas.map((beta) => ({
        name: `${title}, β = ${beta}, seed ${seed}`,
        config: { ...config, seed, objective: { ...objective, beta } },
      }));
    }),
  );
}
