import type { EpochMetric } from './operations/runs.ts';
import {
  descriptorOf,
  isVariational,
  weightsOf,
  type HeldOut,
  type Objective,
  type RunInfo,
  type TrainingConfig,
} from './run.ts';
import { adviseForCollapse, adviseMoreEpochs, adviseForNothing, type Advice } from './verdict-advice.ts';

export type { Advice } from './verdict-advice.ts';

/**
 * Minimum share of the mean image's held-out error that a model must remove to have learned anything. A decoder that
 * gets no information draws at best the mean image, a share of 0; a share below a twentieth cannot be told from that
 * in a few dozen held-out images, and is no more than a slight change of brightness in the pictures.
 */
export const LEAST_SHARE = 0.05;

/**
 * A model without active dimensions has collapsed if its decoder draws about the mean image: its error may exceed the
 * mean image's by this share. With a larger error the decoder has not been trained yet, and so its inactive
 * dimensions say nothing about the objective. (On sprites a collapsed decoder draws black images, a quarter above.)
 */
const MOST_EXCESS = 0.5;

/** Fewest epochs after which a trend is stated. With fewer, a training counts as improving. */
const FEWEST_EPOCHS = 4;
/** The trend is that of this part of the epochs until now, the latest. */
const RECENT_PART = 1 / 3;
/** A training is improving if, at the recent pace, as many epochs again would lower its error by this share. */
const LEAST_GAIN = 0.01;
/** The lowest error is mentioned if the current one is higher by this share. */
const NOTABLE_RISE = 0.02;

/** What a model's held-out numbers say about what it has learned. */
export type Learning = 'nothing' | 'collapsed' | 'learned';

/**
 * `nothing`: its pictures are not better than the mean image. `collapsed`: no dimension tells anything about the
 * images, although the decoder is trained. `improving` and `settled`: it has learned something, and its held-out error
 * is still falling or not.
 */
export type VerdictKind = 'nothing' | 'collapsed' | 'improving' | 'settled';

/** What a training has come to, in words. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** A few words: `Collapsed: 0 of 6 dimensions tell anything`. */
  readonly title: string;
  /** One to three sentences: what was measured, and what to do. */
  readonly text: string;
  /** What to do about it, if anything. */
  readonly advice?: Advice;
}

/** The record of a training. */
export interface TrainingRecord {
  readonly config: TrainingConfig;
  /** The stages before one that it was continued with. */
  readonly earlierStages?: RunInfo['earlierStages'] | undefined;
  /** Number of images of the data set, if it is known. */
  readonly images?: number | undefined;
  /** The epochs until now, in order. */
  readonly epochs: readonly Pick<EpochMetric, 'epoch' | 'step' | 'heldOut'>[];
  /** Whether the training is over; otherwise it goes on by itself or can be resumed. */
  readonly isOver: boolean;
}

/** The share of the mean image's error that a model removes; undefined for runs of early versions. */
function shareRemoved({ reconstruction, meanImage }: HeldOut): number | undefined {
  return meanImage === undefined || meanImage === 0 ? undefined : 1 - reconstruction / meanImage;
}

/**
 * What a model has learned, by one measurement on held-out images. A discriminator of images weighs features instead
 * of pixels, so such a model's squared error says nothing against it; nor does a sharpened decoder's. Without the error
 * of the mean image (early versions, models from elsewhere), only collapse can be seen.
 */
export function learningOf(
  heldOut: HeldOut,
  objective: Pick<Objective, 'model'>,
  { isSharpened = false }: { readonly isSharpened?: boolean } = {},
): Learning {
  const share = shareRemoved(heldOut);
  if (isVariational(objective) && heldOut.activeDimensions === 0) {
    return share !== undefined && share < -MOST_EXCESS ? 'nothing' : 'collapsed';
  }
  const comparesPixels = !isSharpened && descriptorOf(objective.model).discriminator !== 'images';
  return comparesPixels && share !== undefined && share < LEAST_SHARE ? 'nothing' : 'learned';
}

/**
 * What a run has learned when its training is over; undefined while it is trained or can be resumed, and where nothing
 * was measured.
 */
export function outcomeOf({
  state,
  heldOut,
  config,
  sharpening,
}: Pick<RunInfo, 'state' | 'heldOut' | 'config' | 'sharpening'>): Learning | undefined {
  if (!heldOut || (state !== 'done' && state !== 'imported')) return undefined;
  return learningOf(heldOut, config.objective, { isSharpened: sharpening !== undefined });
}

/** An outcome in two or three words: `learned nothing`; undefined for a model that has learned something. */
export function outcomeWords(learning: Learning | undefined): string | undefined {
  return learning === undefined || learning === 'learned' ? undefined : FAILED_WORDS[learning];
}
const FAILED_WORDS = { nothing: 'learned nothing', collapsed: 'collapsed' } as const;

/**
 * Theil–Sen slope: the median of the slopes between all pairs of points, which a few outliers do not move
 * (Sen 1968).
 *
 * @param values - at 0, 1, 2, …
 */
export function medianSlope(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) slopes.push((values[j]! - values[i]!) / (j - i));
  }
  slopes.sort((a, b) => a - b);
  const middle = slopes.length / 2;
  return slopes.length === 0 ? 0 : (slopes[Math.ceil(middle) - 1]! + slopes[Math.floor(middle)]!) / 2;
}

