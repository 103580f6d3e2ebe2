import { tooFewSteps } from './goals/few-steps.ts';
import { listed } from './listed.ts';
import {
  isVariational,
  likeArchitecture,
  MOST_EPOCHS,
  weightEntries,
  weightsOf,
  type Objective,
  type TrainingConfig,
} from './run.ts';
import { trainingLength } from './training-length.ts';

/** What to do about a training. */
export type Advice =
  /** Train a new run with another config. */
  | {
      readonly kind: 'train';
      /** The settings that differ: `β 1`. */
      readonly words: string;
      /** A sentence with the reason. */
      readonly reason: string;
      readonly config: TrainingConfig;
    }
  /** Train the run further. */
  | {
      readonly kind: 'continue';
      /** How far: `60 epochs`. */
      readonly words: string;
      /** A sentence with the reason. */
      readonly reason: string;
      /** Number of epochs in all. */
      readonly epochs: number;
    }
  /** End the training where it is. */
  | { readonly kind: 'stop'; readonly words: string; readonly reason: string };

type TrainAdvice = Extract<Advice, { kind: 'train' }>;
type ContinueAdvice = Extract<Advice, { kind: 'continue' }>;

/** Below this learning rate, Adam moves each weight by less than a hundredth in a thousand steps. */
const TINY_RATE = 1e-5;
/** Above this learning rate, an error that does not fall is more often due to steps that are too large. */
const HIGH_RATE = 1e-3;
/** The learning rate that each architecture is advised with: the paper's, and that of most published small models. */
const ADVISED_RATE = { paper: 1e-4, burgess: 1e-3, residual: 1e-3 } as const;
/** The part of a training over which a weight rises, where a warm-up is advised. */
const ADVISED_WARM_UP = 0.3;
/** The variance of a Gaussian decoder where no config says otherwise. */
const USUAL_VARIANCE = 0.5;

/**
 * What brings a collapsed model's dimensions to life: better values of the weights that its objective blames; if it
 * blames none, KL is weighted from 0 on in a warm-up (Bowman et al. 2016); otherwise the decoder's variance is lowered,
 * which weighs the error more.
 */
export function adviseForCollapse(config: TrainingConfig): TrainAdvice {
  const { objective } = config;
  const eased = easeWeights(objective);
  if (eased) {
    const { words, reason } = eased;
    return { kind: 'train', words, reason, config: { ...config, objective: eased.objective } };
  }
  const warmed = withWarmUp(objective);
  if (warmed) {
    return {
      kind: 'train',
      words: 'a warm-up',
      reason:
        'Let the weight of KL rise from 0 in a warm-up: the decoder then learns to use the codes first.',
      config: { ...config, objective: warmed },
    };
  }
  const variance = Number(((config.decoder?.variance ?? USUAL_VARIANCE) / 5).toPrecision(2));
  const kind = config.decoder?.kind === 'laplace' ? 'laplace' : 'gaussian';
  return {
    kind: 'train',
    words: `variance ${variance}`,
    reason: 'Lower the variance of the decoder: the error then weighs more against KL.',
    config: { ...config, decoder: { kind, variance } },
  };
}

/** The weights that are to blame for a collapse, with better values; undefined if none is. */
function easeWeights(
  objective: Objective,
): { readonly words: string; readonly reason: string; readonly objective: Objective } | undefined {
  const values = weightsOf(objective);
  const changes = weightEntries(objective.model).flatMap(([name, { symbol, ifCollapsed: remedy }]) => {
    const better = remedy?.better(values[name]!);
    return remedy && better !== undefined ? [{ name, symbol, better, remedy }] : [];
  });
  const [first] = changes;
  return (
    first && {
      words: changes.map(({ symbol, better }) => `${symbol} ${better}`).join(', '),
      reason: first.remedy.reason(listed(changes.map(({ symbol }) => symbol))),
      objective: { ...objective, ...Object.fromEntries(changes.map(({ name, better }) => [name, better])) },
    }
  );
}

/** A VAE or β-VAE whose weight of KL rises over the first part of the training; undefined for others. */
function withWarmUp(objective: Objective): Objective | undefined {
  if (objective.model !== 'vae' && objective.model !== 'beta-vae') return undefined;
  const { beta = 1, warmUp = 0 } = weightsOf(objective);
  return warmUp > 0
    ? undefined
    : { model: 'beta-vae', beta: objective.model === 'vae' ? 1 : beta, warmUp: ADVISED_WARM_UP };
}

