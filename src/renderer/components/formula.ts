import type { Objective } from '../../contract/run.ts';

/** A piece of a formula as it is set: upright words and numbers, italic variables, and what stands above or below. */
export interface FormulaPart {
  readonly text: string;
  readonly style?: 'variable' | 'above' | 'below';
}

/** An objective whose weights may be missing: while one is mistyped its letter stands for it. */
export type FormulaObjective = Pick<Objective, 'model'> & {
  readonly [weight in Exclude<keyof Objective, 'model' | 'warmUp' | 'sampling'>]?: number | undefined;
};

const upright = (text: string): FormulaPart => ({ text });
const variable = (text: string): FormulaPart => ({ text, style: 'variable' });
const x = variable('x');
const z = variable('z');
const indexed: readonly FormulaPart[] = [z, { text: 'j', style: 'below' }];

/** ‖x − g(code)‖². */
function squaredError(code: readonly FormulaPart[]): FormulaPart[] {
  return [
    upright('‖'),
    x,
    upright(' − '),
    variable('g'),
    upright('('),
    ...code,
    upright(')‖'),
    { text: '2', style: 'above' },
  ];
}

/** ‖D(x) − D(g(z))‖², D a discriminator's features. */
const featureError: readonly FormulaPart[] = [
  upright('‖'),
  variable('D'),
  upright('('),
  x,
  upright(') − '),
  variable('D'),
  upright('('),
  variable('g'),
  upright('('),
  z,
  upright('))‖'),
  { text: '2', style: 'above' },
];

/** KL( q(z|x) ‖ p(z) ). */
const kl: readonly FormulaPart[] = [
  upright('KL( '),
  variable('q'),
  upright('('),
  z,
  upright('|'),
  x,
  upright(') ‖ '),
  variable('p'),
  upright('('),
  z,
  upright(') )'),
];

/** Σⱼ KL( q(zⱼ) ‖ p(zⱼ) ). */
const dimensionwiseKl: readonly FormulaPart[] = [
  upright('Σ'),
  { text: 'j', style: 'below' },
  upright(' KL( '),
  variable('q'),
  upright('('),
  ...indexed,
  upright(') ‖ '),
  variable('p'),
  upright('('),
  ...indexed,
  upright(') )'),
];

/** With no more digits than anybody sets: a third is 0.3333. */
export function weightText(weight: number): string {
  return String(Number(weight.toPrecision(4))).replace('-', '−');
}

/** `+ 20·TC`; a weight of one is not written, and a term of weight zero is not there. */
function weighted(letter: string, weight: number | undefined, term: readonly FormulaPart[]): FormulaPart[] {
  if (weight === 0) return [];
  const plus = upright(' + ');
  if (weight === 1) return [plus, ...term];
  return [plus, value(letter, weight), upright('·'), ...term];
}

/** A number, or its letter while it is not known. */
function value(letter: string, number: number | undefined): FormulaPart {
  return number === undefined ? variable(letter) : upright(weightText(number));
}

/** Σ(i≠j) Cov²: what DIP-VAE holds down, and Σ (Var − 1)², its other half. */
const covariances: readonly FormulaPart[] = [
  upright('Σ'),
  { text: 'i≠j', style: 'below' },
  upright(' Cov'),
  { text: '2', style: 'above' },
];
const variances: readonly FormulaPart[] = [
  upright('Σ'),
  { text: 'j', style: 'below' },
  upright(' (Var − 1)'),
  { text: '2', style: 'above' },
];

/** What a model minimises, with its weights as numbers. */
export function formulaOf(objective: FormulaObjective): readonly FormulaPart[] {
  const { model, alpha, beta, gamma, lambda, lambdaDiagonal, capacity } = objective;
  switch (model) {
    case 'ae':
      return squaredError([variable('f'), upright('('), x, upright(')')]);
    case 'vae':
      return [...squaredError([z]), ...weighted('β', 1, kl)];
    case 'beta-vae':
      return [...squaredError([z]), ...weighted('β', beta, kl)];
    case 'beta-tcvae':
      return [
        ...squaredError([z]),
        ...weighted('α', alpha, [upright('MI')]),
        ...weighted('β', beta, [upright('TC')]),
        ...weighted('γ', gamma, dimensionwiseKl),
      ];
    case 'annealed-vae': {
      const distance = [upright('|'), ...kl, upright(' − '), value('C', capacity), upright('|')];
      return [...squaredError([z]), ...weighted('γ', gamma, distance)];
    }
    case 'dip-vae-i':
    case 'dip-vae-ii':
      return [
        ...squaredError([z]),
        ...weighted('β', 1, kl),
        ...weighted('λ', lambda, covariances),
        ...weighted('λ', lambdaDiagonal, variances),
      ];
    case 'info-vae': {
      const ofKl = alpha === undefined ? undefined : 1 - alpha;
      const ofMmd = alpha === undefined || lambda === undefined ? undefined : alpha + lambda - 1;
      return [...squaredError([z]), ...weighted('α', ofKl, kl), ...weighted('λ', ofMmd, [upright('MMD')])];
    }
    case 'vae-gan':
      return [
        ...featureError,
        ...weighted('α', alpha, squaredError([z])),
        ...weighted('β', beta, kl),
        ...weighted('λ', lambda, [upright('GAN')]),
      ];
    case 'factor-vae':
      return [...squaredError([z]), ...weighted('β', 1, kl), ...weighted('γ', gamma, [upright('TC')])];
  }
}

const ABOVE: Readonly<Record<string, string>> = { '2': '²' };
const BELOW: Readonly<Record<string, string>> = { j: 'ⱼ', 'i≠j': 'ᵢ≠ⱼ' };

/** The formula in one line of letters, for screen readers and plain text. */
export function formulaText(objective: FormulaObjective): string {
  return formulaOf(objective)
    .map(({ text, style }) => (style === 'above' ? ABOVE[text] : style === 'below' ? BELOW[text] : text))
    .join('');
}
