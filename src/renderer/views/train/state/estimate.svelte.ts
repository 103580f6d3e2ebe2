import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { isEnd } from '../../../../contract/job.ts';
import { expectedSeconds } from '../../../../contract/goals/speed.ts';
import type { TrainingConfig } from '../../../../contract/run.ts';
import { trainingLength } from '../../../../contract/training-length.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { Latest } from '../../../state/latest.ts';
import { estimateWords } from './estimate-words.ts';
import { KnownRates, rateKey } from './known-rates.svelte.ts';

/** What is about to be trained. */
interface Plan {
  readonly dataset: DatasetInfo;
  readonly configs: readonly TrainingConfig[];
}

/** A pause in typing, after which it is worth measuring. */
const SETTLED_MS = 700;

/**
 * How long trainings will take: from the rates of earlier ones, or else by timing a few steps. Nothing is timed while
 * something trains: both would be slowed, and the answer wrong.
 */
export class Estimate {
  isMeasuring = $state(false);
  #plan = $state.raw<Plan | undefined>();
  readonly #app: AppState;
  readonly #rates: KnownRates;
  readonly #look: Latest<Plan, void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #job: string | undefined;
  /** Whose pace is being timed; undefined once that was stopped. */
  #measured: string | undefined;
  #isClosed = false;

  /** @param rates - where rates are kept, so that they outlive the form */
  constructor(app: AppState, rates = new KnownRates()) {
    this.#app = app;
    this.#rates = rates;
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
      plan.configs.map((config) => {
        const rate = this.#rates.of(plan.dataset, config);
        return rate
          ? {
              images: trainingLength(plan.dataset, config).imagesSeen,
              rate,
              seconds: expectedSeconds(plan.dataset, config, rate),
            }
          : undefined;
      }),
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
      this.#measured !== undefined && configs.every((config) => rateKey(dataset, config) !== this.#measured);
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
      if (this.#rates.of(plan.dataset, config) !== undefined) continue;
      const rate = await this.#app.client.request('runs.rate', { config, imageSize, channels });
      this.#rates.keep(rateKey(plan.dataset, config), rate);
      signal.throwIfAborted();
    }
  }

  #measureUnknown(plan: Plan): void {
    const unknown = plan.configs.find((config) => this.#rates.of(plan.dataset, config) === null);
    if (!unknown || !this.#isFollowing(plan)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#measure(plan, unknown), SETTLED_MS);
  }

  async #measure(plan: Plan, config: TrainingConfig): Promise<void> {
    if (!this.#isFollowing(plan) || this.isMeasuring || !this.isFree) return;
    const key = rateKey(plan.dataset, config);
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
      this.#rates.keep(key, job.result?.imagesPerSecond ?? 0);
      await this.#app.jobs.dismiss(job.id);
    } catch (error) {
      // Where it was stopped for other settings, it may be timed another time; else it cannot be told.
      if (this.#measured === key) {
        this.#rates.keep(key, 0);
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
