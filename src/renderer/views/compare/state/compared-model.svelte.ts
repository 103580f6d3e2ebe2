import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import type { Job } from '../../../../contract/job.ts';
import type { Dimension } from '../../../../contract/operations/codes.ts';
import type { CarriedLabels } from '../../../../contract/operations/measure.ts';
import type { Posterior } from '../../../../contract/operations/models.ts';
import type { EpochMetric } from '../../../../contract/operations/runs.ts';
import { isVariational, type RunInfo } from '../../../../contract/run.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { Latest } from '../../../state/latest.ts';
import { bestOf, byStrength, type MovedDimension } from './features.ts';

/** One of the models side by side: what it makes of the images, its samples, its dimensions and its curve. */
export class ComparedModel {
  readonly run: RunInfo;
  readonly dataset: DatasetInfo;
  /** What it says of the shown images, in their order; those that are still on their way are missing. */
  posteriors = $state.raw<readonly (Posterior | undefined)[]>([]);
  /** Decoded from the prior. */
  samples = $state.raw<readonly FaceImage[]>([]);
  dimensions = $state.raw<readonly Dimension[] | undefined>();
  labels = $state.raw<CarriedLabels | undefined>();
  epochs = $state.raw<readonly EpochMetric[]>([]);
  /** Encodes the data set, where it has to be. */
  job = $state.raw<Job | undefined>();
  /** Why its dimensions are not known. */
  problem = $state.raw<ErrorPayload | undefined>();
  readonly #app: AppState;
  readonly #sample: Latest<{ readonly seed: number; readonly count: number }, FaceImage[]>;
  readonly #askImages = new LatestAsk();
  readonly #askCurve = new LatestAsk();
  readonly #askDimensions = new LatestAsk();
  #describing: Promise<void> | undefined;
  /** Of the images that were asked for last. */
  #asked: readonly number[] = [];

  constructor(app: AppState, run: RunInfo, dataset: DatasetInfo) {
    this.#app = app;
    this.run = run;
    this.dataset = dataset;
    this.#sample = new Latest({
      load: async (asked) => {
        const z = await app.client.request('models.samples', { run: run.id, ...asked });
        return facesOf(await app.client.request('models.decode', { run: run.id, z }));
      },
      show: (samples) => (this.samples = samples),
      fail: (error) => app.toasts.fail(error),
    });
  }

  get hasPrior(): boolean {
    return isVariational(this.run.config.objective);
  }

  /** Dimensions from the one that carries most on. */
  readonly strongest: readonly Dimension[] = $derived.by(() => byStrength(this.dimensions ?? []));

  /** What a label's row moves in this model; undefined while that is not known. */
  carrier(column: string, byHand: number | undefined): MovedDimension | undefined {
    const { columns, dimensions } = this.labels ?? { columns: [], dimensions: [] };
    const carriers = dimensions[columns.indexOf(column)] ?? [];
    return byHand === undefined ? bestOf(carriers) : carriers.find(({ dimension }) => dimension === byHand);
  }

  /** A dimension by its number, to be moved; undefined while it is not known. */
  mover(dimension: number, correlation?: number): MovedDimension | undefined {
    const known = this.dimensions?.[dimension];
    return (
      known && {
        dimension,
        unit: this.hasPrior ? 1 : known.deviation,
        isReversed: correlation !== undefined && correlation < 0,
        ...(correlation === undefined ? {} : { correlation }),
      }
    );
  }

  /** Asks what the model makes of images. */
  async showImages(indices: readonly number[]): Promise<void> {
    if (indices === this.#asked) return;
    // More of the same images: those that are there already stay.
    const known = indices.map((index, i) => (this.#asked[i] === index ? this.posteriors[i] : undefined));
    this.#asked = indices;
    this.posteriors = known;
    const { run, dataset } = this;
    const show = async (index: number, i: number, signal: AbortSignal): Promise<void> => {
      if (known[i]) return;
      const pair = { run: run.id, dataset: dataset.id };
      const posterior = await this.#app.client.request('models.posterior', { ...pair, index });
      if (signal.aborted) return;
      const next = Array.from(indices, (_, j) => this.posteriors[j]);
      next[i] = posterior;
      this.posteriors = next;
    };
    try {
      await this.#askImages.ask(
        (signal) => Promise.all(indices.map((index, i) => show(index, i, signal))),
        () => undefined,
      );
    } catch (error) {
      // Asked for the same images again, it tries again.
      this.#asked = [];
      throw error;
    }
  }

  /** Asks for draws of the prior; those of the newest seed win. */
  showSamples(seed: number, count: number): void {
    this.#sample.ask({ seed, count });
  }

  /** Finds out what its dimensions carry; encodes the data set first where that has not been done. */
  describe(): Promise<void> {
    if (this.dimensions) return Promise.resolve();
    // Whoever asks meanwhile waits for the same.
    this.#describing ??= this.#describe().finally(() => (this.#describing = undefined));
    return this.#describing;
  }

  /** Reads how its training went. */
  async loadCurve(): Promise<void> {
    await this.#askCurve.ask(
      () => this.#app.client.request('runs.metrics', { run: this.run.id }),
      ({ epochs }) => (this.epochs = epochs),
    );
  }

  /** Loads nothing any more. */
  close(): void {
    for (const ask of [this.#sample, this.#askImages, this.#askCurve, this.#askDimensions]) ask.close();
  }

  async #describe(): Promise<void> {
    this.problem = undefined;
    try {
      await this.#askDimensions.ask(
        (signal) => this.#loadDimensions(signal),
        ([dimensions, labels]) => {
          this.labels = labels;
          this.dimensions = dimensions;
        },
      );
    } catch (error) {
      this.problem = errorPayload(error);
    } finally {
      this.job = undefined;
    }
  }

  async #loadDimensions(signal: AbortSignal): Promise<[readonly Dimension[], CarriedLabels | undefined]> {
    const { client, jobs } = this.#app;
    const pair = { run: this.run.id, dataset: this.dataset.id };
    const { ready } = await client.request('codes.ready', pair);
    signal.throwIfAborted();
    if (!ready) {
      await jobs.perform({ kind: 'encode', ...pair }, (job) => {
        if (!signal.aborted) this.job = job;
      });
      signal.throwIfAborted();
    }
    return Promise.all([
      client.request('codes.dimensions', pair),
      this.dataset.columns.length > 0 ? client.request('models.match', pair) : undefined,
    ]);
  }
}
