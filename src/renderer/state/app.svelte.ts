import { createContext } from 'svelte';
import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { errorFromPayload, UnravelError } from '../../contract/errors.ts';
import { isTraining } from '../../contract/job.ts';
import type { App as AppInfo } from '../../contract/operations/app.ts';
import type { Source } from '../../contract/operations/sources.ts';
import type { Remembered } from '../../contract/remembered.ts';
import type { RunInfo, TrainingConfig } from '../../contract/run.ts';
import type { ViewId } from '../../contract/views.ts';
import type { Theme } from '../theme/theme.svelte.ts';
import { hasModel } from '../components/run-words.ts';
import { ComparedRuns } from './compared-runs.svelte.ts';
import { Help } from './help.svelte.ts';
import { Incoming, type CodesSource } from './incoming.svelte.ts';
import { Jobs } from './jobs.svelte.ts';
import { Latest } from './latest.ts';
import { Library } from './library.svelte.ts';
import { Presentation } from './presentation.svelte.ts';
import { ScatterView } from './scatter-view.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Toasts } from './toasts.svelte.ts';
import { Tour } from './tour.svelte.ts';

/** An image to go to in Explore, asked for by another view. */
export interface ImageTarget {
  readonly dataset: string;
  readonly index: number;
}

/** A data set or a run, as its menu speaks of it. */
export interface Item {
  readonly kind: 'dataset' | 'run';
  readonly id: string;
  readonly name: string;
}

/** The sheet of Train that sharpens a run, asked for by its menu or by a sharpening that failed. */
export interface SharpenRequest {
  readonly run: string;
  /** The learning rate that it begins with; the default if left out. */
  readonly learningRate?: number;
}

/** The form of Train, asked for by another view. */
export interface FormRequest {
  /** The settings that it is filled with; as it was left if left out. */
  readonly config?: TrainingConfig;
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
  /** What is selected in each data set and run. */
  readonly selection = new Selection();
  readonly toasts = new Toasts();
  readonly help = new Help();
  readonly presentation = new Presentation(this);
  readonly tour = new Tour(this);
  readonly theme: Theme;
  readonly scatterView = new ScatterView();
  view = $state<ViewId>('explore');
  #datasetId = $state<string | undefined>();
  #runId = $state<string | undefined>();
  /** The training that a person has started: its run is chosen as soon as it has a model. */
  #started: string | undefined;
  /** The source whose drop sheet is open. */
  source = $state.raw<Source | undefined>();
  /** The codes whose sheet is open. */
  codes = $state.raw<CodesSource | undefined>();
  /** Where Explore should go; Explore takes it. */
  target = $state.raw<ImageTarget | undefined>();
  /** The training that Train should show, by its job; Train takes it. */
  trainTarget = $state<string | undefined>();
  /** Where Data should go; Data takes it. */
  dataTarget = $state.raw<ImageTarget | undefined>();
  /** The form that Train should open; Train takes it. */
  formRequest = $state.raw<FormRequest | undefined>();
  /** The run, by its id, whose sheet for training it further is open in Train. */
  furtherRun = $state<string | undefined>();
  /** The sheet for sharpening a run, open in Train. */
  sharpenRequest = $state.raw<SharpenRequest | undefined>();
  /** The data set or run that is being renamed. */
  renaming = $state.raw<Item | undefined>();
  engine = $state<'starting' | 'ready' | 'restarting' | 'failed'>('ready');

