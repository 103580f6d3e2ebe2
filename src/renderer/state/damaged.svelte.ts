import type { Client } from '../../contract/client.ts';
import type { Damaged } from '../../contract/damaged.ts';
import { LatestAsk } from './latest-ask.ts';

/** Whose folders cannot be read. */
export type DamagedKind = 'datasets' | 'runs';

/** The data sets and runs of the workspace that cannot be opened, kept up to date: they can only be removed. */
export class DamagedItems {
  datasets = $state.raw<readonly Damaged[]>([]);
  runs = $state.raw<readonly Damaged[]>([]);
  readonly #client: Client;
  readonly #asks = { datasets: new LatestAsk(), runs: new LatestAsk() };

  /** @param onFailure - hears why a list that has changed could not be read again */
  constructor(client: Client, onFailure: (error: unknown) => void) {
    this.#client = client;
    client.on('datasets.changed', () => void this.#load('datasets').catch(onFailure));
    client.on('runs.changed', () => void this.#load('runs').catch(onFailure));
  }

  async load(): Promise<void> {
    await Promise.all([this.#load('datasets'), this.#load('runs')]);
  }

  /** Removes one with everything in its folder. */
  async remove(kind: DamagedKind, id: string): Promise<void> {
    if (kind === 'datasets') await this.#client.request('datasets.remove', { dataset: id });
    else await this.#client.request('runs.remove', { run: id });
    await this.#load(kind);
  }

  async #load(kind: DamagedKind): Promise<void> {
    await this.#asks[kind].ask(
      () => this.#client.request(`${kind}.damaged`, {}),
      (damaged) => (this[kind] = damaged),
    );
  }
}
