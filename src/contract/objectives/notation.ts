import { DecoderKindSchema } from '../decoder.ts';
import {
  MOST_WEIGHT,
  type CollapseRemedy,
  type FormulaPart,
  type ObjectiveDescriptor,
} from './descriptor.ts';

/** Upright text of a formula. */
export const upright = (text: string): FormulaPart => ({ text });
/** A variable, set in italics. */
export const variable = (text: string): FormulaPart => ({ text, style: 'variable' });
/** A superscript. */
export const above = (text: string): FormulaPart => ({ text, style: 'above' });
/** A subscript. */
export const below = (text: string): FormulaPart => ({ text, style: 'below' });

const x = variable('x');
const z = variable('z');
const indexed: readonly FormulaPart[] = [z, below('j')];

/** ‖x − g(code)‖². */
function squaredErrorOf(code: readonly FormulaPart[]): FormulaPart[] {
  return [upright('‖'), x, upright(' − '), variable('g'), upright('('), ...code, upright(')‖'), above('2')];
}

/** ‖x − g(z)‖², the squared error of a code that was sampled. */
export const squaredError: readonly FormulaPart[] = squaredErrorOf([z]);

/** ‖x − g(f(x))‖², the squared error of a code that the encoder gives. */
export const autoencoderError: readonly FormulaPart[] = squaredErrorOf([
  variable('f'),
  upright('('),
  x,
  upright(')'),
]);

/** ‖D(x) − D(g(z))‖², where D is a discriminator's features. */
export const featureError: readonly FormulaPart[] = [
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
  above('2'),
];

/** KL( q(z|x) ‖ p(z) ). */
export const kl: readonly FormulaPart[] = [
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
export const dimensionwiseKl: readonly FormulaPart[] = [
  upright('Σ'),
  below('j'),
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

/** The first term of most objectives. */
export const reconstruction = { name: 'reconstruction', notation: squaredError } as const;

/** Every distribution of the decoder. */
export const anyDecoder: ObjectiveDescriptor['decoders'] = { allowed: DecoderKindSchema.options };

/** The range of a term's weight. */
export const anyWeight = { kind: 'weight', minimum: 0, maximum: MOST_WEIGHT } as const;

/** The weight of KL or of a part of it, which is 1 in a VAE. */
export const weightOfKl = {
  ...anyWeight,
  ifCollapsed: {
    better: (value) => (value > 1 ? 1 : undefined),
    reason: (symbols) => `Lower ${symbols}: KL then costs no more than in a VAE.`,
  } satisfies CollapseRemedy,
} as const;

/** The range of a part of the training. */
export const partOfTraining = { kind: 'part', minimum: 0, maximum: 1, step: 0.1 } as const;