  constructor(client: Client, info: AppInfo, theme: Theme) {
    this.client = client;
    this.info = info;
    this.theme = theme;
    this.library = new Library(client, {
      onFailure: (error) => this.toasts.fail(error),
      onChange: () => {
        this.#replaceGone();
        this.#chooseStarted();
      },
    });
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
    client.on('opened', (source) => this.attempt(() => this.incoming.open(() => Promise.resolve(source))));
    client.on('job', ({ state, error, request }) => {
      if (state !== 'failed' || !error || request.kind === 'measure') return;
      if (isTraining(request)) {
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

  /** What the window shows, for the next window of this workspace. */
  get remembered(): Remembered {
    return {
      view: this.view,
      ...(this.#datasetId === undefined ? {} : { dataset: this.#datasetId }),
      ...(this.#runId === undefined ? {} : { run: this.#runId }),
      ...this.selection.kept,
      compared: this.compared.chosen,
    };
  }

  /** Has the host keep what the window shows. */
  keep(remembered: Remembered): void {
    this.#keep.ask(remembered);
  }

  /** As {@link keep}, for a window that ends now. */
  keepNow(): void {
    this.client.request('app.remember', this.remembered).catch(() => undefined);
  }

  /**
   * Loads what there is and chooses what an earlier window showed, else what was made last.
   *
   * @param before - what this window showed before it lost its connection
   */
  async load(before?: Remembered): Promise<void> {
    const [recalled] = await Promise.all([
      before ?? this.client.request('app.recall', {}),
      this.library.load(),
      this.jobs.load(),
    ]);
    this.#restore(recalled);
    if (!this.dataset && !this.run) this.#chooseNewest();
  }

  /** The run of a job that a person has started is chosen when it has a model, unless they choose another before. */
  expectRunOf(job: string): void {
    this.#started = job;
  }

  /** A run brings its data set with it. */
  chooseRun(id: string): void {
    this.#started = undefined;
    this.#runId = id;
    const own = this.library.run(id)?.dataset?.id;
    if (own !== undefined && this.library.dataset(own)) this.#datasetId = own;
    // A model from elsewhere has none: it looks at the newest that it can see.
    if (this.#datasetId === undefined || !this.#fits(this.run, this.#datasetId)) {
      this.#datasetId =
        this.library.datasets.find(({ id: other }) => this.#fits(this.run, other))?.id ?? this.#datasetId;
    }
  }

  /** A data set brings its newest run with it; a run that was trained on other images may look at these too. */
  chooseDataset(id: string): void {
    this.#started = undefined;
    this.#datasetId = id;
    if (this.run?.dataset?.id === id) return;
    if (!this.#chooseNewestOf(id) && !this.#fits(this.run, id)) this.#runId = undefined;
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

  /** Opens Train's form on the current data set, or filled with a run's settings and on its data set. */
  openForm(from?: RunInfo): void {
    const own = from?.dataset?.id;
    if (own !== undefined && this.library.dataset(own) && this.dataset?.id !== own) this.chooseDataset(own);
    this.formRequest = from ? { config: from.config } : {};
    this.view = 'train';
  }

  /** Opens the sheet of Train that trains a run further. */
  trainFurther(run: RunInfo): void {
    this.chooseRun(run.id);
    this.view = 'train';
    this.furtherRun = run.id;
  }

  /** Opens the sheet of Train that sharpens a run. */
  sharpen({ id }: RunInfo, learningRate?: number): void {
    this.chooseRun(id);
    this.view = 'train';
    this.sharpenRequest = { run: id, ...(learningRate === undefined ? {} : { learningRate }) };
  }

  /** Does something that may fail, and says so where it does. */
  attempt(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.toasts.fail(error));
  }

  /** Keeps the newest of what is asked; nothing depends on it, so that a failure is not reported. */
  readonly #keep = new Latest<Remembered, unknown>({
    load: (remembered) => this.client.request('app.remember', remembered),
    show: () => undefined,
    fail: () => undefined,
  });

  #restore({ view, dataset, run, compared, ...selection }: Remembered): void {
    if (view !== undefined) this.view = view;
    this.selection.restore(selection);
    this.compared.restore(compared);
    if (run !== undefined && this.library.run(run)) this.#runId = run;
    if (dataset !== undefined && this.library.dataset(dataset)) this.#datasetId = dataset;
    if (this.#runId !== undefined && this.#datasetId === undefined) this.chooseRun(this.#runId);
    else if (this.#datasetId !== undefined && this.#runId === undefined) this.chooseDataset(this.#datasetId);
  }

  #chooseNewest(): void {
    const run = this.library.runs.find(hasModel);
    if (run) this.chooseRun(run.id);
    else this.#datasetId = this.library.datasets[0]?.id;
  }

  /** Chooses something else in the place of a data set or run that was removed. */
  #replaceGone(): void {
    if (this.#datasetId !== undefined && !this.dataset) {
      this.#datasetId = undefined;
      const [next] = this.library.datasets;
      if (next) this.chooseDataset(next.id);
    }
    if (this.#runId !== undefined && !this.run) {
      this.#runId = undefined;
      if (this.#datasetId === undefined) this.#chooseNewest();
      else this.chooseDataset(this.#datasetId);
    }
  }

  /** Chooses the run that was started last once it has a model, and any run for a data set that had none. */
  #chooseStarted(): void {
    const job = this.jobs.list.find(({ id }) => id === this.#started);
    const started = this.library.run(job?.run);
    if (started && hasModel(started)) this.chooseRun(started.id);
    else if (this.#runId === undefined && this.#datasetId !== undefined)
      this.#chooseNewestOf(this.#datasetId);
  }

  #chooseNewestOf(dataset: string): boolean {
    const newest = this.library.runs.find((run) => run.dataset?.id === dataset && hasModel(run));
    if (newest) this.#runId = newest.id;
    return newest !== undefined;
  }

  #fits(run: RunInfo | undefined, dataset: string): boolean {
    return run?.channels === this.library.dataset(dataset)?.channels;
  }
}

/** The window's state, for every component below {@link setApp}. */
export const [getApp, setApp] = createContext<AppState>();
