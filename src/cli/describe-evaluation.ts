import type { ElboDecomposition, Estimate, Evaluation, MetricResult } from '../contract/metrics.ts';
import { counted, listing, measured, table } from './format.ts';

/** Formats a score with three decimals, as papers do. */
function score(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

function interval({ low, high }: MetricResult): string {
  return low === null || high === null ? '–' : `${score(low)} to ${score(high)}`;
}

function estimate({ value, error }: Estimate): string {
  return `${measured(value)} ± ${measured(error)} nats`;
}

/** The scores, one per line, and then the reasons for missing ones. */
export function describeScores({ metrics, notes }: Evaluation): string[] {
  const results = Object.values(metrics);
  const scored = results.filter(({ value }) => value !== null);
  const missing = results.filter(({ value }) => value === null);
  const head = [
    { head: 'metric' },
    { head: 'score', align: 'right' },
    { head: '95 % interval', align: 'right' },
    { head: 'shuffled', align: 'right' },
    { head: 'untrained', align: 'right' },
  ] as const;
  const rows = scored.map((result) => [
    result.title,
    score(result.value),
    interval(result),
    score(result.shuffled),
    score(result.randomEncoder),
  ]);
  const remarks = [...new Set([...notes, ...scored.flatMap((result) => result.notes)])];
  return [
    ...(rows.length ? table(head, rows) : []),
    ...(missing.length ? ['', 'Not measured'] : []),
    ...missing.map(({ title, reason = '' }) => `  ${title}: ${reason}`),
    ...(remarks.length ? ['', 'Notes', ...remarks.map((remark) => `  ${remark}`)] : []),
  ];
}

const NUMBER_WORDS = ['', '', 'two', 'three', 'four', 'five', 'six'];

/** A dimension's name with its strength: `smile, 0.71 bits (71 %), one of two dimensions`. */
function strengthOf(
  { name, share, column }: Evaluation['dimensionNames'][number],
  all: Evaluation['dimensionNames'],
): string {
  const same = all.filter((other) => other.column === column).length;
  const part = share === undefined ? '' : ` (${Math.round(100 * share)} %)`;
  return `${name}${part}${same < 2 ? '' : `, one of ${NUMBER_WORDS[same] ?? same} dimensions`}`;
}

/** The factor that each dimension carries, one dimension per line. */
export function describeDimensions({ dimensionNames }: Evaluation): string[] {
  const named = dimensionNames.filter(({ column }) => column !== null);
  const rest = dimensionNames.length - named.length;
  const lines = listing(named.map((one) => [`  z${one.dimension}`, strengthOf(one, named)]));
  const unnamed = `  ${counted(rest, 'dimension')} that ${rest === 1 ? 'carries' : 'carry'} no label or factor`;
  return ['', 'Dimensions', ...lines, ...(rest ? [unnamed] : [])];
}

/** The parts of KL, one per line. */
export function describeDecomposition(elbo: ElboDecomposition): string[] {
  const { method, images, codes, reconstruction, kl, klPerDimension, activeDimensions } = elbo;
  const how = method === 'exact' ? '' : `, at ${counted(codes, 'code')} drawn from it`;
  return [
    '',
    `The ELBO, with the aggregate posterior of ${counted(images, 'image')}${how}`,
    ...listing([
      ['  squared error', reconstruction === null ? undefined : `${measured(reconstruction)} an image`],
      ['  KL', `${measured(kl)} nats (its parts come to ${estimate(elbo.sum)})`],
      ['    index-code mutual information', estimate(elbo.mutualInformation)],
      ['    total correlation', estimate(elbo.totalCorrelation)],
      ['    dimension-wise KL', estimate(elbo.dimensionwiseKl)],
      ['  aggregate KL', `${estimate(elbo.aggregateKl)} (the last two together)`],
      ['  MIG without bins', elbo.mig && `${score(elbo.mig.value)}, of ${counted(elbo.mig.images, 'image')}`],
      ['  active', `${activeDimensions} of ${counted(klPerDimension.length, 'dimension')}`],
    ]),
  ];
}