/** The latest epochs, whose trend is stated; those of a warm-up, in which the objective changes, are left out. */
function recentOf({ config, epochs, earlierStages = [] }: TrainingRecord): TrainingRecord['epochs'] {
  const { warmUp = 0 } = weightsOf(config.objective);
  // A warm-up goes by the epochs that the training began with.
  const first = earlierStages[0]?.epochs ?? config.epochs;
  const settled = epochs.filter(({ epoch }) => epoch > warmUp * first);
  const window = Math.max(FEWEST_EPOCHS, Math.ceil(epochs.length * RECENT_PART));
  return settled.slice(-window);
}

/** Whether held-out error is still falling: see {@link LEAST_GAIN}. */
function isImproving(record: TrainingRecord): boolean {
  const recent = recentOf(record);
  if (recent.length < FEWEST_EPOCHS) return true;
  const slope = medianSlope(recent.map(({ heldOut }) => Math.log(Math.max(heldOut.reconstruction, 1e-9))));
  return 1 - Math.exp(slope * recent.length) >= LEAST_GAIN;
}

/** An error with three digits. */
function digits(error: number): string {
  return Number(error.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 2 });
}

/** What was measured: the error, and the mean image's. */
function errorSentence({ reconstruction, meanImage }: HeldOut): string {
  return meanImage === undefined
    ? `Its squared error on held-out images is ${digits(reconstruction)}.`
    : `Its squared error on held-out images is ${digits(reconstruction)}; the mean image alone gives ${digits(meanImage)}.`;
}

/** `9 of 10 dimensions are active`. */
function activeSentence({ activeDimensions: active }: HeldOut, { latentDim }: TrainingConfig): string {
  return `${active} of ${latentDim} dimensions ${active === 1 ? 'is' : 'are'} active.`;
}

/** The verdict on a training; undefined before its first epoch has ended. */
export function verdictOf(record: TrainingRecord): Verdict | undefined {
  const { config, epochs, isOver } = record;
  const last = epochs.at(-1);
  if (!last) return undefined;
  const { heldOut } = last;
  const learning = learningOf(heldOut, config.objective);
  const improving = isImproving(record);
  // A trained model's dimensions often become active only after its decoder has learned the mean image.
  if (learning === 'collapsed' && (isOver || !improving)) return collapsed(record, heldOut);
  if (learning === 'nothing' || learning === 'collapsed') return nothing(record, last, improving);
  return improving ? stillImproving(record, heldOut) : settled(record, last);
}

function collapsed({ config }: TrainingRecord, heldOut: HeldOut): Verdict {
  const advice = adviseForCollapse(config);
  return {
    kind: 'collapsed',
    title: `Collapsed: 0 of ${config.latentDim} dimensions tell anything`,
    text: `Every image is encoded as the prior, so all reconstructions are the same picture. ${errorSentence(heldOut)} ${advice.reason}`,
    advice,
  };
}

function nothing(
  record: TrainingRecord,
  last: TrainingRecord['epochs'][number],
  improving: boolean,
): Verdict {
  const { config, images, isOver } = record;
  const { step, heldOut } = last;
  const isFalling = improving && fallsFromStart(record);
  const advice = adviseForNothing(config, { images, steps: step, isFalling, isOver });
  const wait = isOver ? '' : ' It goes on.';
  return {
    kind: 'nothing',
    title: isOver ? 'It has learned nothing' : 'It has learned nothing yet',
    text: `${errorSentence(heldOut)} ${advice ? advice.reason : `Its reconstructions do not depend on the image.${wait}`}`,
    ...(advice ? { advice } : {}),
  };
}

/** Whether the error has fallen since the first epoch, for records that are too short for a trend. */
function fallsFromStart({ epochs }: TrainingRecord): boolean {
  const [first, last] = [epochs[0]!.heldOut.reconstruction, epochs.at(-1)!.heldOut.reconstruction];
  return epochs.length < 2 || last < first * (1 - LEAST_GAIN);
}

function stillImproving({ config, isOver }: TrainingRecord, heldOut: HeldOut): Verdict {
  const facts = `${errorSentence(heldOut)} ${activeSentence(heldOut, config)}`;
  if (!isOver) return { kind: 'improving', title: 'Still improving', text: facts };
  const advice = adviseMoreEpochs(config);
  return {
    kind: 'improving',
    title: 'Still improving when it ended',
    text: advice ? `${facts} ${advice.reason}` : facts,
    ...(advice ? { advice } : {}),
  };
}

function settled(
  { config, epochs, isOver }: TrainingRecord,
  last: TrainingRecord['epochs'][number],
): Verdict {
  const facts = `${errorSentence(last.heldOut)} ${activeSentence(last.heldOut, config)}`;
  const best = epochs.reduce((least, next) =>
    next.heldOut.reconstruction < least.heldOut.reconstruction ? next : least,
  );
  const hasRisen = last.heldOut.reconstruction > best.heldOut.reconstruction * (1 + NOTABLE_RISE);
  const trend = hasRisen
    ? `It was lowest after epoch ${best.epoch}, ${digits(best.heldOut.reconstruction)}, and has risen since.`
    : 'It has hardly changed in the latest epochs.';
  return {
    kind: 'settled',
    title: isOver ? 'No longer improving when it ended' : 'No longer improving',
    text: `${facts} ${trend}${isOver ? '' : ' More epochs will change little: it can be stopped here.'}`,
    ...(isOver ? {} : { advice: { kind: 'stop', words: 'Stop here', reason: '' } }),
  };
}
