import type { Axes, Projection } from '../../../../contract/operations/codes.ts';
import { listed } from '../../../../contract/listed.ts';
import { percentText } from '../../../components/format.ts';

/**
 * The axes' names with the part of the variance that each holds: `PC 1, 18 %`, `z5 Background hue, 9 %`.
 *
 * @param shown - how many axes the picture shows
 */
export function axisLabels(
  axes: Axes,
  projection: Projection,
  titleOf: (dimension: number) => string,
  shown: 2 | 3 = 3,
): string[] {
  if (projection.kind === 'embedded') {
    return [1, 2, 3].slice(0, shown).map((axis) => `${projection.name} ${axis}`);
  }
  return projection.variance.slice(0, shown).map((part, axis) => {
    const name = axes.kind === 'pca' ? `PC ${axis + 1}` : titleOf(axes.dimensions[axis]!);
    return `${name}, ${percentText(part)}`;
  });
}

/** What the axes show of the codes: `3 of 10 components hold 48 % of the variance`. */
export function projectionNote(
  axes: Axes,
  projection: Projection,
  latentDim: number,
  shown: 2 | 3 = 3,
): string {
  if (projection.kind === 'embedded') {
    return `${projection.name} keeps neighbours together; distances between far points say little`;
  }
  const held = projection.variance.slice(0, shown);
  const part = percentText(held.reduce((sum, each) => sum + each, 0));
  if (axes.kind === 'pca') {
    return `${Math.min(shown, latentDim)} of ${latentDim} components hold ${part} of the variance`;
  }
  const names = [...new Set(axes.dimensions.slice(0, shown))].map((dimension) => `z${dimension}`);
  return `${listed(names)} ${names.length === 1 ? 'holds' : 'hold'} ${part} of the variance`;
}

/** Other dimensions on the axes; the one that is asked for changes places with the one that it takes from. */
export function withAxis(
  dimensions: readonly [number, number, number],
  axis: 0 | 1 | 2,
  dimension: number,
): [number, number, number] {
  const next: [number, number, number] = [...dimensions];
  const other = next.indexOf(dimension);
  if (other >= 0) next[other] = next[axis];
  next[axis] = dimension;
  return next;
}
