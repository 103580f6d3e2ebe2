import {
  architectureName,
  DECODER_TITLES,
  isVariational,
  objectiveTitle,
  weightEntries,
  type Decoder,
  type Objective,
  type RunInfo,
  type TrainingConfig,
} from '../contract/run.ts';
import { deviationWords } from '../contract/deviation.ts';
import { optimiserWords } from '../contract/optimiser.ts';
import { outcomeOf, outcomeWords } from '../contract/verdict.ts';
import { symbolText } from '../contract/objectives/formula.ts';
import { counted, listing, measured, moment, whole } from './format.ts';

/** A model with its weights: `β-TCVAE (β 20, α 1, γ 1)`. */
export function describeObjective(objective: Objective): string {
  const { model, sampling } = objective;
  const weights = weightEntries(model).flatMap(([name, weight]) => {
    const value = objective[name];
    if (value === undefined) return [];
    if (weight.kind !== 'part') return [`${symbolText(weight)} ${value}`];
    const part = `${symbolText(weight).toLowerCase()} over ${whole(100 * value)} % of the training`;
    return value === 0 ? [] : [part];
  });
  const all = [...weights, ...(sampling === 'stratified' ? ['stratified sampling'] : [])];
  return objectiveTitle(model) + (all.length ? ` (${all.join(', ')})` : '');
}

/** A decoder's distribution: `a Laplace decoder of variance 0.5`. */
function describeDecoder({ kind, variance }: Decoder): string {
  if (kind === 'gaussian-learned') return 'a Gaussian decoder that learns its variance';
  if (kind === 'gaussian-optimal') return 'a Gaussian decoder of optimal variance';
  const of = variance === undefined ? '' : ` of variance ${variance}`;
  return `a ${DECODER_TITLES[kind]} decoder${of}`;
}

/** The settings of a training, in one line. */
export function describeConfig(config: TrainingConfig, network?: RunInfo['network']): string {
  const { architecture, latentDim, epochs, batchSize, learningRate, precision, seed } = config;
  const { decoder, condition, optimiser = {} } = config;
  const deviation = deviationWords(config.deviation);
  return [
    network ? `layers of ${network.name}` : `${architectureName(architecture)} architecture`,
    ...(decoder ? [describeDecoder(decoder)] : []),
    ...(deviation === undefined ? [] : [deviation]),
    ...(condition === undefined ? [] : [`given ${condition}`]),
    counted(latentDim, 'dimension'),
    counted(epochs, 'epoch'),
    `batches of ${whole(batchSize)}`,
    `learning rate ${learningRate}`,
    ...optimiserWords(optimiser),
    ...(precision === 'mixed' ? ['bfloat16 networks'] : []),
    `seed ${seed}`,
  ].join(', ');
}

const states = {
  running: 'being trained',
  interrupted: 'interrupted',
  done: 'done',
  failed: 'failed',
  imported: 'imported',
} as const;

/** The state of a run, in a word or two; a run that has learned nothing says so. */
export function describeState(run: RunInfo): string {
  const failed = outcomeWords(outcomeOf(run));
  return failed === undefined ? states[run.state] : `${states[run.state]}, ${failed}`;
}

/** The data that a run was trained on, as far as it is known. */
export function describeData({ dataset, importedFrom }: RunInfo): string {
  return dataset ? dataset.name : (importedFrom ?? '–');
}

/** An earlier stage of a training that was continued: `30 epochs at 0.0001, 1,770 steps done`. */
function stageWords({ step, epochs, learningRate }: NonNullable<RunInfo['earlierStages']>[number]): string {
  return `${counted(epochs, 'epoch')} at ${learningRate}, ${counted(step, 'step')} done`;
}

/** Everything about a run, one fact per line. */
export function describeRun(info: RunInfo, folder: string): string[] {
  const { config, heldOut, decomposition, dataset, importedFrom, imageSize, channels } = info;
  const isResumable = info.state === 'interrupted' || info.state === 'failed';
  const kl = heldOut?.klPerDimension.map((nats, i) => ({ nats, i })).sort((a, b) => b.nats - a.nats) ?? [];
  const hasPosterior = isVariational(config.objective);
  return listing([
    ['Run', info.id],
    ['Name', info.name],
    ['State', describeState(info) + (isResumable ? ` (unravel resume ${info.id})` : '')],
    ['Failure', info.failure?.message],
    ['Model', info.hasCodesOnly ? 'none: it has codes only' : describeObjective(config.objective)],
    [
      'Settings',
      info.hasCodesOnly ? counted(config.latentDim, 'dimension') : describeConfig(config, info.network),
    ],
    [
      'Variance',
      info.decoderVariance === undefined
        ? undefined
        : `${Number(info.decoderVariance.toPrecision(3))}, ${info.config.decoder?.kind === 'gaussian-optimal' ? 'optimal' : 'learned'}`,
    ],
    ['Images', `${imageSize}×${imageSize}, ${channels === 1 ? 'grey' : 'colour'}`],
    ['Data', dataset ? `${dataset.name} (${dataset.id}, ${counted(dataset.images, 'image')})` : undefined],
    ['From', importedFrom],
    [
      'Sharpened',
      info.sharpening &&
        `from ${info.sharpening.origin.name} (${info.sharpening.origin.id}), at step ${whole(info.sharpening.origin.step)}`,
    ],
    ['Before', info.earlierStages?.map(stageWords).join('; then ')],
    ['Trained', info.step ? `${counted(info.epoch, 'epoch')}, ${counted(info.step, 'step')}` : undefined],
    ['Held out', heldOut && counted(heldOut.images, 'image')],
    ['  squared error', heldOut && `${measured(heldOut.reconstruction)} an image`],
    [
      '  mean image',
      heldOut?.meanImage === undefined ? undefined : `${measured(heldOut.meanImage)} an image`,
    ],
    ['  KL', heldOut && hasPosterior ? `${measured(heldOut.kl)} nats` : undefined],
    ['  active', heldOut && `${whole(heldOut.activeDimensions)} of ${whole(config.latentDim)} dimensions`],
    [
      '  most KL',
      hasPosterior && kl.length
        ? kl
            .slice(0, 5)
            .map(({ nats, i }) => `z${i} ${measured(nats)}`)
            .join(', ')
        : undefined,
    ],
    ["KL's parts", decomposition && 'with the aggregate posterior of the last snapshot'],
    ['  mutual information', decomposition && `${measured(decomposition.mutualInformation)} nats`],
    ['  total correlation', decomposition && `${measured(decomposition.totalCorrelation)} nats`],
    ['  dimension-wise KL', decomposition && `${measured(decomposition.dimensionwiseKl)} nats`],
    [
      'Made',
      `${moment(info.created)} by Unravel ${info.versions.unravel}, TensorFlow ${info.versions.tensorflow}`,
    ],
    ['Folder', folder],
  ]);
}
