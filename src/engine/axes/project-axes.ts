import { UnravelError } from '../../contract/errors.ts';
import type { LinearProjection } from '../../contract/operations/codes.ts';
import { firstOnly, partsOf, projectOnto } from '../codes/project.ts';
import { varianceParts, type IndependentComponents } from './fast-ica.ts';

/**
 * Projects all codes to three independent axes. Positions are in standard deviations of the codes along them.
 *
 * @param codes - `[count, latentDim]`
 * @param axes - numbers of the axes
 * @throws UnravelError `not-found` for an axis that does not exist
 */
export async function projectOnAxes(
  codes: Float32Array,
  components: IndependentComponents,
  axes: readonly [number, number, number],
): Promise<LinearProjection> {
  const { latentDim, count, mean, unmixing, mixing } = components;
  const outside = axes.find((axis) => axis >= count);
  if (outside !== undefined) throw noAxis(outside, count);
  const isFirst = firstOnly(axes);
  const rows = (weight: (axis: number, l: number) => number): readonly Float64Array[] =>
    axes.map((axis, i) =>
      Float64Array.from({ length: latentDim }, (_, l) => (isFirst(i) ? weight(axis, l) : 0)),
    );
  const parts = varianceParts(components);
  const held = axes.map((axis, i) => (isFirst(i) ? parts[axis]! : 0));
  return projectOnto(codes, latentDim, {
    mean,
    basis: rows((axis, l) => unmixing[axis * latentDim + l]!),
    inverse: rows((axis, l) => mixing[l * count + axis]!),
    variance: partsOf(held, 1),
  });
}

/** The error of an axis that a run does not have. @param count - of its axes; undefined where none are found */
export function noAxis(axis: number, count: number | undefined): UnravelError {
  return new UnravelError('not-found', `This run has no independent axis ${axis}.`, {
    hint: count === undefined ? 'Find its axes first.' : `Its axes are numbered 0 to ${count - 1}.`,
  });
}
