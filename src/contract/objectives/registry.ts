import { annealedVae } from './annealed-vae.ts';
import { autoencoder } from './autoencoder.ts';
import { betaTcvae } from './beta-tcvae.ts';
import { betaVae } from './beta-vae.ts';
import type { ObjectiveDescriptor, WeightDescriptor } from './descriptor.ts';
import { dipVaeI, dipVaeIi } from './dip-vae.ts';
import { factorVae } from './factor-vae.ts';
import { infoVae } from './info-vae.ts';
import { qlae } from './qlae.ts';
import { vae } from './vae.ts';
import { vaeGan } from './vae-gan.ts';

/** All objectives: the paper's four first, then further models. A new objective is added here. */
const DESCRIPTORS = [
  autoencoder,
  vae,
  betaVae,
  betaTcvae,
  annealedVae,
  dipVaeI,
  dipVaeIi,
  infoVae,
  factorVae,
  vaeGan,
  qlae,
] as const;

type Described = (typeof DESCRIPTORS)[number];

/** The name of an objective in configs. */
export type ModelKind = Described['model'];

/** The names of one objective's weights. */
export type WeightNameOf<M extends ModelKind> = keyof Extract<Described, { readonly model: M }>['weights'] &
  string;

/** The name of a weight of any objective. */
export type WeightName = { [M in ModelKind]: WeightNameOf<M> }[ModelKind];

const registered = new Map<string, ObjectiveDescriptor>(DESCRIPTORS.map((each) => [each.model, each]));
let version = 0;

/**
 * Adds an objective to the schemas, form and command line of this process. The engine also needs its penalty
 * (`registerPenalty` in `engine/losses/objectives.ts`).
 *
 * It is meant for tests, which run the command line in their own process. Every process and every window builds
 * its own registry from the list above when it starts, so child processes do not know an objective that was
 * registered here. Objectives of the product belong in the list.
 *
 * @returns a function that removes the objective again
 */
export function registerObjective(descriptor: ObjectiveDescriptor): () => void {
  const { model, weights } = descriptor;
  if (registered.has(model)) throw new Error(`There is an objective ${model} already.`);
  for (const name of ['model', 'sampling']) {
    if (name in weights) throw new Error(`A weight of ${model} cannot be called ${name}.`);
  }
  registered.set(model, descriptor);
  version += 1;
  return () => {
    registered.delete(model);
    version += 1;
  };
}

/**
 * A number that increases whenever an objective is added or removed, for caches that depend on all objectives.
 */
export function registryVersion(): number {
  return version;
}

/** Every objective, the paper's first. */
export function objectiveDescriptors(): readonly ObjectiveDescriptor[] {
  return [...registered.values()];
}

/** The names of all objectives, the paper's first. */
export function modelKinds(): ModelKind[] {
  return [...registered.keys()] as ModelKind[];
}

/** A descriptor whose model is known only at run time. It has a subset of all weights. */
export type AnyObjective = Omit<ObjectiveDescriptor<ModelKind, WeightName>, 'weights'> & {
  readonly weights: Readonly<Partial<Record<WeightName, WeightDescriptor>>>;
};

/** An objective's descriptor. */
export function descriptorOf(model: ModelKind): AnyObjective {
  const descriptor = registered.get(model);
  if (!descriptor) throw new Error(`There is no objective ${model}.`);
  return descriptor as AnyObjective;
}

/** The weights of an objective with their names, in the order of forms and labels. */
export function weightEntries(model: ModelKind): [name: WeightName, weight: WeightDescriptor][] {
  return Object.entries(descriptorOf(model).weights) as [WeightName, WeightDescriptor][];
}

/** The names of all weights of all objectives. */
export function weightNames(): WeightName[] {
  return [...new Set(modelKinds().flatMap((model) => weightEntries(model).map(([name]) => name)))];
}
