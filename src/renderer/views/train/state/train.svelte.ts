import { untrack } from 'svelte';
import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { UnravelError } from '../../../../contract/errors.ts';
import type { GoalFacts } from '../../../../contract/goals/plan.ts';
import type { TrainingConfig } from '../../../../contract/run.ts';
import { hasModel } from '../../../components/run-words.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { listEntries, sharpenedFrom, type Entry } from './entries.ts';
import { KnownRates, rateKey } from './known-rates.svelte.ts';
import { RunForm } from './run-form.svelte.ts';

/** What was looked at when the view was left. */
interface Left {
  readonly key: string | undefined;
  readonly job: string | undefined;
  /** What was chosen in the title bar then. */
  readonly run: string | undefined;
  readonly dataset: string | undefined;
}

/** Kept while the window is open, so that who looks at something else meanwhile finds the view as it was left. */
interface Kept {
  readonly form: RunForm;
  readonly rates: KnownRates;
  left?: Left;
}
const keptOf = new WeakMap<AppState, Kept>();

function keep(app: AppState): Kept {
  const kept = keptOf.get(app);
  if (kept) return kept;
  const made: Kept[] = [];
  // What is derived in it outlives the view that opens it first.
  $effect.root(() => void made.push({ form: new RunForm(), rates: new KnownRates() }));
  keptOf.set(app, made[0]!);
  return made[0]!;
}

