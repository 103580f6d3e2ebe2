import type { Axes, Projection } from '../../../../contract/operations/codes.ts';
import { listed } from '../../../../contract/listed.ts';
import { percentText } from '../../../components/format.ts';

/** A dimension or an independent axis as people read it: `z5 Background hue`, `a3 Smile`. */
export type AxisTitle = (symbol: 'z' | 'a', number: number) => string;

/** The dimensions or independent axes that were chosen; undefined for principal components. */
function chosenOf(axes: Axes): { symbol: 'z' | 'a'; numbers: readonly number[] } | undefined {
  switch (axes.kind) {
    case 'pca':
      return undefined;
    case 'dimensions':
      return { symbol: 'z', numbers: axes.dimensions };
    case 'independent':
      return { symbol: 'a', numbers: axes.axes };
  }
}

/**
 * The axes' names with the part of the variance that each holds: `PC 1, 18 %`, `z5 Background hue, 9 %`.
 *
 * @param shown - how many axes the picture shows
 */
export function axisLabels(
  axes: Axes,
  projection: Projection,
  titleOf: AxisTitle,
  shown: 2 | 3 = 3,
): string[] {
  if (projection.kind === 'embedded') {
    return [1, 2, 3].slice(0, shown).map((axis) => `${projection.name} ${axis}`);
  }
  const chosen = chosenOf(axes);
  return projection.variance.slice(0, shown).map((part, axis) => {
    const name = chosen ? titleOf(chosen.symbol, chosen.numbers[axis]!) : `PC ${axis + 1}`;
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
  const chosen = chosenOf(axes);
  if (!chosen) {
    return `${Math.min(shown, latentDim)} of ${latentDim} components hold ${part} of the variance`;
  }
  const names = [...new Set(chosen.numbers.slice(0, shown))].map((number) => `${chosen.symbol}${number}`);
  return `${listed(names)} ${names.length === 1 ? 'holds' : 'hold'} ${part} of the variance`;
}

/** Other dimensions or independent axes on the axes; the one that is asked for changes places with the one that it takes from. */
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
