import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';
import { withDatasetName } from '../../contract/run.ts';
import { DamagedItems } from './damaged.svelte.ts';
import { LatestAsk } from './latest-ask.ts';

/** The data sets and runs of the workspace, kept up to date, newest first. */
export class Library {
  datasets = $state.raw<readonly DatasetInfo[]>([]);
  /** Each with the name that its data set has now. */
  runs = $state.raw<readonly RunInfo[]>([]);
  /** The model of the first launch that opens first; undefined where it was removed. */
  readonly starter = $derived(this.runs.find(({ id }) => id.startsWith('starter-')));
  readonly damaged: DamagedItems;
  readonly #client: Client;
  readonly #onChange: () => void;
  readonly #askDatasets = new LatestAsk();
  readonly #askRuns = new LatestAsk();

  /**
   * @param onFailure - hears why a list that has changed could not be read again
   * @param onChange - called when a list has been read again
   */
  constructor(
    client: Client,
    {
      onFailure,
      onChange = () => undefined,
    }: { readonly onFailure: (error: unknown) => void; readonly onChange?: () => void },
  ) {
    this.#client = client;
    this.#onChange = onChange;
    this.damaged = new DamagedItems(client, onFailure);
    client.on('datasets.changed', () => void this.loadDatasets().catch(onFailure));
    client.on('runs.changed', () => void this.loadRuns().catch(onFailure));
    // An epoch's end changes a run's numbers.
    client.on('epoch', () => void this.loadRuns().catch(onFailure));
  }

  async load(): Promise<void> {
    await Promise.all([this.loadDatasets(), this.loadRuns(), this.damaged.load()]);
  }

  async loadDatasets(): Promise<void> {
    await this.#askDatasets.ask(
      () => this.#client.request('datasets.list', {}),
      (datasets) => {
        this.datasets = datasets;
        this.runs = this.#named(this.runs);
        this.#onChange();
      },
    );
  }

  async loadRuns(): Promise<void> {
    await this.#askRuns.ask(
      () => this.#client.request('runs.list', {}),
      (runs) => {
        this.runs = this.#named(runs);
        this.#onChange();
      },
    );
  }

  #named(runs: readonly RunInfo[]): readonly RunInfo[] {
    return runs.map((run) => withDatasetName(run, this.datasets));
  }

  dataset(id: string | undefined): DatasetInfo | undefined {
    return this.datasets.find((dataset) => dataset.id === id);
  }

  run(id: string | undefined): RunInfo | undefined {
    return this.runs.find((run) => run.id === id);
  }
}
