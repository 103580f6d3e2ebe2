import type { DatasetInfo } from '../../../../contract/dataset.ts';
import type { MetricResult } from '../../../../contract/metrics.ts';
import type { Job } from '../../../../contract/job.ts';
import type { StoredEvaluation } from '../../../../contract/operations/measure.ts';
import { isVariational, type RunInfo } from '../../../../contract/run.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { showMatrix, type ShownMatrix } from '../matrix.ts';
import { ELBO, METRIC_CHOICES } from './metric-choices.ts';

/** One run measured on one data set: what was measured before, and the measurement under way. */
export class MeasureState {
  readonly run: RunInfo;
  readonly dataset: DatasetInfo;
  /** The last that was measured; null where nothing was yet. */
  stored = $state.raw<StoredEvaluation | null>(null);
  /** Whether it is known what there is. */
  isLoaded = $state(false);
  /** What the next measurement is asked for: ids of metrics, and {@link ELBO}. */
  wanted = $state.raw<readonly string[]>([]);
  seed = $state(0);
  #selected = $state<string | undefined>();
  readonly #app: AppState;
  readonly #stop: () => void;
  readonly #ask = new LatestAsk();

  readonly metrics: Readonly<Record<string, MetricResult>> = $derived.by(
    () => this.stored?.evaluation?.metrics ?? {},
  );
  /** The metric that is explained: the chosen one, else the first that has a value. */
  readonly selected: string | undefined = $derived.by(() => {
    if (this.#selected !== undefined && this.#selected in this.metrics) return this.#selected;
    const keys = Object.keys(this.metrics);
    return keys.find((key) => this.metrics[key]!.value !== null) ?? keys[0];
  });
  readonly result: MetricResult | undefined = $derived.by(() =>
    this.selected === undefined ? undefined : this.metrics[this.selected],
  );
  /** The same metrics of the run's independent axes; empty where they were not measured. */
  readonly axesMetrics: Readonly<Record<string, MetricResult>> = $derived.by(
    () => this.stored?.axes?.metrics ?? {},
  );
  /** The explained metric of the independent axes. */
  readonly axesResult: MetricResult | undefined = $derived.by(() =>
    this.selected === undefined ? undefined : this.axesMetrics[this.selected],
  );
  /** Whether the matrix of the independent axes is wanted in place of that of the dimensions. */
  wantsAxes = $state(false);
  /** Whether it is shown: only of a metric that has one. */
  readonly isOfAxes = $derived(this.wantsAxes && this.axesResult?.matrix != null);
  readonly matrix: ShownMatrix | undefined = $derived.by(() => {
    const of = this.isOfAxes ? this.stored?.axes : this.stored?.evaluation;
    const matrix = (this.isOfAxes ? this.axesResult : this.result)?.matrix;
    return matrix ? showMatrix(matrix, of?.dimensionNames ?? [], this.isOfAxes ? 'a' : 'z') : undefined;
  });
  /** The measurement under way, whoever began it. */
  readonly job: Job | undefined = $derived.by(() =>
    this.#app.jobs.active.find(({ request }) => this.#isOwn(request)),
  );

  constructor(app: AppState, run: RunInfo, dataset: DatasetInfo) {
    this.#app = app;
    this.run = run;
    this.dataset = dataset;
    this.wanted = [...METRIC_CHOICES.map(({ id }) => id), ...(this.hasPosterior ? [ELBO] : [])];
    this.#stop = app.client.on('job', ({ request, state }) => {
      if (state === 'done' && this.#isOwn(request)) app.attempt(() => this.load());
    });
  }

  /** Whether there is a KL to take apart. */
  get hasPosterior(): boolean {
    return isVariational(this.run.config.objective);
  }

  /** Whether there is anything to score the dimensions by. */
  get hasLabels(): boolean {
    return this.dataset.columns.length > 0;
  }

  select(key: string): void {
    this.#selected = key;
  }

  /** Reads what was measured before. */
  async load(): Promise<void> {
    const { run, dataset } = this;
    await this.#ask.ask(
      () => this.#app.client.request('runs.evaluation', { run: run.id, dataset: dataset.id }),
      (stored) => {
        this.stored = stored;
        this.isLoaded = true;
      },
    );
  }

  /** Begins a measurement of what is {@link wanted}. */
  async measure(): Promise<void> {
    const { run, dataset, seed, wanted } = this;
    const metrics = this.hasLabels ? [...wanted] : wanted.filter((id) => id === ELBO);
    await this.#app.jobs.start({ kind: 'evaluate', run: run.id, dataset: dataset.id, seed, metrics });
  }

  cancel(): void {
    const { job } = this;
    if (job) this.#app.attempt(() => this.#app.jobs.cancel(job.id));
  }

  /** Hears of nothing any more. */
  close(): void {
    this.#stop();
    this.#ask.close();
  }

  #isOwn(request: Job['request']): boolean {
    return request.kind === 'evaluate' && request.run === this.run.id && request.dataset === this.dataset.id;
  }
}
