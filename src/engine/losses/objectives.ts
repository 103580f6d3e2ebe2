import { UnravelError } from '../../contract/errors.ts';
import {
  brokenRule,
  defaultWeights,
  descriptorOf,
  modelKinds,
  objectiveTitle,
  weightEntries,
  weightsOf,
  type ModelKind,
  type Objective,
  type Sampling,
  type WeightName,
  type WeightNameOf,
} from '../../contract/run.ts';
import { capacityPenalty } from './capacity.ts';
import { decompositionPenalty } from './decomposition.ts';
import { dipPenalty } from './dip.ts';
import { factorPenalty, type DensityRatioEstimator } from './factor.ts';
import { klPenalty } from './kl.ts';
import { infoPenalty } from './mmd.ts';
import type { LatentPenalty } from './posterior.ts';
import { quantisationPenalty } from './quantisation.ts';

/** The settings of an objective beside its model. Those that are left out have their default. */
export type ObjectiveChoices = { readonly [name in WeightName]?: number | undefined } & {
  readonly sampling?: Sampling | undefined;
};

/** Networks that are trained with the model and needed to compute its loss. */
export interface Auxiliary {
  /** FactorVAE's discriminator of codes. */
  readonly densityRatio?: DensityRatioEstimator;
}

/**
 * Makes the terms that an objective adds to the reconstruction's term; undefined if there are none.
 *
 * @param weights - all of the objective's weights
 */
export type PenaltyMaker<W extends string = string> = (
  weights: Readonly<Record<W, number>>,
  options: { readonly sampling: Sampling | undefined; readonly auxiliary: Auxiliary },
) => LatentPenalty | undefined;

/** The penalty of each objective. Its descriptor is in `contract/objectives`. */
const PENALTIES: { readonly [M in ModelKind]: PenaltyMaker<WeightNameOf<M>> } = {
  ae: () => undefined,
  vae: () => klPenalty(1),
  'beta-vae': ({ beta, warmUp }) => klPenalty(beta, warmUp),
  'beta-tcvae': (weights, { sampling }) => decompositionPenalty(weights, sampling),
  'annealed-vae': capacityPenalty,
  'dip-vae-i': ({ lambda, lambdaDiagonal }) =>
    dipPenalty({ kind: 'I', offDiagonal: lambda, diagonal: lambdaDiagonal }),
  'dip-vae-ii': ({ lambda, lambdaDiagonal }) =>
    dipPenalty({ kind: 'II', offDiagonal: lambda, diagonal: lambdaDiagonal }),
  'info-vae': infoPenalty,
  'factor-vae': ({ gamma }, { auxiliary: { densityRatio } }) => {
    if (!densityRatio) throw new Error('FactorVAE needs its discriminator.');
    return factorPenalty(gamma, densityRatio);
  },
  'vae-gan': ({ beta }) => klPenalty(beta),
  qlae: quantisationPenalty,
};

const penalties = new Map<string, PenaltyMaker>(Object.entries(PENALTIES) as [string, PenaltyMaker][]);

/**
 * Adds the penalty of an objective that was added by `registerObjective` of the contract, in this process only.
 *
 * @returns a function that removes the penalty again
 */
export function registerPenalty<W extends string>(model: string, make: PenaltyMaker<W>): () => void {
  if (penalties.has(model)) throw new Error(`There is a penalty of ${model} already.`);
  penalties.set(model, make);
  return () => {
    penalties.delete(model);
  };
}

const refused = (message: string, hint: string): UnravelError =>
  new UnravelError('bad-input', message, { hint });

/** The titles of the models that satisfy a condition, for a hint. */
function titlesWhere(holds: (model: ModelKind) => boolean): string {
  return modelKinds().filter(holds).map(objectiveTitle).join(', ');
}

/** The error for a weight that the model does not have. */
function noSuchWeight(model: ModelKind, name: string): UnravelError {
  const has = Object.keys(defaultWeights(model));
  const others = titlesWhere((other) => name in defaultWeights(other));
  const hint = has.length
    ? `It has ${has.join(', ')}.`
    : `Leave the weight out${others ? `, or choose a model that has it: ${others}` : ''}.`;
  return refused(`${objectiveTitle(model)} has no weight ${name}.`, hint);
}

/**
 * Makes an objective with all weights: the given ones and the defaults of the others.
 *
 * @throws UnravelError `bad-input` for a weight that the model does not have or that is out of its range, or
 * weights that break a rule between them
 */
export function makeObjective(model: ModelKind, given: ObjectiveChoices): Objective {
  const { title, samplesAggregatePosterior } = descriptorOf(model);
  const { sampling, ...numbers } = given;
  const defaults = defaultWeights(model);
  const foreign = Object.entries(numbers).find(([name, value]) => value !== undefined && !(name in defaults));
  if (foreign) throw noSuchWeight(model, foreign[0]);
  if (sampling !== undefined && !samplesAggregatePosterior) {
    const others = titlesWhere((other) => descriptorOf(other).samplesAggregatePosterior);
    throw refused(
      `${title} does not sample the aggregate posterior.`,
      `Leave the sampling out, or choose a model that has it: ${others}.`,
    );
  }
  const weights = Object.fromEntries(
    weightEntries(model).map(([name, { kind, minimum, maximum, default: usual }]) => {
      const value = numbers[name] ?? usual;
      const isPossible =
        value >= minimum && value <= maximum && (kind !== 'count' || Number.isInteger(value));
      if (!isPossible) {
        throw refused(
          `${title}'s ${name} must be a ${kind === 'count' ? 'whole ' : ''}number from ${minimum} to ${maximum}, not ${value}.`,
          `Its default is ${usual}.`,
        );
      }
      return [name, value];
    }),
  );
  const objective: Objective = { model, ...weights, ...(sampling === undefined ? {} : { sampling }) };
  const broken = brokenRule(objective);
  if (broken) throw refused(`${title}'s ${broken.message}`, broken.hint);
  return objective;
}

/**
 * The penalty that the objective adds to the reconstruction's term; undefined for an AE.
 *
 * @param auxiliary - the networks that are trained with the model, if the objective needs them
 */
export function penaltyOf(objective: Objective, auxiliary: Auxiliary = {}): LatentPenalty | undefined {
  const { model, sampling } = objective;
  const make = penalties.get(model);
  if (!make) throw new Error(`The objective ${model} has no penalty.`);
  return make(weightsOf(objective), { sampling, auxiliary });
}
