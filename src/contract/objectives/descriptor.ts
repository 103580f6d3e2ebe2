import type { DecoderKind } from '../decoder.ts';

/** The largest weight of a term: a larger one would leave nothing of the other terms in 32 bits. */
export const MOST_WEIGHT = 1e12;

/** A piece of a formula as it is set: upright words and numbers, italic variables, superscripts and subscripts. */
export interface FormulaPart {
  readonly text: string;
  readonly style?: 'variable' | 'above' | 'below';
}

/** A piece of a term's notation: text, or the value of one of the objective's weights. */
export type NotationPart<W extends string = string> = FormulaPart | { readonly weight: W };

/** What a term is multiplied by: one weight, or a constant plus some weights minus others. */
export type Coefficient<W extends string = string> =
  W | { readonly constant: number; readonly plus?: readonly W[]; readonly minus?: readonly W[] };

/** One summand of an objective. */
export interface FormulaTerm<W extends string = string> {
  /** The name under which the training reports the term's value, unweighted. */
  readonly name: string;
  /** Left out, it is 1. */
  readonly coefficient?: Coefficient<W>;
  readonly notation: readonly NotationPart<W>[];
}

/** Who chose a default: the paper that Unravel implements, the objective's own authors, or Unravel. */
export type DefaultOrigin = 'paper' | 'published' | 'unravel';

/** A number that an objective has: mostly the weight of a term. */
export interface WeightDescriptor {
  /** How formulas write it: `β`. */
  readonly symbol: string;
  /** Tells two weights with the same symbol apart: `od` for λ_od. */
  readonly subscript?: string;
  /** `weight`: a factor; `nats`: an amount of information; `part`: a part of the training, from 0 to 1. */
  readonly kind: 'weight' | 'nats' | 'part';
  /** What it is in two or three words, to stand beside the symbol: `weight of KL`. */
  readonly aside: string;
  /** What it is, in full: `weight of the total correlation`. */
  readonly meaning: string;
  /** What the value changes in the model, in a short clause. */
  readonly effect: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  /** Where the default comes from: whose it is, and the publication or the reason. */
  readonly source: { readonly origin: DefaultOrigin; readonly reference: string };
  /** How the default is written in a sentence, where its digits are not readable: `a third`. */
  readonly defaultText?: string;
  /** What a press of an arrow key adds to it; 1 if left out. */
  readonly step?: number;
  /** Whether a model's label names it: always, only when it differs from its default, or never. */
  readonly inLabel: 'always' | 'changed' | 'never';
}

/** A condition that several weights must meet together, or that holds beyond a weight's own range. */
export interface WeightRule<W extends string = string> {
  /** The weights that it relates. A form shows the refusal beside the last of them. */
  readonly weights: readonly W[];
  isMet(values: Readonly<Record<W, number>>): boolean;
  /**
   * Says what is wrong. The message begins with a weight's name, so that "InfoVAE's" may stand before it.
   *
   * @param called - what the reader calls a weight: its symbol, or its name
   */
  explain(
    values: Readonly<Record<W, number>>,
    called: (weight: W) => string,
  ): { readonly message: string; readonly hint: string };
}

/**
 * Everything that is known of an objective outside its loss: schema, types, form, formula, options of the command line
 * and labels derive from it. The loss itself is its penalty in `engine/losses`.
 */
export interface ObjectiveDescriptor<M extends string = string, W extends string = string> {
  /** Its name in configs and on the command line. */
  readonly model: M;
  /** Its name as people write it: `β-VAE`. */
  readonly title: string;
  /** What sets it apart, in a short clause. */
  readonly summary: string;
  /** The publication that defines it. */
  readonly source: string;
  /** Whether the paper that Unravel implements compares it; the others are further models. */
  readonly isPapers: boolean;
  /** Whether the encoder gives a posterior (mu and logVar) rather than a code. */
  readonly isVariational: boolean;
  /** What a discriminator that is trained beside the model tells apart. */
  readonly discriminator: 'none' | 'codes' | 'images';
  /** The decoder distributions that it may have, and why it has no others. None: there is nothing to choose. */
  readonly decoders: { readonly allowed: readonly DecoderKind[]; readonly reason?: string };
  /** Whether it estimates the aggregate posterior from a batch, so that the kind of sampling can be chosen. */
  readonly samplesAggregatePosterior: boolean;
  /** In the order of forms and labels. The names are also the options of the command line, in kebab-case. */
  readonly weights: Readonly<Record<W, WeightDescriptor>>;
  /** What it minimises. */
  readonly formula: readonly FormulaTerm<NoInfer<W>>[];
  /** The reported terms whose sum is KL(q(z|x) ‖ p(z)); none for a model without a posterior. */
  readonly klTerms: readonly string[];
  readonly rules?: readonly WeightRule<NoInfer<W>>[];
  /** What tells it from other models in a label, where it has no weights that do. */
  readonly plainLabel?: string;
}

/** Checks a descriptor's types and keeps its names for the types that derive from it. */
export function defineObjective<const M extends string, W extends string = never>(
  descriptor: ObjectiveDescriptor<M, W>,
): ObjectiveDescriptor<M, W> {
  return descriptor;
}
