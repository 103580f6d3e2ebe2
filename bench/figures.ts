import type { Spread } from './harness/statistics.ts';
import type { Series } from './harness/rounds.ts';

/** The bounds of a value. */
export interface Bound {
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

/** One line of the table. */
export interface Figure {
  readonly benchmark: string;
  /** A description of the value. */
  readonly what: string;
  readonly value: number;
  /** Smallest and largest round, where the value is a median of rounds. */
  readonly range?: readonly [number, number];
  /** `×` for a ratio, `/s` for a rate per second. */
  readonly unit: '×' | 'ms' | 's' | 'MB' | '%' | 'calls' | 'nats' | 'images/s' | '/s' | 'tasks';
  /** The two sides of a ratio. */
  readonly ours?: string;
  readonly peer?: string;
  readonly goal?: Bound;
  /** The benchmark fails if the value is beyond this bound. */
  readonly floor?: Bound;
}

export type Verdict = 'met' | 'missed' | 'floor broken' | 'for information';

function holds(value: number, { is, value: bound }: Bound): boolean {
  return is === 'at least' ? value >= bound : value <= bound;
}

/** NaN meets no bound. */
export function verdict({ value, goal, floor }: Figure): Verdict {
  if (floor && !holds(value, floor)) return 'floor broken';
  if (!goal) return 'for information';
  return holds(value, goal) ? 'met' : 'missed';
}

/** The fields of a figure that come from a spread. */
export function valueOf({ median, min, max }: Spread): Pick<Figure, 'value' | 'range'> {
  return { value: median, range: [min, max] };
}

/** The result of a benchmark: figures for the table, and the measurements behind them. */
export interface Outcome {
  readonly figures: readonly Figure[];
  readonly series: readonly Series[];
  /** Notes below the table: what was left out and why. */
  readonly notes?: readonly string[];
}
