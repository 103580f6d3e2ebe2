import { UnravelError } from '../../contract/errors.ts';
import {
  MODEL_TITLES,
  OBJECTIVE_WEIGHTS,
  type ModelKind,
  type Objective,
  type WeightName,
} from '../../contract/run.ts';
import { capacityPenalty } from './capacity.ts';
import { decompositionPenalty } from './decomposition.ts';
import { dipPenalty } from './dip.ts';
import { factorPenalty, type CodeCritic } from './factor.ts';
import { klPenalty } from './kl.ts';
import { infoPenalty } from './mmd.ts';
import type { LatentPenalty } from './posterior.ts';

/** What can be said of an objective beside its model; what is left out is as published. */
export type ObjectiveChoices = { readonly [name in WeightName]?: number | undefined } & {
  readonly sampling?: Objective['sampling'] | undefined;
};

/** All weights, those that an objective lacks as undefined. */
type Weights = Readonly<Record<WeightName, number>>;

/** What learns along with a model and is needed to tell its loss. */
export interface Company {
  readonly critic?: CodeCritic;
}

/** An objective: what it adds to the reconstruction's term, by its weights (`OBJECTIVE_WEIGHTS`). */
interface ObjectiveDefinition {
  /** Whether the model has a posterior; an AE has a code only. */
  readonly variational: boolean;
  /** Whether it chooses how a batch stands for all images. */
  readonly hasSampling?: boolean;
  /** Whether a discriminator learns along, and of what. */
  readonly discriminator?: 'codes' | 'images';
  /** What is wrong with weights that are each in their range, in words. */
  readonly refuse?: (weights: Weights) => { readonly message: string; readonly hint: string } | undefined;
  penalty(weights: Weights, objective: Objective, company: Company): LatentPenalty | undefined;
}

/** A new objective is a file with its penalty, an entry here and its weights in the contract. */
const definitions: Record<ModelKind, ObjectiveDefinition> = {
  ae: { variational: false, penalty: () => undefined },
  vae: { variational: true, penalty: () => klPenalty(1) },
  'beta-vae': {
    variational: true,
    penalty: ({ beta, warmUp }) => klPenalty(beta, warmUp),
  },
  'beta-tcvae': {
    variational: true,
    hasSampling: true,
    penalty: (weights, { sampling }) => decompositionPenalty(weights, sampling),
  },
  'annealed-vae': {
    variational: true,
    penalty: capacityPenalty,
  },
  'dip-vae-i': {
    variational: true,
    penalty: ({ lambda, lambdaDiagonal }) =>
      dipPenalty({ kind: 'I', offDiagonal: lambda, diagonal: lambdaDiagonal }),
  },
  'dip-vae-ii': {
    variational: true,
    penalty: ({ lambda, lambdaDiagonal }) =>
      dipPenalty({ kind: 'II', offDiagonal: lambda, diagonal: lambdaDiagonal }),
  },
  'info-vae': {
    variational: true,
    refuse: ({ alpha, lambda }) => {
      if (alpha > 1) {
        return {
          message: `InfoVAE's alpha must be at most 1, not ${alpha}.`,
          hint: 'It is the part of KL that is taken away: above 1 a larger KL would be rewarded.',
        };
      }
      if (alpha + lambda >= 1) return undefined;
      return {
        message: `InfoVAE's alpha and lambda must make 1 or more together, not ${alpha + lambda}.`,
        hint: 'MMD weighs alpha + lambda − 1: below 0 a distance from the prior would be rewarded.',
      };
    },
    penalty: infoPenalty,
  },
  'factor-vae': {
    variational: true,
    discriminator: 'codes',
    penalty: ({ gamma }, _objective, { critic }) => {
      if (!critic) throw new Error('FactorVAE needs its discriminator.');
      return factorPenalty(gamma, critic);
    },
  },
  'vae-gan': {
    variational: true,
    discriminator: 'images',
    penalty: ({ beta }) => klPenalty(beta),
  },
};

/** The model's name as people write it: `β-TCVAE`. */
export function objectiveTitle(model: ModelKind): string {
  return MODEL_TITLES[model];
}

/** Whether a model has a posterior (mu and logVar) rather than a code. */
export function isVariational(model: ModelKind): boolean {
  return definitions[model].variational;
}

/** Of what a discriminator learns along with a model, where one does. */
export function discriminatorOf(model: ModelKind): 'codes' | 'images' | undefined {
  return definitions[model].discriminator;
}

/** An objective's weights, all those that it has. */
function weightsOf(objective: Objective): Weights {
  return { ...OBJECTIVE_WEIGHTS[objective.model], ...objective } as unknown as Weights;
}

const refused = (message: string, hint: string): UnravelError =>
  new UnravelError('bad-input', message, { hint });

/**
 * An objective with every weight filled in: the given ones, else as published.
 *
 * @throws UnravelError `bad-input` for a weight that the model does not have, or weights that do not go together
 */
export function makeObjective(model: ModelKind, given: ObjectiveChoices): Objective {
  const { hasSampling, refuse } = definitions[model];
  const weights = OBJECTIVE_WEIGHTS[model];
  const title = MODEL_TITLES[model];
  const { sampling, ...numbers } = given;
  const chosen: Partial<Record<WeightName, number>> = { ...weights };
  for (const [name, value] of Object.entries(numbers) as [WeightName, number | undefined][]) {
    if (value === undefined) continue;
    if (!(name in weights)) {
      const has = Object.keys(weights);
      const hint = has.length
        ? `It has ${has.join(', ')}.`
        : 'Leave the weight out, or choose β-VAE or β-TCVAE.';
      throw refused(`${title} has no weight ${name}.`, hint);
    }
    chosen[name] = value;
  }
  if (sampling !== undefined && !hasSampling) {
    throw refused(
      `${title} does not sample the aggregate posterior.`,
      'Leave the sampling out: β-TCVAE has it.',
    );
  }
  const objective: Objective = { model, ...chosen, ...(sampling === undefined ? {} : { sampling }) };
  const refusal = refuse?.(weightsOf(objective));
  if (refusal) throw refused(refusal.message, refusal.hint);
  return objective;
}

/**
 * What the objective adds to the reconstruction's term, or undefined for an AE.
 *
 * @param company - what learns along, where the model has any
 */
export function penaltyOf(objective: Objective, company: Company = {}): LatentPenalty | undefined {
  return definitions[objective.model].penalty(weightsOf(objective), objective, company);
}
