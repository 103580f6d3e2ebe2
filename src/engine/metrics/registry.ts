import { UnravelError } from '../../contract/errors.ts';
import { axisAlignment } from './axis-alignment.ts';
import { dciLasso } from './dci-lasso.ts';
import { dciTrees } from './dci-trees.ts';
import { factorVae } from './factor-vae.ts';
import { infoC } from './info-c.ts';
import { infoE } from './info-e.ts';
import { infoM } from './info-m.ts';
import { linearClassifier } from './linear-classifier.ts';
import type { Metric, ScoreInfo } from './metric.ts';
import { mig } from './mig.ts';
import { modularity } from './modularity.ts';
import { sapContinuous } from './sap-continuous.ts';
import { sapDiscrete } from './sap-discrete.ts';

/** All metrics, in the order of display. A new one needs a file and an entry here. */
export const METRICS: readonly Metric[] = [
  mig,
  sapDiscrete,
  sapContinuous,
  dciTrees,
  dciLasso,
  infoM,
  infoE,
  infoC,
  modularity,
  axisAlignment,
  factorVae,
  linearClassifier,
];

/** A metric with its requested scores. */
export interface ChosenMetric {
  readonly metric: Metric;
  readonly scores: readonly ScoreInfo[];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/**
 * Finds metrics by the names of their scores (`dciCompleteness`, `dci-completeness`) or their own (`dci`, for all
 * of its scores).
 *
 * @param names - all metrics if left out
 * @throws UnravelError `bad-input` for an unknown name
 */
export function chooseMetrics(names?: readonly string[]): ChosenMetric[] {
  if (!names) return METRICS.map((metric) => ({ metric, scores: metric.scores }));
  const wanted = new Set(names.map(plain));
  const chosen = METRICS.map((metric) => {
    const isWhole = wanted.has(plain(metric.id));
    return { metric, scores: metric.scores.filter(({ key }) => isWhole || wanted.has(plain(key))) };
  }).filter(({ scores }) => scores.length);
  const known = new Set(
    METRICS.flatMap(({ id, scores }) => [id, ...scores.map(({ key }) => key)]).map(plain),
  );
  const wrong = names.find((name) => !known.has(plain(name)));
  if (wrong !== undefined) {
    const all = METRICS.flatMap(({ id, scores }) =>
      scores.length > 1 ? [id] : scores.map(({ key }) => key),
    );
    throw new UnravelError('bad-input', `There is no metric ${wrong}.`, {
      hint: `There are ${all.join(', ')}.`,
    });
  }
  return chosen;
}
