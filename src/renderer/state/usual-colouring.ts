import type { Column } from '../../contract/dataset.ts';
import { isYesNo } from '../../contract/label-values.ts';
import type { Dimension } from '../../contract/operations/codes.ts';
import type { Colouring } from '../../contract/remembered.ts';

export type { Colouring };

/** Of CelebA's yes and no the one that faces show most plainly; its first is a beard's shadow. */
const PLAINEST = 'Smiling';

/**
 * What the points are first coloured by: a label with names, if there is one; else a number; else a yes or no. Of
 * several, the one that is seen best: much carried by dimensions that lie in the first two axes.
 *
 * @param basis - of the axes, `[3, latentDim]`; left out where all dimensions are seen alike
 */
export function usualColouring(
  columns: readonly Column[],
  dimensions: readonly Dimension[],
  basis?: Float32Array,
): Colouring {
  const share = (axis: number, dimension: number): number =>
    basis ? (basis[axis * dimensions.length + dimension] ?? 0) ** 2 : 1;
  const seen = ({ dimension, bits = 0 }: Dimension): number =>
    bits * (share(0, dimension) + share(1, dimension));
  const carried = dimensions
    .toSorted((a, b) => seen(b) - seen(a))
    .map(({ name }) => columns.find((column) => column.name === name))
    .filter((column) => column !== undefined);
  const first = (fits: (column: Column) => boolean): Column | undefined =>
    carried.find(fits) ??
    columns.find((column) => fits(column) && column.name === PLAINEST) ??
    columns.find(fits);
  const column =
    first((each) => each.type !== 'continuous' && !isYesNo(each)) ??
    first(({ type }) => type === 'continuous') ??
    first(isYesNo);
  return column ? { kind: 'column', column: column.name } : { kind: 'none' };
}
