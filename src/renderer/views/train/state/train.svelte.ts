import type { DatasetInfo } from '../../../../contract/dataset.ts';
import type { GoalFacts } from '../../../../contract/goals/plan.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { listEntries, type Entry } from './entries.ts';
import { KnownRates, rateKey } from './known-rates.svelte.ts';
import { RunForm } from './run-form.svelte.ts';

interface Kept {
  readonly form: RunForm;
  readonly rates: KnownRates;
}

/** Kept while the window is open, so that who looks at something else meanwhile finds the form as it was left. */
const kept = new WeakMap<AppState, Kept>();

function keptOf(app: AppState): Kept {
  const earlier = kept.get(app);
  if (earlier) return earlier;
  const made: Kept[] = [];
  // What is derived in it outlives the view that opens it first.
  $effect.root(() => void made.push({ form: new RunForm(), rates: new KnownRates() }));
  kept.set(app, made[0]!);
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
  /** Chosen by a person; undefined: the form. */
  #key = $state<string | undefined>();
  /** A job whose run is looked at as soon as there is one. */
  #job = $state<string | undefined>();
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
    const { form, rates } = keptOf(app);
    this.form = form;
    this.rates = rates;
    this.form.datasetId = app.dataset?.id;
    if (this.facts) this.form.follow(this.facts);
    const first = this.entries.find(({ state }) => state === 'running') ?? this.entries[0];
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
    const { images, imageSize, channels } = dataset;
    return {
      ...{ images, imageSize, channels },
      processor: this.#app.info.device,
      measuredRate: (config) => all[rateKey(dataset, config)] ?? undefined,
    };
  });

  choose({ key, job }: Entry): void {
    this.#key = key;
    this.#job = job?.id;
  }

  /** Opens the form as it was left. */
  openForm(): void {
    this.#key = undefined;
    this.#job = undefined;
  }

  /** Opens the form with an entry's settings, at another learning rate where one is given. */
  changeSettings({ config, datasetId }: Entry, learningRate?: number): void {
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
    this.#key = undefined;
    this.#job = first;
  }

  /** Starts a training that was held, or goes on with one that was paused or interrupted. */
  async resume({ job, run }: Entry): Promise<void> {
    const { jobs } = this.#app;
    if (job?.state === 'held') await jobs.confirm(job.id);
    else if (job && (job.state === 'paused' || job.state === 'interrupted')) await jobs.resume(job.id);
    else if (run) this.#job = (await jobs.start({ kind: 'resume', run: run.id })).id;
  }
}
