import {
  nearestOrSame,
  traversedValues,
  type Dimension,
  type LatentValue,
} from '../../../../contract/operations/codes.ts';
import type { CarriedLabels, Carrier } from '../../../../contract/operations/measure.ts';

/** A dimension as a row moves it. */
export interface MovedDimension extends Omit<Carrier, 'bits'> {
  /** What it tells of the row's label beyond chance; undefined where the row is of no label. */
  readonly bits?: number;
  /** With the dimension that the row goes by; undefined where that is its own, or nothing is known. */
  readonly correlation?: number;
  /** The learned values that it can take, to the nearest of which it is moved. */
  readonly values?: readonly LatentValue[] | undefined;
}

/**
 * What a row goes by: a label, which each model shows in the dimension that carries it best, or a dimension of one model,
 * which the others show in the one that goes with it most.
 */
export type FeatureKey =
  | { readonly kind: 'label'; readonly column: string }
  | { readonly kind: 'dimension'; readonly run: string; readonly dimension: number };

export function areSameFeature(a: FeatureKey, b: FeatureKey): boolean {
  if (a.kind === 'label') return b.kind === 'label' && a.column === b.column;
  return b.kind === 'dimension' && a.run === b.run && a.dimension === b.dimension;
}

/** The dimension that tells most about a label. */
export function bestOf(carriers: readonly Carrier[]): Carrier | undefined {
  return carriers.reduce<Carrier | undefined>(
    (best, next) => (best === undefined || next.bits > best.bits ? next : best),
    undefined,
  );
}

/** Dimensions from the one that carries most on: by KL, and for an AE by the deviation of its codes. */
export function byStrength(dimensions: readonly Dimension[]): readonly Dimension[] {
  return dimensions.toSorted((a, b) => b.kl - a.kl || b.deviation - a.deviation);
}

/**
 * The labels that the models carry best in one dimension each, best first, by the mean over the models; as the figures
 * choose theirs. A label that half of the models carry in a dimension that is shown already is left out.
 *
 * @param models - what is known of each
 * @param most - so many labels at most
 */
export function chooseLabels(models: readonly CarriedLabels[], most: number): string[] {
  const ranked = (models[0]?.columns ?? [])
    .map((column) => {
      const best = models.map(({ columns, dimensions }) => bestOf(dimensions[columns.indexOf(column)] ?? []));
      return { column, best, score: best.reduce((sum, carrier) => sum + (carrier?.bits ?? 0), 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const chosen: typeof ranked = [];
  for (const next of ranked) {
    if (chosen.length === most) break;
    const repeated = next.best.filter((carrier, m) =>
      chosen.some(({ best }) => best[m]?.dimension === carrier?.dimension),
    );
    if (repeated.length * 2 < models.length) chosen.push(next);
  }
  return chosen.map(({ column }) => column);
}

/** Offsets from one end to the other, in deviations: `−3, −1, 1, 3`. */
export function offsets(range: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => (steps < 2 ? 0 : -range + (2 * range * i) / (steps - 1)));
}

/**
 * One code, a feature moved step by step: from one end of the range to the other, or over the learned values, as in the
 * figures.
 */
export function stripCodes(
  mu: Float32Array,
  moved: MovedDimension,
  { range, count }: { readonly range: number; readonly count: number },
): Float32Array[] {
  const { dimension, isReversed, values } = moved;
  if (!values?.length) return offsets(range, count).map((offset) => movedCode(mu, moved, offset));
  const codes = traversedValues(values, count).map((value) =>
    mu.map((each, l) => (l === dimension ? value : each)),
  );
  return isReversed ? codes.reverse() : codes;
}

/** A code with one dimension moved by so many deviations, in the direction in which the feature rises. */
export function movedCode(
  mu: Float32Array,
  { dimension, unit, isReversed, values }: MovedDimension,
  offset: number,
): Float32Array {
  const z = mu.slice();
  const moved = (z[dimension] ?? 0) + offset * unit * (isReversed ? -1 : 1);
  z[dimension] = nearestOrSame(values, moved);
  return z;
}
