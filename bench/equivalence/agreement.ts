import type { ModelKind } from '../../src/contract/run.ts';

/** Every term of the loss by name, `total` among them, at one step. Nats per image. */
export type Terms = Readonly<Record<string, number>>;

/** Number of steps for which the tighter tolerance holds; later, rounding errors have grown. */
export const FIRST_STEPS = 10;
/** The largest relative difference allowed. */
export const TOLERANCE = { first: 0.001, all: 0.01 };

/** How far the two implementations differ in one term of a model. */
export interface Agreement {
  readonly model: ModelKind;
  readonly term: string;
  /** The term at every step. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Largest relative difference in the first steps, and in all. */
  readonly apartFirst: number;
  readonly apart: number;
  /** Where they differ too much: the largest difference of each from the same training in float64. */
  readonly rounding?: { readonly ours: number; readonly theirs: number };
}

/**
 * |a − b| over max(|b|, 1 nat). Terms such as a KL begin near zero, where a difference of a millionth of a nat is
 * nothing and may still be half of the term.
 */
export function apart(ours: number, theirs: number): number {
  return Math.abs(ours - theirs) / Math.max(Math.abs(theirs), 1);
}

/** The largest difference; it is infinite where a value is NaN. */
function worst(ours: readonly number[], theirs: readonly number[]): number {
  const differences = ours.map((value, step) => apart(value, theirs[step]!));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}

/** Compares two trainings, term by term. */
export function compare(model: ModelKind, ours: readonly Terms[], theirs: readonly Terms[]): Agreement[] {
  const names = new Set([...Object.keys(ours[0]!), ...Object.keys(theirs[0]!)]);
  return [...names].map((term) => {
    // A term that one side lacks counts as a difference.
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

function isWithinTolerance({ apartFirst, apart: all }: Agreement): boolean {
  return apartFirst <= TOLERANCE.first && all <= TOLERANCE.all;
}

/** A float32 training may differ from float64 by at most this many times as much as PyTorch's does. */
const ROUNDING_FACTOR = 2;

/**
 * Compares both float32 trainings with float64 where they differ. A VAE's KL is ill-conditioned in its first steps: Σ =
 * exp(logVar) shoots up, and rounding of 10⁻⁷ becomes a percent within seven steps, in PyTorch as here.
 *
 * @param truth - the terms of the same training in float64
 */
export function judge(agreements: readonly Agreement[], truth: readonly Terms[]): Agreement[] {
  return agreements.map((one) => {
    if (isWithinTolerance(one)) return one;
    const exact = truth.map((terms) => terms[one.term] ?? Number.NaN);
    return { ...one, rounding: { ours: worst(one.ours, exact), theirs: worst(one.theirs, exact) } };
  });
}

/** Whether a term is within both tolerances, or differs from float64 hardly more than PyTorch's float32 does. */
export function agrees(one: Agreement): boolean {
  if (isWithinTolerance(one)) return true;
  return one.rounding !== undefined && one.rounding.ours <= ROUNDING_FACTOR * one.rounding.theirs;
}
