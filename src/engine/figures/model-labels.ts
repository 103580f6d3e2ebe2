import { objectiveTitle, weightLabel, type RunInfo } from '../../contract/run.ts';
import type { ModelLabel } from './layout.ts';

/** The entries of a run that its label depends on. */
type LabelledRun = Pick<RunInfo, 'id' | 'name' | 'config'>;

/**
 * The labels of runs in a figure: model and weights, and, if several runs have the same, the seed or the run's
 * name.
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
