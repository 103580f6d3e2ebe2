import type { DatasetInfo } from '../../contract/dataset.ts';
import { hasDecoder } from '../components/run-words.ts';
import { labelWeights, modelKinds, papersModels, type RunInfo } from '../../contract/run.ts';

/** The largest number of models that are compared at once. */
export const MOST_COMPARED = 4;
export const FEWEST_COMPARED = 2;

/** What the choice depends on. */
interface Library {
  readonly library: { readonly runs: readonly RunInfo[] };
  readonly dataset: DatasetInfo | undefined;
}

/** In the order in which models stand: as the paper has them, weaker weights first, older before newer. */
export function inOrder(runs: readonly RunInfo[]): RunInfo[] {
  const kinds = modelKinds();
  const weightOf = ({ config: { objective } }: RunInfo): number => labelWeights(objective)[0]?.value ?? 0;
  return runs.toSorted(
    (a, b) =>
      kinds.indexOf(a.config.objective.model) - kinds.indexOf(b.config.objective.model) ||
      weightOf(a) - weightOf(b) ||
      a.created.localeCompare(b.created),
  );
}

/** What runs that are trained alike have in common. */
function budgetOf({ config: { architecture, latentDim, epochs, batchSize } }: RunInfo): string {
  return JSON.stringify([architecture, latentDim, epochs, batchSize]);
}

/** Of runs that were trained alike, those that have most of the paper's models, the newest where several have. */
function trainedAlike(runs: readonly RunInfo[]): readonly RunInfo[] {
  const kindsIn = (group: readonly RunInfo[]): number =>
    papersModels().filter((kind) => group.some(({ config }) => config.objective.model === kind)).length;
  /** By budget, in the order of the first run of each. */
  const alike: Record<string, RunInfo[]> = {};
  for (const run of runs) (alike[budgetOf(run)] ??= []).push(run);
  const groups = Object.values(alike);
  return groups.reduce((most, group) => (kindsIn(group) > kindsIn(most) ? group : most), groups[0] ?? []);
}

/**
 * The runs that a comparison begins with: the newest of each of the paper's models that was trained on the data set, first
 * of those that were trained alike, and where these are too few the newest others.
 *
 * @param runs - newest first
 */
export function defaultRuns(runs: readonly RunInfo[], dataset: string): RunInfo[] {
  const own = runs.filter((run) => run.dataset?.id === dataset);
  const alike = trainedAlike(own);
  const chosen = papersModels().flatMap((kind) => {
    const newest = [...alike, ...own].find(({ config }) => config.objective.model === kind);
    return newest ? [newest] : [];
  });
  for (const run of own) {
    if (chosen.length >= FEWEST_COMPARED) break;
    if (!chosen.includes(run)) chosen.push(run);
  }
  return inOrder(chosen);
}

/** Which runs are compared: those that a person has chosen for a data set, or the ones that go without saying. */
export class ComparedRuns {
  readonly #app: Library;
  /** By data set. */
  #chosen = $state.raw<Readonly<Record<string, readonly string[]>>>({});

  constructor(app: Library) {
    this.#app = app;
  }

  /** Runs that can look at the chosen data set: its own, then others of as many channels. */
  readonly candidates: readonly RunInfo[] = $derived.by(() => {
    const { dataset, library } = this.#app;
    if (!dataset) return [];
    const able = library.runs.filter((run) => hasDecoder(run) && run.channels === dataset.channels);
    const isOwn = (run: RunInfo): boolean => run.dataset?.id === dataset.id;
    return [...able.filter(isOwn), ...able.filter((run) => !isOwn(run))];
  });

  readonly runs: readonly RunInfo[] = $derived.by(() => {
    const { dataset } = this.#app;
    if (!dataset) return [];
    const chosen = this.#chosen[dataset.id];
    if (!chosen) return defaultRuns(this.candidates, dataset.id);
    return inOrder(this.candidates.filter(({ id }) => chosen.includes(id)));
  });

  /** What a person has chosen, by data set, for the next window. */
  get chosen(): Record<string, string[]> {
    return Object.fromEntries(Object.entries(this.#chosen).map(([dataset, runs]) => [dataset, [...runs]]));
  }

  /** Takes over what an earlier window kept. */
  restore(chosen: Readonly<Record<string, readonly string[]>>): void {
    this.#chosen = chosen;
  }

  includes(run: string): boolean {
    return this.runs.some(({ id }) => id === run);
  }

  /** Whether a run may be put beside the others, or taken away. */
  canToggle(run: string): boolean {
    const { length } = this.runs;
    // One alone may be taken back: it is no comparison yet.
    return this.includes(run) ? length !== FEWEST_COMPARED : length < MOST_COMPARED;
  }

  /** Puts a run beside the others, or takes it away; no more than four, no fewer than two. */
  toggle(run: string): void {
    const { dataset } = this.#app;
    if (!dataset || !this.canToggle(run)) return;
    const ids = this.runs.map(({ id }) => id);
    const next = this.includes(run) ? ids.filter((id) => id !== run) : [...ids, run];
    this.#chosen = { ...this.#chosen, [dataset.id]: next };
  }
}
