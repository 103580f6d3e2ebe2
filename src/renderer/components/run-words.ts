import {
  architectureTitle,
  DECODER_TITLES,
  descriptorOf,
  weightLabel,
  type Decoder,
  type RunInfo,
} from '../../contract/run.ts';
import { deviationWords } from '../../contract/deviation.ts';
import { optimiserWords } from '../../contract/optimiser.ts';
import { counted, modelName, spoken, wholeNumber } from './format.ts';

/** Whether a run has a model to look at. */
export function hasModel({ epoch, step, state }: RunInfo): boolean {
  return epoch > 0 || step > 0 || state === 'imported';
}

/** Whether a run can decode codes; one that has codes only cannot. */
export function hasDecoder(run: RunInfo): boolean {
  return hasModel(run) && !run.hasCodesOnly;
}

/** What a run's model is called: `β-VAE`. */
export function modelWords({ config, hasCodesOnly }: Pick<RunInfo, 'config' | 'hasCodesOnly'>): string {
  return hasCodesOnly ? 'Codes only' : modelName(config.objective.model);
}

/** A run's name, or only its model's where the name says no more than that and the data set. */
export function shortTitle({ name, config, dataset }: RunInfo): string {
  const model = modelName(config.objective.model);
  return dataset && name === `${model} on ${dataset.name}` ? model : name;
}

/** `Laplace of variance 0.2`. */
function decoderWords({ kind, variance }: Decoder): string {
  return `${DECODER_TITLES[kind]}${variance === undefined ? '' : ` of variance ${variance}`}`;
}

/** What a run is, beside its short title: `burgess, 10 dimensions, seed 0, on celeba`. */
export function runFacts(run: RunInfo): string {
  const { config, dataset } = run;
  const architecture = architectureTitle(run);
  if (run.hasCodesOnly) return `${architecture}, ${counted(config.latentDim, 'dimension')}`;
  const { decoder, condition, optimiser = {} } = config;
  const deviation = deviationWords(config.deviation);
  const facts = [
    architecture,
    counted(config.latentDim, 'dimension'),
    ...(decoder ? [decoderWords(decoder)] : []),
    ...(deviation === undefined ? [] : [deviation]),
    ...(condition === undefined ? [] : [`given ${spoken(condition)}`]),
    // Those of a sharpening are always the same.
    ...(run.sharpening ? [] : optimiserWords(optimiser)),
    `seed ${config.seed}`,
  ];
  const isNamed = dataset && !shortTitle(run).includes(` on ${dataset.name}`);
  return isNamed ? `${facts.join(', ')}, on ${dataset.name}` : facts.join(', ');
}

/**
 * How a training was continued: `30 epochs at 0.0001 until step 1,770, then to 60 epochs at 0.00005`; undefined for one that
 * was not.
 */
export function stagesText({ config, earlierStages = [] }: RunInfo): string | undefined {
  if (earlierStages.length === 0) return undefined;
  const stages = earlierStages.map(
    ({ epochs, learningRate, step }) =>
      `${counted(epochs, 'epoch')} at ${learningRate} until step ${wholeNumber(step)}`,
  );
  return [...stages, `${counted(config.epochs, 'epoch')} at ${config.learningRate}`].join(', then to ');
}

/** What was sharpened, and of which run: for a sharpened run, whose training was another one's. */
export function sharpenedText({ sharpening }: RunInfo): string | undefined {
  if (!sharpening) return undefined;
  const { name, step } = sharpening.origin;
  return `Sharpened from ${name}, at step ${wholeNumber(step)}. Encoder and codes are that run’s; only the decoder learned on.`;
}

/** The held-out error with as many digits as it deserves. */
export function errorText(error: number): string {
  return error < 100 ? error.toFixed(1) : wholeNumber(error);
}

/** What some runs have in common: `burgess, seed 0`; what they differ in is left out. */
export function sharedFacts(runs: readonly RunInfo[]): string {
  const shared = <T>(of: (run: RunInfo) => T): T | undefined => {
    const [first, ...others] = runs.map(of);
    return others.every((value) => value === first) ? first : undefined;
  };
  const architecture = shared(architectureTitle);
  const seed = shared(({ config }) => config.seed);
  return [architecture, seed === undefined ? undefined : `seed ${seed}`]
    .filter((fact) => fact !== undefined)
    .join(', ');
}

/** What a run is called beside others: its model, and what tells it from its like. */
export interface RunLabel {
  /** `β-VAE`. */
  readonly name: string;
  /** `β = 5`, and a seed or the run's own name where that is not enough. */
  readonly note: string;
}

/** What each of some runs is called when they stand side by side. */
export function runLabels(runs: readonly RunInfo[]): RunLabel[] {
  const plain = runs.map(({ config: { objective } }) => ({
    name: modelName(objective.model),
    note: weightLabel(objective) || (descriptorOf(objective.model).plainLabel ?? ''),
  }));
  return runs.map((run, i) => {
    const { name, note } = plain[i]!;
    const alike = runs.filter((_, j) => plain[j]!.name === name && plain[j]!.note === note);
    if (alike.length < 2) return plain[i]!;
    const seeds = new Set(alike.map(({ config }) => config.seed));
    const more = seeds.size === alike.length ? `seed ${run.config.seed}` : run.name;
    return { name, note: note ? `${note}, ${more}` : more };
  });
}
