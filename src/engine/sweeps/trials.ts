import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import {
  suggestedOptimiser,
  TrainingConfigSchema,
  type Objective,
  type TrainingConfig,
} from '../../contract/run.ts';
import { modelLabels } from '../figures/model-labels.ts';
import { makeObjective } from '../losses/objectives.ts';
import { defaultConfig } from '../training/config.ts';
import type { Sweep } from './sweep-file.ts';

/** One training of a sweep. */
export interface Trial {
  /** The model and what distinguishes it from others: one line of the plots. */
  readonly model: string;
  /** Null for a model that has none. */
  readonly beta: number | null;
  readonly seed: number;
  /** What its run is called. */
  readonly name: string;
  readonly config: TrainingConfig;
}

/** A model with each β that it is trained with. */
function objectivesOf(given: Sweep['models'][number], betas: readonly number[] | undefined): Objective[] {
  const { model, ...weights } = typeof given === 'string' ? { model: given } : given;
  const usual = makeObjective(model, weights);
  const isFixed = usual.beta === undefined || ('beta' in weights && weights.beta !== undefined);
  if (isFixed || !betas) return [usual];
  return betas.map((beta) => makeObjective(model, { ...weights, beta }));
}

/** What models are called where β is told elsewhere. */
function titlesOf(models: Sweep['models'], config: TrainingConfig): string[] {
  const labels = modelLabels(
    models.map((given, i) => {
      const { model, ...weights } = typeof given === 'string' ? { model: given } : given;
      const { beta: _told, ...objective } = makeObjective(model, weights);
      return { id: String(i + 1), name: String(i + 1), config: { ...config, objective } };
    }),
  );
  return labels.map(({ name }, i) => {
    const isAlone = labels.every((other, at) => at === i || other.name !== name);
    return isAlone || !labels[i]!.note ? name : `${name} (${labels[i]!.note})`;
  });
}

/** The settings with those of the optimiser that a model comes with, where the sweep has none. */
function withSuggested(base: TrainingConfig, { model }: Objective): TrainingConfig {
  const optimiser = base.optimiser ?? suggestedOptimiser(model);
  return optimiser ? { ...base, optimiser } : base;
}

/**
 * The trainings of a sweep, sorted by seed, so that a stopped sweep has results of all models.
 *
 * @throws UnravelError `bad-input` for weights that a model does not have, or a training that would be done twice
 */
export function trialsOf({ models, betas, seeds, name, config }: Sweep): Trial[] {
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const base: TrainingConfig = { ...defaultConfig({ model: 'vae' }), ...given };
  const titles = titlesOf(models, base);
  const trials = seeds.flatMap((seed) =>
    models.flatMap((one, m) =>
      objectivesOf(one, betas).map((objective): Trial => {
        const beta = objective.beta ?? null;
        const parts = [titles[m]!, ...(beta === null ? [] : [`β = ${beta}`]), `seed ${seed}`];
        return {
          model: titles[m]!,
          beta,
          seed,
          name: `${name === undefined ? '' : `${name}: `}${parts.join(', ')}`,
          config: v.parse(TrainingConfigSchema, { ...withSuggested(base, objective), objective, seed }),
        };
      }),
    ),
  );
  const twice = trials.find(
    (trial, i) => trials.findIndex((other) => isDeepStrictEqual(other.config, trial.config)) < i,
  );
  if (twice) {
    throw new UnravelError('bad-input', `The sweep would train ${twice.name} twice.`, {
      hint: 'Leave one of the two out.',
    });
  }
  return trials;
}