/** Steps after which every small training that was tried here had learned something. */
const STEPS_THAT_TEACH = 500;

/** The epochs that a training that is done goes on to, if nobody says otherwise: twice as many. */
export function furtherEpochs({ epochs }: Pick<TrainingConfig, 'epochs'>): number {
  return Math.min(2 * epochs, MOST_EPOCHS);
}

/**
 * A training that was still improving goes on to twice the epochs; undefined where it has had as many as there can be.
 *
 * @param atLeast - the epochs without which more would not help
 */
export function adviseMoreEpochs(config: TrainingConfig, atLeast = 0): ContinueAdvice | undefined {
  const epochs = Math.min(Math.max(furtherEpochs(config), atLeast), MOST_EPOCHS);
  if (epochs <= config.epochs) return undefined;
  return {
    kind: 'continue',
    words: `${epochs.toLocaleString('en')} epochs`,
    reason: 'More epochs will make it better.',
    epochs,
  };
}

/** What is known of a training that has learned nothing. */
export interface NothingLearned {
  /** Number of images of the data set, if it is known. */
  readonly images: number | undefined;
  readonly steps: number;
  /** Whether its error is falling. */
  readonly isFalling: boolean;
  readonly isOver: boolean;
}

/**
 * What helps a training that has learned nothing: a usable learning rate, enough steps, then a smaller weight of KL.
 * Undefined where it should be given time.
 */
export function adviseForNothing(
  config: TrainingConfig,
  { images, steps, isFalling, isOver }: NothingLearned,
): TrainAdvice | ContinueAdvice | undefined {
  const rate = ADVISED_RATE[likeArchitecture(config.architecture)];
  if (config.learningRate < TINY_RATE) {
    const reason = `A learning rate of ${plain(config.learningRate)} is too small to change the weights.`;
    return adviseSteps(config, reason, { images, learningRate: rate });
  }
  const few = images === undefined ? undefined : tooFewSteps(images, config);
  if (few) {
    const reason =
      few.steps === 1
        ? '1 step is too few to learn anything.'
        : `${few.steps.toLocaleString('en')} steps are too few to learn anything.`;
    return adviseSteps(config, reason, { images, learningRate: config.learningRate });
  }
  if (!isOver) return undefined;
  if (isFalling) {
    const stepsPerEpoch = images === undefined ? undefined : trainingLength(images, config).stepsPerEpoch;
    return adviseMoreEpochs(config, stepsPerEpoch && Math.ceil(STEPS_THAT_TEACH / stepsPerEpoch));
  }
  if (config.learningRate > HIGH_RATE) {
    return adviseRate(config, rate, `A learning rate of ${config.learningRate} is probably too large.`);
  }
  if (config.learningRate < rate) {
    const done = steps.toLocaleString('en');
    return adviseRate(
      config,
      rate,
      `Its error does not fall after ${done} steps: a higher learning rate may help.`,
    );
  }
  return isVariational(config.objective) ? adviseForCollapse(config) : adviseMoreEpochs(config);
}

function adviseRate(config: TrainingConfig, learningRate: number, reason: string): TrainAdvice {
  return {
    kind: 'train',
    words: `a learning rate of ${learningRate}`,
    reason,
    config: { ...config, learningRate },
  };
}

/** Advises a learning rate, and the batch and epochs that give enough steps with it. */
function adviseSteps(
  config: TrainingConfig,
  reason: string,
  { images, learningRate }: { images: number | undefined; learningRate: number },
): TrainAdvice {
  const wanted = { ...config, learningRate };
  const enough = images === undefined ? undefined : tooFewSteps(images, wanted)?.enough;
  const changed = enough
    ? { ...wanted, batchSize: enough.batchSize, learningRate: enough.learningRate, epochs: enough.epochs }
    : wanted;
  const words = [
    changed.learningRate === config.learningRate ? [] : [`a learning rate of ${changed.learningRate}`],
    changed.batchSize === config.batchSize ? [] : [`batches of ${changed.batchSize}`],
    changed.epochs === config.epochs ? [] : [`${changed.epochs.toLocaleString('en')} epochs`],
  ].flat();
  return { kind: 'train', words: words.join(', '), reason, config: changed };
}

/** A small number without an exponent: `0.000000001`. */
function plain(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 12 });
}
