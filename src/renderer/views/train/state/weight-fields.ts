import {
  OBJECTIVE_WEIGHTS,
  ModelKindSchema,
  type ModelKind,
  type Objective,
  type WeightName,
} from '../../../../contract/run.ts';
import { PAPERS_MODELS } from './papers.ts';

/** A weight of one model, as the form calls it. */
export type WeightField = `${ModelKind}.${WeightName}`;

/** What a weight is to a person. */
interface Words {
  readonly letter: string;
  /** What it weighs. */
  readonly aside: string;
  /** What more of it does. */
  readonly help: string;
  readonly step?: number;
}

const weightOfKl = (help: string): Words => ({ letter: 'β', aside: 'weight of KL', help });
const weightOfTc = (letter: string, help: string): Words => ({ letter, aside: 'weight of TC', help });
const weightOfCovariances: Words = {
  letter: 'λ',
  aside: 'of covariances',
  help: '10 as published; keeps dimensions from going together',
};

const WORDS: { readonly [model in ModelKind]: Readonly<Partial<Record<WeightName, Words>>> } = {
  ae: {},
  vae: {},
  'beta-vae': {
    beta: weightOfKl('the paper’s 5; 1 is a VAE, more asks for simpler codes'),
    warmUp: {
      letter: 'Warm-up',
      aside: 'of β',
      help: 'part of the training over which β rises to its value; 0: there from the start',
      step: 0.1,
    },
  },
  'beta-tcvae': {
    beta: weightOfTc('β', 'the paper’s 20; more keeps dimensions from telling the same'),
    alpha: {
      letter: 'α',
      aside: 'weight of MI',
      help: 'the paper’s 1; how much a code may say of its image',
      step: 0.5,
    },
    gamma: {
      letter: 'γ',
      aside: 'weight of each KL',
      help: 'the paper’s 1; how near each dimension stays to the prior',
      step: 0.5,
    },
  },
  'annealed-vae': {
    gamma: {
      letter: 'γ',
      aside: 'of |KL − C|',
      help: '1,000 as published; how firmly KL is held at C',
      step: 100,
    },
    capacity: { letter: 'C', aside: 'in nats', help: '25 as published; what a code may say in the end' },
    warmUp: {
      letter: 'Warm-up',
      aside: 'of C',
      help: 'part of the training over which C rises from 0; a third as published',
      step: 0.1,
    },
  },
  'dip-vae-i': {
    lambda: weightOfCovariances,
    lambdaDiagonal: {
      letter: 'λ',
      aside: 'of variances',
      help: '100 as published; draws each dimension’s variance to 1',
      step: 10,
    },
  },
  'dip-vae-ii': {
    lambda: weightOfCovariances,
    lambdaDiagonal: {
      letter: 'λ',
      aside: 'of variances',
      help: '10 as published; draws each dimension’s variance to 1',
    },
  },
  'info-vae': {
    alpha: { letter: 'α', aside: 'KL taken away', help: '0 keeps all of KL, 1 leaves MMD alone', step: 0.1 },
    lambda: {
      letter: 'λ',
      aside: 'weight of MMD',
      help: '1,000 here; draws the codes as a whole to the prior',
      step: 100,
    },
  },
  'factor-vae': {
    gamma: weightOfTc('γ', '6.4 as published for CelebA; TC as a discriminator of codes tells it'),
  },
  'vae-gan': {
    alpha: {
      letter: 'α',
      aside: 'of pixels',
      help: '10 here, 0 in the original; features alone let noise pass',
    },
    beta: weightOfKl('25 here; more asks for simpler codes'),
    lambda: {
      letter: 'λ',
      aside: 'weight of GAN',
      help: '30 here; a discriminator’s verdict: more is sharper, and noisier',
      step: 5,
    },
  },
};

/** A weight's field: whose it is, how it is called and what may stand in it. */
export interface WeightRule extends Words {
  readonly field: WeightField;
  readonly model: ModelKind;
  readonly weight: WeightName;
  readonly usual: number;
  readonly refuse: (value: number) => string | undefined;
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

/** Why a weight cannot be used; the same limits as the engine's. */
function refusal(
  model: ModelKind,
  weight: WeightName,
  { letter }: Words,
  usual: number,
): WeightRule['refuse'] {
  const given = PAPERS_MODELS.includes(model) && weight !== 'warmUp' ? 'The paper uses' : 'Usual is';
  const usually = `${given} ${number.format(usual)}.`;
  const isPart = weight === 'warmUp' || (model === 'info-vae' && weight === 'alpha');
  return (value) => {
    if (value < 0) return `${letter} cannot be negative. ${usually}`;
    if (isPart && value > 1) return `${letter} is a part: at most 1. ${usually}`;
    // Together with α it must not make less than 1, or a distance from the prior would be rewarded.
    if (model === 'info-vae' && weight === 'lambda' && value < 1) return `At least 1. ${usually}`;
    return undefined;
  };
}

function rulesOf(model: ModelKind): WeightRule[] {
  const weights = OBJECTIVE_WEIGHTS[model];
  return (Object.entries(WORDS[model]) as [WeightName, Words][]).map(([weight, words]) => {
    const usual = weights[weight]!;
    return {
      ...words,
      field: `${model}.${weight}`,
      model,
      weight,
      usual,
      refuse: refusal(model, weight, words, usual),
    };
  });
}

/** Every weight of every model, in the order of the form. */
export const WEIGHT_RULES: readonly WeightRule[] = ModelKindSchema.options.flatMap(rulesOf);

/** The weights of one model, in the order of the form. */
export function weightRules(model: ModelKind): readonly WeightRule[] {
  return WEIGHT_RULES.filter((rule) => rule.model === model);
}

/** A model's objective with what stands in the fields; a weight that is not known is left out. */
export function objectiveOf(
  model: ModelKind,
  valueOf: (field: WeightField) => number | undefined,
): Objective {
  const weights = weightRules(model).flatMap(({ field, weight }) => {
    const value = valueOf(field);
    return value === undefined ? [] : [[weight, value] as const];
  });
  return { model, ...Object.fromEntries(weights) };
}
