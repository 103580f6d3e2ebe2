import type { Spread } from './harness/statistics.ts';
import type { Series } from './harness/rounds.ts';

/** What a value is held against. */
export interface Bound {
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

/** One line of the table. */
export interface Figure {
  readonly benchmark: string;
  /** What the value is, in words. */
  readonly what: string;
  readonly value: number;
  /** Smallest and largest round, where the value is a median of rounds. */
  readonly range?: readonly [number, number];
  /** `×` for a ratio, `/s` for so many a second. */
  readonly unit: '×' | 'ms' | 's' | 'MB' | '%' | 'calls' | 'nats' | 'images/s' | '/s' | 'tasks';
  /** What the two sides of a ratio were. */
  readonly ours?: string;
  readonly peer?: string;
  readonly goal?: Bound;
  /** Never to be crossed: the benchmark fails. */
  readonly floor?: Bound;
}

export type Verdict = 'met' | 'missed' | 'floor broken' | 'for information';

function holds(value: number, { is, value: bound }: Bound): boolean {
  return is === 'at least' ? value >= bound : value <= bound;
}

/** A number that is not one meets no bound. */
export function verdict({ value, goal, floor }: Figure): Verdict {
  if (floor && !holds(value, floor)) return 'floor broken';
  if (!goal) return 'for information';
  return holds(value, goal) ? 'met' : 'missed';
}

/** The part of a figure that a spread gives. */
export function valueOf({ median, min, max }: Spread): Pick<Figure, 'value' | 'range'> {
  return { value: median, range: [min, max] };
}

/** What a benchmark found: figures for the table, and everything they were made of. */
export interface Outcome {
  readonly figures: readonly Figure[];
  readonly series: readonly Series[];
  /** Sentences for under the table: what was left out and why. */
  readonly notes?: readonly string[];
}
