import { PAPERS_SETTINGS, type Objective, type TrainingConfig } from '../../contract/run.ts';

/** The paper's settings for an objective. */
export function defaultConfig(objective: Objective): TrainingConfig {
  return { objective, ...PAPERS_SETTINGS };
}
