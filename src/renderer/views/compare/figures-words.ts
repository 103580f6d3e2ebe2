import { listed } from '../../../contract/listed.ts';
import type { CompareState } from './state/compare.svelte.ts';
import { rowsAlong, type FigureChoices } from './state/figures.svelte.ts';

/**
 * What the figures will show in place of the rows, and what has to be found first.
 *
 * @param withoutAxes - the names of the compared runs that have no independent axes; undefined while that is not known
 */
export function figuresWords(
  compare: CompareState,
  { along }: FigureChoices,
  withoutAxes: readonly string[] | undefined,
): string[] {
  const rows = rowsAlong(compare, along);
  if (along === 'dimensions') {
    return [rows.length > 0 ? 'The traversals show the rows as they are here.' : 'There is no row to show.'];
  }
  const leftOut = compare.rows.length - rows.length;
  return [
    rows.length > 0
      ? 'For each label, the axis of each model that carries it best is shown.'
      : 'There is no row of a label, so the traversals are left out.',
    ...(leftOut > 0 && rows.length > 0
      ? [`Rows of a dimension are left out, because an axis is made of several.`]
      : []),
    ...(withoutAxes && withoutAxes.length > 0
      ? [
          `${listed(withoutAxes)} ${withoutAxes.length === 1 ? 'has' : 'have'} no axes of these images yet. ` +
            `They are found first, which takes seconds${withoutAxes.length === 1 ? '' : ' for each'}, and are kept with the ` +
            `${withoutAxes.length === 1 ? 'run' : 'runs'}.`,
        ]
      : []),
  ];
}
