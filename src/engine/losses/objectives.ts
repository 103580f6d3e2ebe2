import { UnravelError } from '../../contract/errors.ts';
import type { ModelKind, Objective } from '../../contract/run.ts';
import { decompositionPenalty } from './decomposition.ts';
import { klPenalty } from './kl.ts';
import type { LatentPenalty } from './posterior.ts';

type WeightName = 'alpha' | 'beta' | 'gamma';

/** An objective: which weights it has, with the paper's values, and what it adds to ‖x − x̂‖². */
interface ObjectiveDefinition {
  readonly title: string;
  /** Whether the model has a posterior; an AE has a code only. */
  readonly variational: boolean;
  readonly weights: Readonly<Partial<Record<WeightName, number>>>;
  penalty(weights: Readonly<Partial<Record<WeightName, number>>>): LatentPenalty | undefined;
}

/** The paper's four. A new objective is a file with its penalty and an entry here. */
const definitions: Record<ModelKind, ObjectiveDefinition> = {
  ae: { title: 'AE', variational: false, weights: {}, penalty: () => undefined },
  vae: { title: 'VAE', variational: true, weights: {}, penalty: () => klPenalty(1) },
  'beta-vae': {
    title: 'β-VAE',
    variational: true,
    weights: { beta: 5 },
    penalty: ({ beta = 5 }) => klPenalty(beta),
  },
  'beta-tcvae': {
    title: 'β-TCVAE',
    variational: true,
    weights: { alpha: 1, beta: 20, gamma: 1 },
    penalty: ({ alpha = 1, beta = 20, gamma = 1 }) => decompositionPenalty({ alpha, beta, gamma }),
  },
};

/** The model's name as people write it: `β-TCVAE`. */
export function objectiveTitle(model: ModelKind): string {
  return definitions[model].title;
}

/** Whether a model has a posterior (mu and logVar) rather than a code. */
export function isVariational(model: ModelKind): boolean {
  return definitions[model].variational;
}

/**
 * An objective with every weight filled in: the given ones, else the paper's.
 *
 * @throws UnravelError `bad-input` for a weight that the model does not have
 */
export function makeObjective(model: ModelKind, given: Partial<Record<WeightName, number>>): Objective {
  const { weights, title } = definitions[model];
  for (const name of Object.keys(given) as WeightName[]) {
    if (given[name] !== undefined && !(name in weights)) {
      const has = Object.keys(weights);
      throw new UnravelError('bad-input', `${title} has no weight ${name}.`, {
        hint: has.length ? `It has ${has.join(', ')}.` : 'Leave the weight out, or choose β-VAE or β-TCVAE.',
      });
    }
  }
  const chosen = Object.fromEntries(
    (Object.keys(weights) as WeightName[]).map((name) => [name, given[name] ?? weights[name]]),
  );
  return { model, ...chosen };
}

/** What the objective adds to the squared error, or undefined for an AE. */
export function penaltyOf(objective: Objective): LatentPenalty | undefined {
  return definitions[objective.model].penalty(objective as Partial<Record<WeightName, number>>);
}
