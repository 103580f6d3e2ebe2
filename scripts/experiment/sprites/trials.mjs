import { isDeepStrictEqual } from 'node:util';

/**
 * A run as `unravel runs list --json` has it; of what it holds, what this script reads.
 *
 * @typedef {object} RunLine
 * @property {string} run - its id
 * @property {string} name
 * @property {'running' | 'interrupted' | 'done' | 'failed' | 'imported'} state
 * @property {{ id: string } | null} dataset - null for a model that was trained elsewhere
 * @property {number} imageSize
 * @property {number} channels
 * @property {number} epoch
 * @property {number} step
 * @property {RunConfig} config
 * @property {{ reconstruction: number, kl: number }} [heldOut]
 * @property {unknown[]} [earlierStages] - present if the training was continued with other settings
 */

/**
 * @typedef {object} RunConfig
 * @property {{ model: string, [weight: string]: unknown }} objective
 * @property {{ kind: string }} [decoder]
 * @property {unknown} architecture
 * @property {number} latentDim
 * @property {number} epochs
 * @property {number} batchSize
 * @property {number} learningRate
 * @property {{ schedule?: string, averageDecay?: number }} [optimiser]
 * @property {string} [precision]
 * @property {string} [condition]
 * @property {number} seed
 */

/**
 * One training of the comparison.
 *
 * @typedef {object} Trial
 * @property {ModelName} model
 * @property {number | null} weight - of the KL or of the total correlation
 * @property {number} seed
 */

/**
 * What is done for a trial: `train` a new run, `resume` an interrupted one, `measure` one that is done, or `wait` for
 * one that another process trains; a run that `failed` is not trained again.
 *
 * @typedef {{ trial: Trial, action: 'train' } | { trial: Trial, action: 'resume' | 'measure' | 'wait' | 'failed', run: RunLine }} Task
 */

/** @typedef {'ae' | 'vae' | 'beta-vae' | 'beta-tcvae' | 'factor-vae'} ModelName */

/**
 * The models, with the weight that each is trained with: β of Locatello et al.'s β-VAE, β of Chen et al.'s β-TCVAE, and
 * γ of disentangling-vae's FactorVAE on dSprites.
 *
 * @type {Readonly<Record<ModelName, { title: string, weight?: { key: 'beta' | 'gamma', symbol: string, value: number }, others?: Record<string, number> }>>}
 */
export const MODELS = {
  ae: { title: 'AE' },
  vae: { title: 'VAE' },
  'beta-vae': { title: 'β-VAE', weight: { key: 'beta', symbol: 'β', value: 4 }, others: { warmUp: 0 } },
  'beta-tcvae': {
    title: 'β-TCVAE',
    weight: { key: 'beta', symbol: 'β', value: 6 },
    others: { alpha: 1, gamma: 1 },
  },
  'factor-vae': { title: 'FactorVAE', weight: { key: 'gamma', symbol: 'γ', value: 36 } },
};

export const BATCH = 256;
const LATENT = 10;
const RATE = 1e-3;
const AVERAGE = 0.999;
/** Part of the images that is not trained on. */
export const HELD_OUT = 0.003;
/** Steps between two checkpoints, each of which is measured. */
const CHECKPOINT_STEPS = 1000;

/**
 * Reads a list of models, each with a weight of its own or without: `vae,beta-tcvae=4`.
 *
 * @param {string} text
 * @returns {{ model: ModelName, weight: number | null }[]}
 * @throws {RangeError} with a sentence for people
 */
export function readModels(text) {
  return text.split(',').map((part) => {
    const [name = '', given] = part.trim().split('=');
    const model = /** @type {ModelName} */ (name);
    if (!Object.hasOwn(MODELS, name)) {
      throw new RangeError(
        `--models names ${name || 'an empty name'}. Choose among ${Object.keys(MODELS).join(', ')}.`,
      );
    }
    const { weight } = MODELS[model];
    if (given === undefined) return { model, weight: weight?.value ?? null };
    const value = Number(given);
    if (!weight) throw new RangeError(`--models gives ${name} a weight, and it has none.`);
    if (given === '' || !Number.isFinite(value) || value <= 0) {
      throw new RangeError(`--models gives ${name} the weight "${given}". It must be a number above 0.`);
    }
    return { model, weight: value };
  });
}

/**
 * How many passes over the images come nearest to a number of images, at least one.
 *
 * @param {number} images - to be seen
 * @param {number} dataset - images of the data set
 */
export function epochsFor(images, dataset) {
  return Math.max(1, Math.round(images / ((1 - HELD_OUT) * dataset)));
}

/**
 * All trainings, sorted by seed, so that an experiment that is stopped has results of all models.
 *
 * @param {{ model: ModelName, weight: number | null }[]} models
 * @param {number} seeds - how many
 * @returns {Trial[]}
 */
export function trialsOf(models, seeds) {
  return Array.from({ length: seeds }, (_, i) => models.map((one) => ({ ...one, seed: i + 1 }))).flat();
}

/**
 * What follows `unravel train <data>`.
 *
 * @param {Trial} trial
 * @param {number} epochs
 */
