import { createContext } from 'svelte';
import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { errorFromPayload, UnravelError } from '../../contract/errors.ts';
import type { App as AppInfo } from '../../contract/operations/app.ts';
import type { Source } from '../../contract/operations/sources.ts';
import type { RunInfo } from '../../contract/run.ts';
import type { ViewId } from '../../contract/views.ts';
import type { Theme } from '../theme/theme.svelte.ts';
import { ComparedRuns } from './compared-runs.svelte.ts';
import { Incoming } from './incoming.svelte.ts';
import { Jobs } from './jobs.svelte.ts';
import { Library } from './library.svelte.ts';
import { ScatterView } from './scatter-view.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

/** An image to go to in Explore, asked for by another view. */
export interface ImageTarget {
  readonly dataset: string;
  readonly index: number;
}

/** What the whole window shares: the connection, what there is, and what is chosen. */
export class AppState {
  readonly client: Client;
  readonly info: AppInfo;
  readonly library: Library;
  readonly jobs: Jobs;
  /** Files and data sets on their way in. */
  readonly incoming: Incoming;
  /** The runs that Compare puts side by side. */
  readonly compared: ComparedRuns;
  readonly toasts = new Toasts();
  readonly theme: Theme;
  readonly scatterView = new ScatterView();
  view = $state<ViewId>('explore');
  #datasetId = $state<string | undefined>();
  #runId = $state<string | undefined>();
  /** The source whose drop sheet is open. */
  source = $state.raw<Source | undefined>();
  /** Where Explore should go; Explore takes it. */
  target = $state.raw<ImageTarget | undefined>();
  /** Where Data should go; Data takes it. */
  dataTarget = $state.raw<ImageTarget | undefined>();
  engine = $state<'starting' | 'ready' | 'restarting' | 'failed'>('ready');

  constructor(client: Client, info: AppInfo, theme: Theme) {
    this.client = client;
    this.info = info;
    this.theme = theme;
    this.library = new Library(client, (error) => this.toasts.fail(error));
    this.jobs = new Jobs(client);
    this.incoming = new Incoming(this);
    this.compared = new ComparedRuns(this);
    client.on('engine', ({ state, error }) => {
      this.engine = state;
      if (state !== 'failed') return;
      this.toasts.fail(
        error ? errorFromPayload(error) : new UnravelError('native', 'The engine does not start.'),
      );
    });
    client.on('trouble', (trouble) => this.toasts.fail(errorFromPayload(trouble)));
    client.on('opened', (source) => (this.source = source));
    client.on('job', ({ state, error, request }) => {
      if (state !== 'failed' || !error || request.kind === 'measure') return;
      if (request.kind === 'train' || request.kind === 'resume') {
        // Its own view says what to do about it.
        const action = { label: 'Show', run: () => (this.view = 'train') };
        this.toasts.show({ kind: 'error', message: error.message, action });
      } else {
        this.toasts.fail(errorFromPayload(error));
      }
    });
  }

  get dataset(): DatasetInfo | undefined {
    return this.library.dataset(this.#datasetId);
  }

  get run(): RunInfo | undefined {
    return this.library.run(this.#runId);
  }

  /** Loads what there is and chooses what was made last. */
  async load(): Promise<void> {
    await Promise.all([this.library.load(), this.jobs.load()]);
    const run = this.library.runs.find(({ epoch, state }) => epoch > 0 || state === 'imported');
    if (run) this.chooseRun(run.id);
    else this.#datasetId = this.library.datasets[0]?.id;
  }

  /** A run brings its data set with it. */
  chooseRun(id: string): void {
    this.#runId = id;
    const own = this.library.run(id)?.dataset?.id;
    if (own !== undefined && this.library.dataset(own)) this.#datasetId = own;
    // A model from elsewhere has none: it looks at the newest that it can see.
    this.#datasetId ??= this.library.datasets.find(({ id: other }) => this.#fits(this.run, other))?.id;
  }

  /** A data set brings its newest run with it; a run that was trained on other images may look at these too. */
  chooseDataset(id: string): void {
    this.#datasetId = id;
    if (this.run?.dataset?.id === id) return;
    const newest = this.library.runs.find(({ dataset, epoch }) => dataset?.id === id && epoch > 0);
    if (newest) this.#runId = newest.id;
    else if (!this.#fits(this.run, id)) this.#runId = undefined;
  }

  /** Shows an image's point. */
  showImage(dataset: string, index: number): void {
    if (this.dataset?.id !== dataset) this.chooseDataset(dataset);
    this.target = { dataset, index };
    this.view = 'explore';
  }

  /** Shows an image among those of its data set. */
  showInData(dataset: string, index: number): void {
    this.dataTarget = { dataset, index };
    this.view = 'data';
  }

  /** Does something that may fail, and says so where it does. */
  attempt(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.toasts.fail(error));
  }

  #fits(run: RunInfo | undefined, dataset: string): boolean {
    return run?.channels === this.library.dataset(dataset)?.channels;
  }
}

/** The window's state, for every component below {@link setApp}. */
export const [getApp, setApp] = createContext<AppState>();