/** The training view: everything that trains or has trained, which of it is looked at, and the form for more. */
export class TrainState {
  readonly form: RunForm;
  /** Speeds that were measured here. */
  readonly rates: KnownRates;
  readonly entries: readonly Entry[] = $derived.by(() =>
    listEntries(this.#app.jobs.trainings, this.#app.library.runs),
  );
  /** How often a person has chosen what is looked at. */
  looks = $state(0);
  /** Chosen by a person; undefined: the form. */
  #key = $state<string | undefined>();
  /** A job whose run is looked at as soon as there is one. */
  #job = $state<string | undefined>();
  readonly #app: AppState;
  readonly #kept: Kept;
  /** What was chosen in the title bar when it was followed last. */
  #followed: { readonly run: string | undefined; readonly dataset: string | undefined };

  constructor(app: AppState) {
    this.#app = app;
    this.#kept = keep(app);
    this.form = this.#kept.form;
    this.rates = this.#kept.rates;
    const [run, dataset] = [app.run?.id, app.dataset?.id];
    this.#followed = { run, dataset };
    this.form.datasetId = dataset;
    if (this.facts) this.form.follow(this.facts);
    if (this.takeRequest()) return;
    const { left } = this.#kept;
    if (left && left.run === run && left.dataset === dataset) {
      this.#look(left.key, left.job);
      if (this.entry || left.key === undefined) return;
    }
    const first =
      this.entries.find(({ state }) => state === 'running') ??
      this.entries.find(({ key }) => key === run) ??
      this.entries.find(({ datasetId }) => datasetId === dataset);
    if (first) this.choose(first);
  }

  /** What is looked at; undefined while the form is open. */
  readonly entry: Entry | undefined = $derived(
    this.entries.find(({ key, job }) => key === this.#key || (job !== undefined && job.id === this.#job)),
  );

  /** The data set that the form trains on. */
  readonly dataset: DatasetInfo | undefined = $derived.by(
    () =>
      this.#app.library.dataset(this.form.datasetId) ?? this.#app.dataset ?? this.#app.library.datasets[0],
  );

  /** What the settings of a goal depend on; undefined while there are no images. */
  readonly facts: GoalFacts | undefined = $derived.by(() => {
    const { dataset } = this;
    if (!dataset) return undefined;
    // Read here, so that whoever follows the facts hears of each new rate.
    const { all } = this.rates;
    const { images, imageSize, channels, split } = dataset;
    return {
      ...{ images, imageSize, channels, split },
      processor: this.#app.info.device,
      measuredRate: (config) => all[rateKey(dataset, config)] ?? undefined,
    };
  });

  choose({ key, job }: Entry): void {
    this.#look(key, job?.id);
  }

  /** Looks at a job's training, as soon as it is in the list. */
  showJob(job: string): void {
    this.#look(undefined, job);
  }

  /** Looks at an entry, whose run is then chosen in every view. */
  lookAt(entry: Entry): void {
    this.choose(entry);
    const { run } = entry;
    if (run && hasModel(run) && this.#app.run?.id !== run.id) this.#app.chooseRun(run.id);
  }

  /** Follows what is chosen in the title bar: its run is looked at, and the form is about its data set. */
  follow(run: string | undefined, dataset: string | undefined): void {
    const before = this.#followed;
    this.#followed = { run, dataset };
    this.#remember();
    if (dataset !== before.dataset) this.form.datasetId = dataset;
    // Another data set brings its run with it; the form stays open for it.
    if (run === before.run || (!this.entry && dataset !== before.dataset)) return;
    const chosen = this.entries.find(({ key }) => key === run);
    if (chosen) this.choose(chosen);
  }

  /** Chooses the form's data set in every view. */
  chooseDataset(id: string | undefined): void {
    if (id !== undefined && id !== this.#app.dataset?.id && this.#app.library.dataset(id))
      this.#app.chooseDataset(id);
  }

  /** Opens the form if another view has asked for it. */
  takeRequest(): boolean {
    const { formRequest } = this.#app;
    if (!formRequest) return false;
    this.#app.formRequest = undefined;
    this.openForm(formRequest.config);
    return true;
  }

  /** Opens the form as it was left, or with the settings of a run. */
  openForm(config?: TrainingConfig): void {
    if (config) this.form.fillWith(config, this.#app.dataset);
    this.#look(undefined, undefined);
  }

  /** Opens the form with an entry's settings, at another learning rate where one is given. */
  changeSettings(entry: Entry, learningRate?: number): void {
    const { config, datasetId } = entry;
    const origin = sharpenedFrom(entry);
    if (origin !== undefined) {
      this.#sharpenAgain(origin, learningRate);
      return;
    }
    if (!config) return;
    this.form.fillWith(
      learningRate === undefined ? config : { ...config, learningRate },
      this.#app.library.dataset(datasetId),
    );
    this.openForm();
  }

  /** Queues a training for each run that the form asks for, and looks at the first. */
  async start(): Promise<void> {
    const { dataset, form } = this;
    if (!dataset || !form.isUsable) return;
    let first: string | undefined;
    for (const run of form.runs) {
      const job = await this.#app.jobs.start({ kind: 'train', dataset: dataset.id, ...run });
      first ??= job.id;
    }
    this.#look(undefined, first);
    if (first !== undefined) this.#app.expectRunOf(first);
  }

  /** Starts a training that was held, or goes on with one that was paused or interrupted. */
  async resume({ job, run }: Entry): Promise<void> {
    const { jobs } = this.#app;
    if (job?.state === 'held') await jobs.confirm(job.id);
    else if (job && (job.state === 'paused' || job.state === 'interrupted')) await jobs.resume(job.id);
    else if (run) this.#look(this.#key, (await jobs.start({ kind: 'resume', run: run.id })).id);
  }

  /** A sharpening has settings of its own, which the form does not have. */
  #sharpenAgain(origin: string, learningRate: number | undefined): void {
    const run = this.#app.library.run(origin);
    if (run) this.#app.sharpen(run, learningRate);
    else {
      this.#app.toasts.fail(
        new UnravelError('not-found', 'The run that was to be sharpened has been removed.', {
          hint: 'Sharpen another one.',
        }),
      );
    }
  }

  #look(key: string | undefined, job: string | undefined): void {
    this.#key = key;
    this.#job = job;
    this.looks = untrack(() => this.looks) + 1;
    this.#remember();
  }

  #remember(): void {
    this.#kept.left = { key: this.#key, job: this.#job, ...this.#followed };
  }
}
