import { axisTitle } from './sweep-axes.ts';
import { BETA } from './sweep-file.ts';
import type { TrialGroup } from './trial-result.ts';

/** Trials that differ in what plots are drawn against, and in their seed: one line of a plot. */
export interface Series {
  readonly title: string;
  /** With the value that the plots are drawn against, from left to right; null for a model that has none. */
  readonly points: readonly { readonly x: number | null; readonly group: TrialGroup }[];
}

/** What plots are drawn against, as people write it. */
export function againstTitle(against: string): string {
  return against === BETA ? 'β' : axisTitle(against);
}

function placeOn(against: string, { beta, axes }: TrialGroup): number | null {
  if (against === BETA) return beta;
  const place = axes[against];
  return typeof place === 'number' ? place : null;
}

/** Whether the groups have several values of something. */
function varies(groups: readonly TrialGroup[], valueOf: (group: TrialGroup) => unknown): boolean {
  return new Set(groups.map(valueOf)).size > 1;
}

/**
 * Sorts groups into lines. A line is named after its model, and after the axes and the β that it does not run along, where
 * those have several values.
 */
export function seriesOf(groups: readonly TrialGroup[], against: string): Series[] {
  const fields = [...new Set(groups.flatMap(({ axes }) => Object.keys(axes)))].filter(
    (field) => field !== against && varies(groups, ({ axes }) => axes[field]),
  );
  const titleOf = ({ model, axes, beta }: TrialGroup): string => {
    const own = groups.filter((group) => group.model === model);
    const hasBetas = against !== BETA && varies(own, (group) => group.beta);
    return [
      ...[model, ...fields.map((field) => `${axisTitle(field)} = ${axes[field]!}`)],
      ...(hasBetas && beta !== null ? [`β = ${beta}`] : []),
    ].join(', ');
  };
  const titles = [...new Set(groups.map(titleOf))];
  return titles.map((title) => ({
    title,
    points: groups
      .filter((group) => titleOf(group) === title)
      .map((group) => ({ x: placeOn(against, group), group }))
      .sort((a, b) => (a.x ?? 0) - (b.x ?? 0)),
  }));
}
