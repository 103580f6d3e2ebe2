import { errorPayload, UnravelError, type ErrorPayload } from '../../../../contract/errors.ts';
import type { Job } from '../../../../contract/job.ts';
import type { IndependentAxes } from '../../../../contract/operations/codes.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';

/** Loads the independent axes of a run's codes of a data set, and has them found where there are none yet. */
export class AxesSearch {
  /** The axes, as soon as they are there. */
  found = $state.raw<IndependentAxes | undefined>();
  /** Whether the sliders are to move along axes. */
  isWanted = $state(false);
  /** The job that finds the axes. */
  job = $state.raw<Job | undefined>();
  /** Why there are none. */
  problem = $state.raw<ErrorPayload | undefined>();
  readonly #app: Pick<AppState, 'client' | 'jobs'>;
  readonly #pair: { readonly run: string; readonly dataset: string };
  readonly #ask = new LatestAsk();

  constructor(
    app: Pick<AppState, 'client' | 'jobs'>,
    pair: { readonly run: string; readonly dataset: string },
  ) {
    this.#app = app;
    this.#pair = pair;
  }

  /**
   * Takes axes that are stored with the run. Where they carry more labels and factors than the dimensions do, the
   * sliders begin with them.
   */
  offer(axes: IndependentAxes, dimensions: readonly Named[]): void {
    this.found = axes;
    this.isWanted ||= namesMore(axes.axes, dimensions);
  }

  /** Wants axes: reads those that are stored, or starts a job that finds them. */
  async show(): Promise<void> {
    this.isWanted = true;
    if (this.found || this.#ask.isAsking) return;
    this.problem = undefined;
    try {
      await this.#ask.ask(
        (signal) => this.#load(signal),
        (axes) => (this.found = axes),
      );
    } catch (error) {
      this.problem = errorPayload(error);
    } finally {
      this.job = undefined;
    }
  }

  /** Wants dimensions again. A search under way goes on, so that the axes are there the next time. */
  hide(): void {
    this.isWanted = false;
  }

  /** Loads nothing any more. */
  close(): void {
    this.#ask.close();
  }

  async #load(signal: AbortSignal): Promise<IndependentAxes> {
    const { client, jobs } = this.#app;
    const stored = await client.request('codes.axes', this.#pair);
    if (stored) return stored;
    signal.throwIfAborted();
    await jobs.perform({ kind: 'axes', ...this.#pair }, (job) => {
      if (!signal.aborted) this.job = job;
    });
    signal.throwIfAborted();
    const axes = await client.request('codes.axes', this.#pair);
    if (axes) return axes;
    throw new UnravelError('not-found', 'The axes that were found are no longer there.', {
      hint: 'The run may have been trained further meanwhile. Find them again.',
    });
  }
}

interface Named {
  readonly name?: string | undefined;
}

/** Whether independent axes carry more labels and factors than dimensions do. */
export function namesMore(axes: readonly Named[], dimensions: readonly Named[]): boolean {
  const count = (carriers: readonly Named[]): number =>
    carriers.flatMap(({ name }) => name ?? []).filter((name, i, all) => all.indexOf(name) === i).length;
  return count(axes) > count(dimensions);
}
