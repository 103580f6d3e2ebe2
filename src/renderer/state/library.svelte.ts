import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';

/** The data sets and runs of the workspace, kept up to date, newest first. */
export class Library {
  datasets = $state.raw<readonly DatasetInfo[]>([]);
  runs = $state.raw<readonly RunInfo[]>([]);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    client.on('datasets.changed', () => void this.loadDatasets());
    client.on('runs.changed', () => void this.loadRuns());
    // An epoch's end changes a run's numbers.
    client.on('epoch', () => void this.loadRuns());
  }

  async load(): Promise<void> {
    await Promise.all([this.loadDatasets(), this.loadRuns()]);
  }

  async loadDatasets(): Promise<void> {
    this.datasets = await this.#client.request('datasets.list', {});
  }

  async loadRuns(): Promise<void> {
    this.runs = await this.#client.request('runs.list', {});
  }

  dataset(id: string | undefined): DatasetInfo | undefined {
    return this.datasets.find((dataset) => dataset.id === id);
  }

  run(id: string | undefined): RunInfo | undefined {
    return this.runs.find((run) => run.id === id);
  }
}
