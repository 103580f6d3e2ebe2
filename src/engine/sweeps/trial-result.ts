import type { StoredEvaluation } from '../../contract/operations/measure.ts';
import { isVariational, type RunInfo } from '../../contract/run.ts';
import type { AxisPlace } from './sweep-axes.ts';
import type { Trial } from './trials.ts';

/** A number that was measured of a trial. */
export interface Measure {
  readonly key: string;
  /** As people write it, such as `MIG`. */
  readonly title: string;
  /** `error`: a squared error; `nats`; `score`: from 0 to 1, more is better; `count`. */
  readonly unit: 'error' | 'nats' | 'score' | 'count';
  readonly value: number;
  /** The 95 % interval, where there is one. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The result of a trial. */
export interface TrialResult {
  readonly trial: Trial;
  readonly run: string;
  /** Why there is no trained model, in words. */
  readonly failure: string | null;
  readonly measures: readonly Measure[];
  /**
   * How well each dimension is found again by the other seeds, null for an inactive one; left out where it was not
   * measured.
   */
  readonly stability?: readonly (number | null)[];
}

function plain(key: string, title: string, unit: Measure['unit'], value: number): Measure {
  return { key, title, unit, value, low: null, high: null };
}

/** Everything that was measured of a run, in the order of the tables. */
export function measuresOf(
  { heldOut, config }: RunInfo,
  { evaluation, decomposition }: Pick<StoredEvaluation, 'evaluation' | 'decomposition'>,
): Measure[] {
  const measures: Measure[] = [];
  if (heldOut) {
    measures.push(plain('heldOutReconstruction', 'Held-out error', 'error', heldOut.reconstruction));
    if (isVariational(config.objective)) measures.push(plain('heldOutKl', 'Held-out KL', 'nats', heldOut.kl));
    measures.push(plain('activeDimensions', 'Active dimensions', 'count', heldOut.activeDimensions));
  }
  for (const [key, { title, value, low, high }] of Object.entries(evaluation?.metrics ?? {})) {
    if (value !== null) measures.push({ key, title, unit: 'score', value, low, high });
  }
  if (decomposition) {
    const parts = [
      ['mutualInformation', 'Index-code information'],
      ['totalCorrelation', 'Total correlation'],
      ['dimensionwiseKl', 'Dimension-wise KL'],
    ] as const;
    for (const [key, title] of parts) {
      const { value, error } = decomposition[key];
      measures.push({ key, title, unit: 'nats', value, low: value - error, high: value + error });
    }
  }
  return measures;
}

/** A column of a table: a measure that at least one trial has. */
export type MeasureColumn = Pick<Measure, 'key' | 'title' | 'unit'>;

/** The measures of some trials, in the order that the fullest has them in. */
export function columnsOf(results: readonly TrialResult[]): MeasureColumn[] {
  const columns = new Map<string, MeasureColumn>();
  const fullestFirst = results.toSorted((a, b) => b.measures.length - a.measures.length);
  for (const { measures } of fullestFirst) {
    for (const { key, title, unit } of measures)
      if (!columns.has(key)) columns.set(key, { key, title, unit });
  }
  return [...columns.values()];
}

/** Trials that differ in nothing but their seed. */
export interface TrialGroup {
  readonly model: string;
  readonly axes: AxisPlace;
  readonly beta: number | null;
  readonly results: readonly TrialResult[];
}

/** Groups values by what they have in common, in the order in which it comes first. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return [...groups.values()];
}

/** Groups trials, models and points of the grid as they come and the smallest β first; failed ones are left out. */
export function groupTrials(results: readonly TrialResult[]): TrialGroup[] {
  const trained = results.filter(({ failure }) => failure === null);
  const cells = groupBy(trained, ({ trial: { model, axes } }) => JSON.stringify([model, axes]));
  const models = groupBy(cells, ([first]) => first!.trial.model);
  return models.flat().flatMap((cell) => {
    const { model, axes } = cell[0]!.trial;
    return groupBy(cell, ({ trial }) => String(trial.beta))
      .map((alike) => ({ model, axes, beta: alike[0]!.trial.beta, results: alike }))
      .sort((a, b) => (a.beta ?? 0) - (b.beta ?? 0));
  });
}

/** The values that a group has of a measure, one for each seed that has it. */
export function valuesOf({ results }: Pick<TrialGroup, 'results'>, key: string): number[] {
  return results.flatMap(({ measures }) => measures.find((measure) => measure.key === key)?.value ?? []);
}
