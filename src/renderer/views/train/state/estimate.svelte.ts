import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { isEnd } from '../../../../contract/job.ts';
import type { TrainingConfig } from '../../../../contract/run.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { Latest } from '../../../state/latest.ts';
import { estimateWords } from './estimate-words.ts';
import { stepsPerEpoch } from './papers.ts';

/** What is about to be trained. */
interface Plan {
  readonly dataset: DatasetInfo;
  readonly configs: readonly TrainingConfig[];
}

/** A pause in typing, after which it is worth measuring. */
const SETTLED_MS = 700;

/** What decides how fast a step is. */
function paceKey({ dataset: { imageSize, channels } }: Plan, config: TrainingConfig): string {
  const { objective, architecture, latentDim, batchSize, precision } = config;
  return [imageSize, channels, objective.model, architecture, latentDim, batchSize, precision].join(' ');
}

/**
 * How long trainings will take: from the rates of earlier ones, or else by timing a few steps. Nothing is timed while
 * something trains: both would be slowed, and the answer wrong.
 */
export class Estimate {
  isMeasuring = $state(false);
  #plan = $state.raw<Plan | undefined>();
  #rates = $state.raw<Readonly<Record<string, number | null>>>({});
  readonly #app: AppState;
  readonly #look: Latest<Plan, void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #job: string | undefined;
  /** Whose pace is being timed; undefined once that was stopped. */
  #measured: string | undefined;
  #isClosed = false;

  constructor(app: AppState) {
    this.#app = app;
    this.#look = new Latest({
      load: (plan, signal) => this.#lookUp(plan, signal),
      show: (_rates, plan) => this.#measureUnknown(plan),
      fail: (error) => app.toasts.fail(error),
    });
  }

  /** `about 18 min at 412 images / s`; undefined while it is not known. */
  readonly words = $derived.by(() => {
    const plan = this.#plan;
    if (!plan) return undefined;
    return estimateWords(
      plan.configs.map((config) => ({
        images: stepsPerEpoch(plan.dataset.images, config) * config.batchSize * config.epochs,
        rate: this.#rates[paceKey(plan, config)] ?? undefined,
      })),
    );
  });

  /** What stands where the words will be. */
  get placeholder(): string {
    if (!this.#plan || this.#plan.configs.length === 0) return '';
    const { active } = this.#app.jobs;
    if (this.isMeasuring || active.some(({ request }) => request.kind === 'measure')) return 'measuring…';
    return active.length > 0 ? 'known when the processor is free' : '';
  }

  /** Whether nothing else has the processor. */
  readonly isFree = $derived.by(() =>
    this.#app.jobs.active.every(({ request }) => request.kind === 'measure'),
  );

  /**
   * Estimates this from now on.
   *
   * @param mayMeasure - whether the processor is free for it
   */
  follow(dataset: DatasetInfo, configs: readonly TrainingConfig[], mayMeasure: boolean): void {
    const plan = { dataset, configs };
    this.#plan = plan;
    clearTimeout(this.#timer);
    const isOutdated =
      this.#measured !== undefined && configs.every((config) => paceKey(plan, config) !== this.#measured);
    if (isOutdated || !mayMeasure) this.#stop();
    this.#look.ask(plan);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#look.close();
    this.#stop();
  }

  /** Rates are kept by what decides them: one that comes late is as true. */
  async #lookUp(plan: Plan, signal: AbortSignal): Promise<void> {
    const { imageSize, channels } = plan.dataset;
    for (const config of plan.configs) {
      const key = paceKey(plan, config);
      if (key in this.#rates) continue;
      const rate = await this.#app.client.request('runs.rate', { config, imageSize, channels });
      this.#rates = { ...this.#rates, [key]: rate };
      signal.throwIfAborted();
    }
  }

  #measureUnknown(plan: Plan): void {
    const unknown = plan.configs.find((config) => this.#rates[paceKey(plan, config)] === null);
    if (!unknown || !this.#isFollowing(plan)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#measure(plan, unknown), SETTLED_MS);
  }

  async #measure(plan: Plan, config: TrainingConfig): Promise<void> {
    if (!this.#isFollowing(plan) || this.isMeasuring || !this.isFree) return;
    const key = paceKey(plan, config);
    this.isMeasuring = true;
    this.#measured = key;
    try {
      const request = { kind: 'measure', dataset: plan.dataset.id, config } as const;
      const job = await this.#app.jobs.perform(request, ({ id, state }) => {
        if (isEnd(state)) return;
        this.#job = id;
        // It was stopped before it had a name.
        if (this.#measured !== key) this.#stop();
      });
      this.#keep(key, job.result?.imagesPerSecond ?? 0);
      await this.#app.jobs.dismiss(job.id);
    } catch (error) {
      // Where it was stopped for other settings, it may be timed another time; else it cannot be told.
      if (this.#measured === key) {
        this.#keep(key, 0);
        this.#app.toasts.fail(error);
      }
    } finally {
      this.isMeasuring = false;
      this.#job = undefined;
      this.#measured = undefined;
    }
    // There may be another model whose pace is not known, or newer settings.
    const next = this.#plan;
    if (this.#isFollowing(next)) this.#look.ask(next);
  }

  #keep(key: string, rate: number): void {
    this.#rates = { ...this.#rates, [key]: rate };
  }

  #isFollowing(plan: Plan | undefined): plan is Plan {
    return plan !== undefined && this.#plan === plan && !this.#isClosed;
  }

  #stop(): void {
    const job = this.#job;
    this.#job = undefined;
    this.#measured = undefined;
    // It may have ended by itself meanwhile, which is as well.
    if (job !== undefined) void this.#app.jobs.cancel(job).catch(() => undefined);
  }
}
