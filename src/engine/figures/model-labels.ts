import { objectiveTitle, weightLabel, type RunInfo } from '../../contract/run.ts';
import type { ModelLabel } from './layout.ts';

/** A run as far as its label goes. */
type LabelledRun = Pick<RunInfo, 'id' | 'name' | 'config'>;

/**
 * What each of some runs is called in a figure: its model, its weight, and where that names several, its seed or the
 * run's own name.
 */
export function modelLabels(runs: readonly LabelledRun[]): ModelLabel[] {
  const plain = runs.map(({ config: { objective } }) => ({
    name: objectiveTitle(objective.model),
    note: weightLabel(objective),
  }));
  const keyOf = ({ name, note }: ModelLabel): string => `${name} ${note}`;
  return runs.map((run, i) => {
    const alike = runs.filter((_, other) => keyOf(plain[other]!) === keyOf(plain[i]!));
    if (alike.length < 2) return plain[i]!;
    const seeds = new Set(alike.map(({ config }) => config.seed));
    const names = new Set(alike.map(({ name }) => name));
    const more =
      seeds.size === alike.length
        ? `seed ${run.config.seed}`
        : names.size === alike.length
          ? run.name
          : run.id;
    const { name, note } = plain[i]!;
    return { name, note: note ? `${note}, ${more}` : more };
  });
}