export function trainOptions({ model, weight, seed }, epochs) {
  const { weight: described } = MODELS[model];
  const own = described && weight !== null ? [`--${described.key}`, String(weight)] : [];
  // An AE's output is linear, so it is trained with the squared error.
  const decoder = model === 'ae' ? [] : ['--decoder', 'bernoulli'];
  const weightName = weight === null ? '' : `-${weight}`;
  return [
    ...['--model', model, ...own, ...decoder, '--architecture', 'burgess', '--latent', String(LATENT)],
    ...['--batch', String(BATCH), '--lr', String(RATE), '--schedule', 'cosine', '--average', String(AVERAGE)],
    ...['--epochs', String(epochs), '--seed', String(seed), '--held-out', String(HELD_OUT)],
    ...['--checkpoint-every', String(CHECKPOINT_STEPS), '--name', `sprites-${model}${weightName}-${seed}`],
  ];
}

/**
 * Whether a run is one of the comparison's models on the data set, however long, and with whatever schedule, it was
 * trained.
 *
 * @param {RunLine} run
 * @param {string} dataset - the data set's id
 */
export function isComparable({ config, dataset: own, imageSize, channels, step }, dataset) {
  const { objective, decoder, architecture, latentDim, batchSize, learningRate, condition } = config;
  if (!Object.hasOwn(MODELS, objective.model)) return false;
  const model = /** @type {ModelName} */ (objective.model);
  const others = MODELS[model].others ?? {};
  return (
    (own === null ? imageSize === 64 && channels === 1 : own.id === dataset) &&
    Object.entries(others).every(([key, value]) => (objective[key] ?? value) === value) &&
    decoder?.kind === (model === 'ae' ? undefined : 'bernoulli') &&
    architecture === 'burgess' &&
    latentDim === LATENT &&
    batchSize === BATCH &&
    learningRate === RATE &&
    condition === undefined &&
    step > 0
  );
}

/**
 * The main weight of a run's objective.
 *
 * @param {RunLine} run
 */
export function weightOf({ config: { objective } }) {
  const key = MODELS[/** @type {ModelName} */ (objective.model)].weight?.key;
  return key === undefined ? null : Number(objective[key]);
}

/**
 * Whether a run has, or will have, what a trial asks for: the same settings, for at least as many epochs. The precision
 * and the part that is held out may differ.
 *
 * @param {Trial} trial
 * @param {RunLine} run
 * @param {{ epochs: number, dataset: string }} wanted
 */
function fits(trial, run, { epochs, dataset }) {
  const { config, earlierStages = [] } = run;
  return (
    isComparable({ ...run, step: Math.max(run.step, 1) }, dataset) &&
    config.objective.model === trial.model &&
    weightOf(run) === trial.weight &&
    config.seed === trial.seed &&
    isDeepStrictEqual(config.optimiser, { schedule: 'cosine', averageDecay: AVERAGE }) &&
    earlierStages.length === 0 &&
    config.epochs >= epochs &&
    (run.state !== 'imported' || run.epoch >= config.epochs)
  );
}

/** @type {Readonly<Record<RunLine['state'], 'measure' | 'wait' | 'resume' | 'failed'>>} */
const ACTIONS = {
  done: 'measure',
  imported: 'measure',
  running: 'wait',
  interrupted: 'resume',
  failed: 'failed',
};
const PREFERENCE = ['measure', 'wait', 'resume', 'failed'];

/**
 * What is left to do for each trial, by the runs that there are. Of several runs that fit, one that is done comes first,
 * and among equals the shortest.
 *
 * @param {Trial[]} trials
 * @param {RunLine[]} runs
 * @param {{ epochs: number, dataset: string }} wanted - `dataset` is the data set's id
 * @returns {Task[]}
 */
export function tasksFor(trials, runs, wanted) {
  return trials.map((trial) => {
    const [run] = runs
      .filter((one) => fits(trial, one, wanted))
      .sort(
        (a, b) =>
          PREFERENCE.indexOf(ACTIONS[a.state]) - PREFERENCE.indexOf(ACTIONS[b.state]) ||
          a.config.epochs - b.config.epochs ||
          b.step - a.step,
      );
    return run ? { trial, action: ACTIONS[run.state], run } : { trial, action: 'train' };
  });
}

/**
 * A run's model with its weight: `β-TCVAE, β = 6`.
 *
 * @param {RunLine} run
 */
export function titleOf(run) {
  const { title, weight } = MODELS[/** @type {ModelName} */ (run.config.objective.model)];
  return weight ? `${title}, ${weight.symbol} = ${weightOf(run) ?? '?'}` : title;
}

/**
 * How a run was trained, in words.
 *
 * @param {RunLine} run
 */
export function howTrained({ state, epoch, config: { epochs, optimiser = {}, precision } }) {
  const rate = optimiser.schedule === 'cosine' ? 'cosine' : 'constant rate';
  const average = optimiser.averageDecay === undefined ? [] : [`average ${optimiser.averageDecay}`];
  const mixed = precision === 'mixed' ? ['bfloat16'] : [];
  const passes = `${epoch} of ${epochs} epochs`;
  const isDone = epoch >= epochs;
  const reached = isDone
    ? `${epochs} epochs`
    : state === 'running'
      ? `in training: ${passes} complete`
      : `stopped, ${passes} complete`;
  const elsewhere = state === 'imported' ? ['trained on another machine'] : [];
  return [rate, ...average, ...mixed, reached, ...elsewhere].join('; ');
}
