import * as v from 'valibot';
import type { ObjectiveDescriptor, WeightDescriptor } from './objectives/descriptor.ts';
import { symbolText } from './objectives/formula.ts';
import type { Optimiser } from './optimiser.ts';
import {
  descriptorOf,
  modelKinds,
  objectiveDescriptors,
  registryVersion,
  weightEntries,
  type ModelKind,
  type WeightName,
} from './objectives/registry.ts';

export { descriptorOf, modelKinds, weightEntries, weightNames } from './objectives/registry.ts';
export type { ModelKind, WeightName, WeightNameOf } from './objectives/registry.ts';

/** How log q(z) over all images is estimated from a batch: see `engine/losses/minibatch.ts`. */
export const SamplingSchema = v.picklist(['weighted', 'stratified']);
export type Sampling = v.InferOutput<typeof SamplingSchema>;

/** A model and the weights of its terms. A weight that is left out has its default value. */
export type Objective = { readonly model: ModelKind } & {
  readonly [weight in WeightName]?: number;
} & {
  /** How it samples the aggregate posterior; `weighted` if left out. */
  readonly sampling?: Sampling;
};

/** Caches a schema of all objectives, and builds it again only after an objective was added or removed. */
function ofRegistry<T>(build: () => T): () => T {
  let built: { readonly version: number; readonly schema: T } | undefined;
  return () => {
    const version = registryVersion();
    if (built?.version !== version) built = { version, schema: build() };
    return built.schema;
  };
}

/** The name of an objective. */
export const ModelKindSchema: v.GenericSchema<unknown, ModelKind> = v.lazy(
  ofRegistry(() => v.picklist(modelKinds())),
);

/** Any number in a weight's range, a whole one where it counts something. */
function rangeSchema({ kind, minimum, maximum }: WeightDescriptor): v.GenericSchema<number> {
  const range = [v.minValue<number, number>(minimum), v.maxValue<number, number>(maximum)] as const;
  if (kind === 'count') return v.pipe(v.number(), v.safeInteger(), ...range);
  return v.pipe(v.number(), v.finite(), ...range);
}

/** One model, with its weights as options. */
function variantOf({ model, weights, samplesAggregatePosterior }: ObjectiveDescriptor) {
  const ranges: Record<string, v.GenericSchema> = Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, v.optional(rangeSchema(weight))]),
  );
  const sampling: Record<string, v.GenericSchema> = samplesAggregatePosterior
    ? { sampling: v.optional(SamplingSchema) }
    : {};
  return v.object({ ...ranges, ...sampling, model: v.literal(model) });
}

/**
 * An objective in a config: a variant for each model, with the model's own weights in their ranges. Weights of
 * other models are dropped when a config is read.
 */
export const ObjectiveSchema = v.lazy(
  ofRegistry(() => v.variant('model', objectiveDescriptors().map(variantOf))),
) as unknown as v.GenericSchema<Objective>;

/** The model's name for display: `β-TCVAE`. */
export function objectiveTitle(model: ModelKind): string {
  return descriptorOf(model).title;
}

/** Whether the model's encoder gives a posterior (mu and logVar) and not only a code. */
export function isVariational({ model }: Pick<Objective, 'model'>): boolean {
  return descriptorOf(model).isVariational;
}

/** Number of learned values of each dimension of a quantised model; undefined for other models. */
export function valuesPerDimension(objective: Objective): number | undefined {
  return descriptorOf(objective.model).isQuantised ? weightsOf(objective).values : undefined;
}

/** Settings of the optimiser that belong to a model, with which it is published; undefined for most models. */
export function suggestedOptimiser(model: ModelKind): Optimiser | undefined {
  return descriptorOf(model).optimiser?.settings;
}

/** The models that the paper compares, in its order. */
export function papersModels(): ModelKind[] {
  return modelKinds().filter((model) => descriptorOf(model).isPapers);
}

/** The models that the paper does not compare. */
export function furtherModels(): ModelKind[] {
  return modelKinds().filter((model) => !descriptorOf(model).isPapers);
}

/** The weights of an objective by their names. */
export type Weights = Readonly<Partial<Record<WeightName, number>>>;

/** A model's default weights. */
export function defaultWeights(model: ModelKind): Weights {
  return Object.fromEntries(weightEntries(model).map(([name, weight]) => [name, weight.default]));
}

/** All weights that an objective has: its own, and the defaults of those that it leaves out. */
export function weightsOf(objective: Objective): Weights {
  return Object.fromEntries(
    weightEntries(objective.model).map(([name, weight]) => [name, objective[name] ?? weight.default]),
  );
}

/** A rule between weights that an objective breaks, and the message about it. */
export interface BrokenRule {
  /** The weights that the rule relates. */
  readonly weights: readonly WeightName[];
  /** Begins with a weight's name. */
  readonly message: string;
  readonly hint: string;
}

/**
 * The first rule between its weights that an objective breaks; undefined where it breaks none.
 *
 * @param called - what the reader calls a weight
 */
export function brokenRule(objective: Objective, called: 'name' | 'symbol' = 'name'): BrokenRule | undefined {
  const { rules = [], weights } = descriptorOf(objective.model);
  const values = weightsOf(objective) as Readonly<Record<WeightName, number>>;
  const broken = rules.find((rule) => !rule.isMet(values));
  if (!broken) return undefined;
  const nameOf = (name: WeightName): string => (called === 'name' ? name : symbolText(weights[name]!));
  return { weights: broken.weights, ...broken.explain(values, nameOf) };
}

/**
 * The weights that distinguish an objective from others of its model, in the order of labels. A weight that the
 * objective leaves out is not included.
 */
export function labelWeights(objective: Objective): { readonly symbol: string; readonly value: number }[] {
  return weightEntries(objective.model).flatMap(([name, weight]) => {
    const value = objective[name];
    if (value === undefined || weight.inLabel === 'never') return [];
    if (weight.inLabel === 'changed' && value === weight.default) return [];
    return [{ symbol: symbolText(weight), value }];
  });
}

/** The weights in a label, as text: `β = 20`. */
export function weightLabel(objective: Objective): string {
  return labelWeights(objective)
    .map(({ symbol, value }) => `${symbol} = ${value}`)
    .join(', ');
}

/**
 * KL(q(z|x) ‖ p(z)) of a training batch, from the terms that the training reports. A β-TCVAE's three terms are
 * minibatch estimates with a large bias, which cancels in their sum, the KL.
 *
 * @returns undefined for a model without a posterior
 */
export function klOfTerms(
  { model }: Pick<Objective, 'model'>,
  terms: Readonly<Record<string, number>>,
): number | undefined {
  const values = descriptorOf(model).klTerms.map((name) => terms[name]);
  if (values.length === 0) return undefined;
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
