import * as v from 'valibot';
import { withOwnDeviation } from '../../contract/deviation.ts';
import { UnravelError } from '../../contract/errors.ts';
import {
  suggestedOptimiser,
  TrainingConfigSchema,
  type Objective,
  type TrainingConfig,
} from '../../contract/run.ts';
import { modelLabels } from '../figures/model-labels.ts';
import { makeDecoder } from '../losses/decoders.ts';
import { makeObjective } from '../losses/objectives.ts';
import { defaultConfig } from '../training/config.ts';
import { axisTitle, gridOf, withValues, type AxisPlace, type GridPoint } from './sweep-axes.ts';
import type { Sweep } from './sweep-file.ts';

/** Maximum number of trainings of a sweep: more than a machine does in weeks. */
export const MOST_TRIALS = 1000;

/** One training of a sweep. */
export interface Trial {
  /** The model and what distinguishes it from others: one line of the plots. */
  readonly model: string;
  /** Where it lies on each axis of the sweep, in the order of its file; empty without axes. */
  readonly axes: AxisPlace;
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

/** What sets a point of the grid apart: `latent dimensions = 8`. */
export function placeWords(axes: AxisPlace): string[] {
  return Object.entries(axes).map(([field, value]) => `${axisTitle(field)} = ${value}`);
}

/** @throws UnravelError `bad-input` that says how many trainings there would be, where they are too many */
function checkCount(models: readonly (readonly Objective[])[], { axes, seeds }: Sweep): void {
  const points = Object.values(axes).reduce((product, values) => product * values.length, 1);
  const count = models.flat().length * points * seeds.length;
  if (count <= MOST_TRIALS) return;
  const [many, most] = [count, MOST_TRIALS].map((number) => number.toLocaleString('en'));
  throw new UnravelError('bad-input', `The sweep would train ${many!} models, and may train ${most!}.`, {
    hint: 'Every value of an axis is trained with every value of the others: leave some out.',
  });
}

/** The config of a trial, or why it is none. */
function configOf(
  name: string,
  base: TrainingConfig,
  { objective, point, seed }: { objective: Objective; point: GridPoint; seed: number },
): TrainingConfig {
  const own = withValues(base, point.values) as TrainingConfig;
  const isDecoderAxis = point.values.some(([field]) => field.split('.')[0] === 'decoder');
  // As `train` has it: the paper's decoder is left out, and a variance alone is that of a Gaussian.
  const { decoder: given, ...rest } = own;
  const decoder = isDecoderAxis && given ? makeDecoder(objective.model, given) : given;
  const parsed = v.safeParse(TrainingConfigSchema, {
    ...{ ...rest, objective, seed },
    ...(decoder ? { decoder } : {}),
  });
  if (parsed.success) return withOwnDeviation(parsed.output);
  const [issue] = parsed.issues;
  throw new UnravelError(
    'bad-input',
    `Could not plan ${name}: “${v.getDotPath(issue) ?? 'config'}”: ${issue.message}.`,
    {
      hint: 'Change the values of “axes” or “config”.',
    },
  );
}

/**
 * The trainings of a sweep, sorted by seed, so that a stopped sweep has results of all models.
 *
 * @throws UnravelError `bad-input` for weights or a decoder that a model does not have, a training that would be done
 * twice, or too many trainings
 */
export function trialsOf(sweep: Sweep): Trial[] {
  const { models, betas, axes, seeds, name: title, config } = sweep;
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const base: TrainingConfig = { ...defaultConfig({ model: 'vae' }), ...given };
  const objectives = models.map((model) => objectivesOf(model, betas));
  checkCount(objectives, sweep);
  const titles = titlesOf(models, base);
  const grid = gridOf(axes);
  const trials = seeds.flatMap((seed) =>
    objectives.flatMap((own, m) =>
      grid.flatMap((point) =>
        own.map((objective): Trial => {
          const beta = objective.beta ?? null;
          const parts = [
            ...[titles[m]!, ...placeWords(point.place)],
            ...[...(beta === null ? [] : [`β = ${beta}`]), `seed ${seed}`],
          ];
          const name = `${title === undefined ? '' : `${title}: `}${parts.join(', ')}`;
          return {
            ...{ model: titles[m]!, axes: point.place, beta, seed, name },
            config: configOf(name, withSuggested(base, objective), { objective, point, seed }),
          };
        }),
      ),
    ),
  );
  const configs = trials.map((trial) => JSON.stringify(trial.config));
  const twice = trials.find((_, i) => configs.indexOf(configs[i]!) < i);
  if (twice) {
    throw new UnravelError('bad-input', `The sweep would train ${twice.name} twice.`, {
      hint: 'Leave one of the two out.',
    });
  }
  return trials;
}
