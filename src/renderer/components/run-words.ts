import type { Objective, RunInfo } from '../../contract/run.ts';
import { counted, modelName, wholeNumber } from './format.ts';

/** A run's name, or only its model's where the name says no more than that and the data set. */
export function shortTitle({ name, config, dataset }: RunInfo): string {
  const model = modelName(config.objective.model);
  return dataset && name === `${model} on ${dataset.name}` ? model : name;
}

/** A model's weights in words: `β = 20`, and those of the others that are not the paper's. */
export function weightWords({ model, alpha, beta, gamma, lambda, capacity }: Objective): string {
  // As the paper has them, these two of a β-TCVAE are not worth a word.
  const isUsual = (weight: number | undefined): boolean => model === 'beta-tcvae' && weight === 1;
  const weights: [string, number | undefined][] = [
    ['β', beta],
    ['α', isUsual(alpha) ? undefined : alpha],
    ['γ', isUsual(gamma) ? undefined : gamma],
    ['λ', lambda],
    ['C', capacity],
  ];
  return weights
    .filter(([, weight]) => weight !== undefined)
    .map(([letter, weight]) => `${letter} = ${weight}`)
    .join(', ');
}

/** What a run is, beside its name: `burgess, 10 dimensions, seed 0`. */
export function runFacts({ config, dataset }: RunInfo): string {
  const architecture = config.architecture === 'paper' ? 'paper’s architecture' : config.architecture;
  const facts = [architecture, counted(config.latentDim, 'dimension'), `seed ${config.seed}`];
  return dataset ? `${facts.join(', ')}, on ${dataset.name}` : facts.join(', ');
}

/** The held-out error with as many digits as it deserves. */
export function errorText(error: number): string {
  return error < 100 ? error.toFixed(1) : wholeNumber(error);
}
