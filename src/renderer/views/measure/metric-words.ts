import type { TermId } from '../../../contract/glossary/glossary.ts';
import type { ElboDecomposition, Evaluation, MetricResult } from '../../../contract/metrics.ts';
import { counted, wholeNumber } from '../../components/format.ts';

/** A score has two decimals: what an interval of a hundredth allows. */
export function scoreText(score: number): string {
  return score.toFixed(2);
}

/** Half of the 95 % interval, with as many digits as it needs to be told from nothing; nothing where there is none. */
export function halfWidthText({ value, low, high }: MetricResult): string {
  if (value === null || low === null || high === null) return '';
  const half = Math.max(value - low, high - value);
  return `±${half < 0.0995 ? half.toFixed(3) : half.toFixed(2)}`;
}

/** `1 label and 8 factors`. */
export function columnWords(factors: readonly { readonly factor: boolean }[]): string {
  const drawn = factors.filter(({ factor }) => factor).length;
  const given = factors.length - drawn;
  return [given > 0 ? counted(given, 'label') : '', drawn > 0 ? counted(drawn, 'factor') : '']
    .filter(Boolean)
    .join(' and ');
}

/** What an evaluation was made of, in a line. */
export function evaluationWords(evaluation: Evaluation): string {
  const { factors, images, metrics, seed } = evaluation;
  const results = Object.values(metrics);
  const bins = results.find(({ value, bins: own }) => value !== null && own !== null)?.bins;
  const resamples = Math.max(0, ...results.map((result) => result.resamples));
  return [
    columnWords(factors),
    counted(images, 'image'),
    bins == null ? '' : counted(bins, 'bin'),
    resamples > 0 ? `up to ${counted(resamples, 'resample')}` : 'values only',
    `seed ${seed}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** What a score is compared with, in a sentence; empty where nothing was. */
export function baselineWords({ shuffled, randomEncoder }: MetricResult): string {
  const parts = [
    shuffled === null ? '' : `with the labels shuffled it is ${scoreText(shuffled)}`,
    randomEncoder === null ? '' : `an untrained encoder gets ${scoreText(randomEncoder)}`,
  ].filter(Boolean);
  if (parts.length === 0) return '';
  const sentence = parts.join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** The same score of independent axes of the same codes, in a sentence. */
export function axesWords({ value, low, high }: MetricResult): string {
  if (value === null) return 'It was not measured along the independent axes.';
  const interval =
    low === null || high === null ? '' : ` (95 % interval ${scoreText(low)} to ${scoreText(high)})`;
  return `Along the independent axes of the same codes it is ${scoreText(value)}${interval}.`;
}

/** What a metric was measured with: `4,000 rows, 20 bins, 200 resamples`. */
export function sampleWords({ samples, bins, resamples }: MetricResult): string {
  return [
    ...Object.entries(samples).map(([what, count]) => `${wholeNumber(count)} ${what}`),
    bins === null ? '' : counted(bins, 'bin'),
    resamples > 0 ? counted(resamples, 'resample') : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** What a metric's row says beside its title, read aloud. */
export function spokenScore(result: MetricResult): string {
  const { value, low, high, reason } = result;
  if (value === null) return `not measured. ${reason ?? ''}`.trim();
  const interval =
    low === null || high === null ? '' : `, 95 % interval ${scoreText(low)} to ${scoreText(high)}`;
  return `${scoreText(value)}${interval}. ${baselineWords(result)}`.trim();
}

/** One of the parts that KL is made of. */
export interface NatsPart {
  readonly key: 'mutualInformation' | 'totalCorrelation' | 'dimensionwiseKl';
  readonly title: string;
  /** What it is, in a few words. */
  readonly meaning: string;
  /** Which term of the glossary it is. */
  readonly term: TermId;
  /** Of the palette's categories. */
  readonly colour: number;
}

export const NATS_PARTS: readonly NatsPart[] = [
  {
    key: 'mutualInformation',
    title: 'Index-code information',
    meaning: 'codes about images',
    term: 'mutual-information',
    colour: 0,
  },
  {
    key: 'totalCorrelation',
    title: 'Total correlation',
    meaning: 'shared by dimensions',
    term: 'total-correlation',
    colour: 1,
  },
  {
    key: 'dimensionwiseKl',
    title: 'Dimension-wise KL',
    meaning: 'each to the prior',
    term: 'dimensionwise-kl',
    colour: 3,
  },
];

/** How a decomposition was computed, in a line. */
export function methodWords({ method, images, codes }: ElboDecomposition): string {
  return method === 'exact'
    ? `exact sums over ${counted(images, 'image')}`
    : `${wholeNumber(codes)} codes sampled, of ${counted(images, 'image')}`;
}

/** `7.0`, or with more digits below one. */
export function natsText(nats: number): string {
  const digits = Math.abs(nats) < 0.995 ? 2 : 1;
  const text = Math.abs(nats).toFixed(digits);
  return nats < 0 && Number(text) !== 0 ? `−${text}` : text;
}
