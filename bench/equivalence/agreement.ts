import type { ModelKind } from '../../src/contract/run.ts';

/** Every term of the loss by name, `total` among them, at one step. Nats per image. */
export type Terms = Readonly<Record<string, number>>;

/** The tighter tolerance holds for so many steps; later, rounding has had time to grow. */
export const FIRST_STEPS = 10;
/** The largest relative difference allowed. */
export const TOLERANCE = { first: 0.001, all: 0.01 };

/** How far one term of a model is apart between the two implementations. */
export interface Agreement {
  readonly model: ModelKind;
  readonly term: string;
  /** The term at every step. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Largest relative difference in the first steps, and in all. */
  readonly apartFirst: number;
  readonly apart: number;
}

/**
 * |a − b| over max(|b|, 1 nat). Terms such as a KL begin near zero, where a difference of a millionth of a nat is
 * nothing and may still be half of the term.
 */
export function apart(ours: number, theirs: number): number {
  return Math.abs(ours - theirs) / Math.max(Math.abs(theirs), 1);
}

/** The worst difference; a value that is not a number is infinitely far from everything. */
function worst(ours: readonly number[], theirs: readonly number[]): number {
  const differences = ours.map((value, step) => apart(value, theirs[step]!));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}

/** Compares two trainings, term by term. */
export function compare(model: ModelKind, ours: readonly Terms[], theirs: readonly Terms[]): Agreement[] {
  const names = new Set([...Object.keys(ours[0]!), ...Object.keys(theirs[0]!)]);
  return [...names].map((term) => {
    // A term that one side lacks is a difference too.
    const valuesOf = (steps: readonly Terms[]): number[] => steps.map((terms) => terms[term] ?? Number.NaN);
    const [a, b] = [valuesOf(ours), valuesOf(theirs)];
    return {
      model,
      term,
      ours: a,
      theirs: b,
      apartFirst: worst(a.slice(0, FIRST_STEPS), b.slice(0, FIRST_STEPS)),
      apart: worst(a, b),
    };
  });
}

/** Whether a term is within both tolerances. */
export function agrees({ apartFirst, apart: all }: Agreement): boolean {
  return apartFirst <= TOLERANCE.first && all <= TOLERANCE.all;
}
