import type { IndependentAxis } from '../../../../contract/operations/codes.ts';

/**
 * The three independent axes on which a scatter shows most of what is known of the images: those that carry the largest
 * shares of labels, each of another one. Where fewer carry a label, those of the most variance follow.
 *
 * @param axes - at least one, in order of their variance
 */
export function tellingAxes(axes: readonly IndependentAxis[]): [number, number, number] {
  const ranked = axes.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0));
  const isFirstOfItsName = ({ name }: IndependentAxis, i: number): boolean =>
    name !== undefined && ranked.findIndex((other) => other.name === name) === i;
  const named = ranked.filter(isFirstOfItsName);
  const others = axes.filter((axis) => !named.includes(axis));
  const [x = 0, y = x, z = y] = [...named, ...others].map(({ axis }) => axis);
  return [x, y, z];
}
