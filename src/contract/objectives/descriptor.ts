import type { DecoderKind } from '../decoder.ts';
import type { Optimiser } from '../optimiser.ts';

/** The largest weight of a term. With a larger one, the other terms would be lost in float32 rounding. */
export const MOST_WEIGHT = 1e12;

/** A part of a formula: upright words and numbers, italic variables, superscripts and subscripts. */
export interface FormulaPart {
  readonly text: string;
  readonly style?: 'variable' | 'above' | 'below';
}

/** A part of a term's notation: text, or the value of one of the objective's weights. */
export type NotationPart<W extends string = string> =
  FormulaPart | { readonly weight: W; readonly style?: 'below' };

/** The coefficient of a term: one weight, or a constant plus some weights minus others. */
export type Coefficient<W extends string = string> =
  W | { readonly constant: number; readonly plus?: readonly W[]; readonly minus?: readonly W[] };

/** One summand of an objective. */
export interface FormulaTerm<W extends string = string> {
  /** The name under which the training reports the term's value, unweighted. */
  readonly name: string;
  /** 1 if left out. */
  readonly coefficient?: Coefficient<W>;
  readonly notation: readonly NotationPart<W>[];
}

/** Who chose a default: the paper that Unravel implements, the objective's own authors, or Unravel. */
export type DefaultOrigin = 'paper' | 'published' | 'unravel';

/** How a weight is changed if a model has collapsed, so that its codes tell more. */
export interface CollapseRemedy {
  /** A better value; undefined for a value that is not to blame. */
  better(value: number): number | undefined;
  /** @param symbols - the weights that are changed: `β and γ` */
  reason(symbols: string): string;
}

/** A value that was published for certain images. */
export interface WeightSuggestion {
  /** `36`, `10 to 100`. */
  readonly value: string;
  /** The images, as a name: `dSprites`. */
  readonly data: string;
  readonly source: string;
}

/** A parameter of an objective, in most cases the weight of a term. */
export interface WeightDescriptor {
  /** Its symbol in formulas: `β`. */
  readonly symbol: string;
  /** Distinguishes two weights with the same symbol: `od` for λ_od. */
  readonly subscript?: string;
  /**
   * `weight`: a factor; `nats`: an amount of information; `part`: a part of the training, from 0 to 1; `count`: a whole
   * number.
   */
  readonly kind: 'weight' | 'nats' | 'part' | 'count';
  /** Its meaning in two or three words, shown beside the symbol: `weight of KL`. */
  readonly aside: string;
  /** Its full meaning: `weight of the total correlation`. */
  readonly meaning: string;
  /** The effect of the value on the model, in a short clause. */
  readonly effect: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  /** Where the default comes from: its author, and the publication or the reason. */
  readonly source: { readonly origin: DefaultOrigin; readonly reference: string };
  /** Values for certain images, for a weight that depends on them much. */
  readonly suggestions?: readonly WeightSuggestion[];
  /** How the default is written in a sentence, if its digits are hard to read: `a third`. */
  readonly defaultText?: string;
  /** The increment of an arrow key; 1 if left out. */
  readonly step?: number;
  /** Left out for a weight that a collapse does not depend on. */
  readonly ifCollapsed?: CollapseRemedy;
  /** Whether a model's label names it: always, only when it differs from its default, or never. */
  readonly inLabel: 'always' | 'changed' | 'never';
}

/** A condition on several weights together, or on one weight beyond its range. */
export interface WeightRule<W extends string = string> {
  /** The weights that it relates. A form shows the message beside the last of them. */
  readonly weights: readonly W[];
  isMet(values: Readonly<Record<W, number>>): boolean;
  /**
   * Explains what is wrong. The message begins with a weight's name, so that it can follow "InfoVAE's".
   *
   * @param called - what the reader calls a weight: its symbol, or its name
   */
  explain(
    values: Readonly<Record<W, number>>,
    called: (weight: W) => string,
  ): { readonly message: string; readonly hint: string };
}

/**
 * The description of an objective. Schema, types, form, formula, the command line's options and labels derive
 * from it. The loss itself is its penalty in `engine/losses`.
 */
export interface ObjectiveDescriptor<M extends string = string, W extends string = string> {
  /** Its name in configs and on the command line. */
  readonly model: M;
  /** Its name for display: `β-VAE`. */
  readonly title: string;
  /** What distinguishes it from other objectives, in a short clause. */
  readonly summary: string;
  /** The publication that defines it. */
  readonly source: string;
  /** Whether the paper that Unravel implements compares it; the others are further models. */
  readonly isPapers: boolean;
  /** Whether the encoder gives a posterior (mu and logVar) and not only a code. */
  readonly isVariational: boolean;
  /** Whether each dimension of a code has one of a few learned values; their number is the weight `values`. */
  readonly isQuantised?: boolean;
  /** The inputs of the discriminator that is trained with the model, if there is one. */
  readonly discriminator: 'none' | 'codes' | 'images';
  /**
   * The decoder distributions that it may have, and the reason why others are not allowed. An empty list means
   * that the decoder cannot be chosen.
   */
  readonly decoders: { readonly allowed: readonly DecoderKind[]; readonly reason?: string };
  /** Whether it estimates the aggregate posterior from a batch, so that the kind of sampling can be chosen. */
  readonly samplesAggregatePosterior: boolean;
  /** Settings of the optimiser that belong to the objective: they hold where a person has chosen no others. */
  readonly optimiser?: { readonly settings: Optimiser; readonly reference: string };
  /** In the order of forms and labels. The names are also the options of the command line, in kebab-case. */
  readonly weights: Readonly<Record<W, WeightDescriptor>>;
  /** What it minimises. */
  readonly formula: readonly FormulaTerm<NoInfer<W>>[];
  /** The reported terms whose sum is KL(q(z|x) ‖ p(z)); none for a model without a posterior. */
  readonly klTerms: readonly string[];
  readonly rules?: readonly WeightRule<NoInfer<W>>[];
  /** Its label text if no weight is shown in its label. */
  readonly plainLabel?: string;
}

/** `6.4 for CelebA (Kim & Mnih 2018)`: what was published of a weight for certain images; empty for no suggestions. */
export function suggestionWords({ suggestions = [] }: WeightDescriptor): string {
  return suggestions.map(({ value, data, source }) => `${value} for ${data} (${source})`).join(', ');
}

/** Checks a descriptor's types and keeps the literal types of its names. */
export function defineObjective<const M extends string, W extends string = never>(
  descriptor: ObjectiveDescriptor<M, W>,
): ObjectiveDescriptor<M, W> {
  return descriptor;
}
