import { weightNames, weightsOf, type RunInfo, type TrainingConfig } from '../contract/run.ts';
import type { Verdict } from '../contract/verdict.ts';
import { optionFor, weightOption } from './training-config.ts';

/** The options of `unravel train` that turn a config into another one: `--model beta-vae --beta 1`. */
function changedOptions(from: TrainingConfig, to: TrainingConfig): string {
  const [before, after] = [weightsOf(from.objective), weightsOf(to.objective)];
  const isOtherModel = from.objective.model !== to.objective.model;
  const model = isOtherModel ? [`--model ${to.objective.model}`] : [];
  const weights = weightNames().flatMap((name) => {
    const value = after[name];
    return value === undefined || (!isOtherModel && value === before[name])
      ? []
      : [`${weightOption(name)} ${value}`];
  });
  const decoder = to.decoder
    ? [
        ...(to.decoder.kind === from.decoder?.kind ? [] : [`--decoder ${to.decoder.kind}`]),
        ...(to.decoder.variance === undefined || to.decoder.variance === from.decoder?.variance
          ? []
          : [`--variance ${to.decoder.variance}`]),
      ]
    : [];
  const others = (['epochs', 'batchSize', 'learningRate'] as const).flatMap((key) =>
    from[key] === to[key] ? [] : [`${optionFor(key)} ${to[key]}`],
  );
  return [...model, ...weights, ...decoder, ...others].join(' ');
}

/** A sentence with the command that a verdict on a run advises; undefined where it advises no training. */
export function describeAdvice(
  { id, config }: Pick<RunInfo, 'id' | 'config'>,
  { advice }: Verdict,
): string | undefined {
  if (advice?.kind === 'continue') return `To do so: unravel resume ${id} --epochs ${advice.epochs}`;
  if (advice?.kind !== 'train') return undefined;
  return `To do so, train again with ${changedOptions(config, advice.config)}.`;
}
