import type { DatasetInfo } from '../../../../contract/dataset.ts';
import type { Counterpart } from '../../../../contract/operations/measure.ts';
import type { RunInfo } from '../../../../contract/run.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { ComparedModel } from './compared-model.svelte.ts';
import { areSameFeature, chooseLabels, type FeatureKey, type MovedDimension } from './features.ts';

/** So many faces stand in a row at most. */
export const MOST_FACES = 12;
/** So many of a model's dimensions can be gone by; the weaker ones show nothing. */
const MOST_DIMENSIONS = 12;
/** How far a row goes to either side, in deviations, as in the figures. */
export const RANGE = 3;

/** A row of dimensions that are moved: one of each model. */
export class FeatureRow {
  readonly key: FeatureKey;
  /** Dimensions that were chosen by hand, by run. */
  byHand = $state.raw<Readonly<Record<string, number>>>({});
  /** How far the linked slider is moved, in deviations. */
  offset = $state(0);

  constructor(key: FeatureKey) {
    this.key = key;
  }

  /** Chooses a model's dimension by hand; undefined: the one that goes without saying. */
  choose(run: string, dimension: number | undefined): void {
    const { [run]: _own, ...others } = this.byHand;
    this.byHand = dimension === undefined ? others : { ...others, [run]: dimension };
  }
}

/** Models side by side on the same images and draws. */
export class CompareState {
  models = $state.raw<readonly ComparedModel[]>([]);
  dataset = $state.raw<DatasetInfo | undefined>();
  /** The shown images. */
  images = $state.raw<readonly number[]>([]);
  /** Whether none of the models was trained on them. */
  areHeldOut = $state(false);
  seed = $state(1);
  rows = $state.raw<readonly FeatureRow[]>([]);
  /** Whether rows show the same faces, moved together, instead of one face moved step by step. */
  isLinked = $state(false);
  /** Rows that are shown before a person chooses. */
  roomForRows = 3;
  /** Faces that have room in a row; as many are asked for. */
  #faces = 4;
  readonly #app: AppState;
  readonly #askUnseen = new LatestAsk();
  #isClosed = false;
  /** By the run whose dimensions rows go by, by the other run, by dimension. */
  #counterparts = $state.raw<
    Readonly<Record<string, Readonly<Record<string, readonly (Counterpart | null)[]>>>>
  >({});
  /** Images that all models have held out. */
  #unseen: readonly number[] = [];
  /** Where the shown ones begin among them. */
  #first = $state(0);
  /** Whether a person has chosen the rows. */
  #areRowsChosen = false;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Whether all that decides which rows to show is known. */
  get isDescribed(): boolean {
    return this.models.every(({ dimensions, problem }) => dimensions ?? problem);
  }

  /** Puts models side by side; those that stand there already stay as they are. */
  async show(runs: readonly RunInfo[], dataset: DatasetInfo): Promise<void> {
    if (this.dataset?.id !== dataset.id) {
      for (const model of this.models) model.close();
      this.rows = [];
      this.#areRowsChosen = false;
      this.#first = 0;
      this.images = [];
      this.models = [];
      this.#counterparts = {};
    }
    this.dataset = dataset;
    const before = this.models;
    const models = runs.map(
      (run) =>
        before.find((model) => model.run.id === run.id && model.run.step === run.step) ??
        new ComparedModel(this.#app, run, dataset),
    );
    this.models = models;
    for (const model of before) if (!models.includes(model)) model.close();
    // A row that goes by a model's dimension goes with the model.
    this.rows = this.rows.filter(({ key }) => key.kind === 'label' || runs.some(({ id }) => id === key.run));
    for (const model of models) model.showSamples(this.seed, this.#faces);
    await Promise.all([
      this.#showUnseen(runs, dataset),
      ...models.map((model) => model.loadCurve()),
      // One after the other: each may have to encode all images.
      this.#describe(models),
    ]);
  }

  /** Loads nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#askUnseen.close();
    for (const model of this.models) model.close();
  }

  /** Has room for so many faces in a row; more are asked for, fewer are not taken away. */
  makeRoom(faces: number): void {
    if (faces <= this.#faces) return;
    this.#faces = faces;
    this.sampleWith(this.seed);
    if (this.#unseen.length > 0) this.#app.attempt(() => this.#showImages());
  }

  /** Shows other faces that no model was trained on. */
  otherFaces(): void {
    if (this.#unseen.length === 0) return;
    this.#first = (this.#first + this.#faces) % this.#unseen.length;
    this.#app.attempt(() => this.#showImages());
  }

  /** The shown images where a person asked for others than the first; undefined where they go without saying. */
  get otherImages(): readonly number[] | undefined {
    return this.#first === 0 ? undefined : this.images;
  }

  /** Draws other samples. */
  sampleWith(seed: number): void {
    this.seed = seed;
    for (const model of this.models) model.showSamples(seed, this.#faces);
  }

  /** The model whose dimensions rows may go by: the last with a prior, which keeps them apart most. */
  readonly reference: ComparedModel | undefined = $derived.by(
    () => this.models.findLast(({ hasPrior }) => hasPrior) ?? this.models.at(-1),
  );

  /** What a row moves in a model; undefined while that is not known. */
  moved(model: ComparedModel, { key, byHand }: FeatureRow): MovedDimension | undefined {
    const own = byHand[model.run.id];
    if (key.kind === 'label') return model.carrier(key.column, own);
    if (own !== undefined) return model.mover(own);
    if (key.run === model.run.id) return model.mover(key.dimension);
    const counterpart = this.#counterparts[key.run]?.[model.run.id]?.[key.dimension];
    return counterpart ? model.mover(counterpart.dimension, counterpart.correlation) : undefined;
  }

  /** Features that no row shows yet: labels, and the reference's dimensions. */
  get others(): FeatureKey[] {
    return [
      ...this.#columns.map((column) => ({ kind: 'label' as const, column })),
      ...this.#ownDimensions,
    ].filter((key) => !this.rows.some((row) => areSameFeature(row.key, key)));
  }

  addRow(key: FeatureKey): void {
    this.#areRowsChosen = true;
    this.#match(key);
    this.rows = [...this.rows, new FeatureRow(key)];
  }

  /** Shows another feature where a row is. */
  changeRow(row: FeatureRow, key: FeatureKey): void {
    this.#areRowsChosen = true;
    this.#match(key);
    this.rows = this.rows.map((other) => (other === row ? new FeatureRow(key) : other));
  }

  removeRow(row: FeatureRow): void {
    this.#areRowsChosen = true;
    this.rows = this.rows.filter((other) => other !== row);
  }

  /** Tries again to find out what the models' dimensions carry. */
  async describeAgain(): Promise<void> {
    await this.#describe(this.models);
  }

  get #columns(): readonly string[] {
    return this.models.find(({ labels }) => labels)?.labels?.columns ?? [];
  }

  /** The reference's dimensions, the one that carries most first. */
  get #ownDimensions(): FeatureKey[] {
    const { reference } = this;
    if (!reference) return [];
    return reference.strongest
      .slice(0, MOST_DIMENSIONS)
      .map(({ dimension }) => ({ kind: 'dimension', run: reference.run.id, dimension }));
  }

  async #describe(models: readonly ComparedModel[]): Promise<void> {
    for (const model of models) {
      await model.describe();
      if (this.#isClosed || models !== this.models) return;
    }
    if (!this.#areRowsChosen) this.#chooseRows();
    this.#match(...this.rows.map(({ key }) => key));
  }

  #chooseRows(): void {
    const known = this.models.flatMap(({ labels }) => (labels ? [labels] : []));
    const labels = chooseLabels(known, this.roomForRows).map((column) => ({
      kind: 'label' as const,
      column,
    }));
    const keys = labels.length > 0 ? labels : this.#ownDimensions.slice(0, this.roomForRows);
    // A row that stays keeps what was chosen in it.
    this.rows = keys.map(
      (key) => this.rows.find((row) => areSameFeature(row.key, key)) ?? new FeatureRow(key),
    );
  }

  /** Finds out which dimensions of the other models go with those that rows go by. */
  #match(...keys: readonly FeatureKey[]): void {
    const { dataset, models } = this;
    const runs = keys.flatMap((key) => (key.kind === 'dimension' ? [key.run] : []));
    for (const run of runs.filter((one, i) => runs.indexOf(one) === i)) {
      const known = this.#counterparts[run] ?? {};
      const others = models
        .filter((model) => model.dimensions && model.run.id !== run && !(model.run.id in known))
        .map((model) => model.run.id);
      if (!dataset || others.length === 0) continue;
      const isStale = (): boolean => this.#isClosed || this.dataset?.id !== dataset.id;
      this.#app.client.request('models.counterparts', { run, others, dataset: dataset.id }).then(
        (found) => {
          if (isStale()) return;
          // Kept by run: an answer that comes late is as true.
          const more = Object.fromEntries(others.map((other, i) => [other, found[i]!]));
          this.#counterparts = { ...this.#counterparts, [run]: { ...this.#counterparts[run], ...more } };
        },
        (error: unknown) => {
          if (!isStale()) this.#app.toasts.fail(error);
        },
      );
    }
  }

  async #showImages(): Promise<void> {
    const { models } = this;
    const count = Math.min(this.#faces, this.#unseen.length);
    const images = Array.from(
      { length: count },
      (_, i) => this.#unseen[(this.#first + i) % this.#unseen.length]!,
    );
    // The same images are the same list, so that models know that they have them.
    if (images.join() !== this.images.join()) this.images = images;
    await Promise.all(models.map((model) => model.showImages(this.images)));
  }

  /** Shows images that none of the runs was trained on; the first of all images where there is none such. */
  async #showUnseen(runs: readonly RunInfo[], dataset: DatasetInfo): Promise<void> {
    const isNewest = await this.#askUnseen.ask(
      () => this.#findUnseen(runs, dataset),
      (unseen) => {
        this.areHeldOut = unseen.length > 0;
        this.#unseen = this.areHeldOut
          ? unseen
          : Array.from({ length: Math.min(dataset.images, 1000) }, (_, i) => i);
      },
    );
    if (isNewest) await this.#showImages();
  }

  /** Images that none of the runs was trained on; none where they were trained on other data sets. */
  async #findUnseen(runs: readonly RunInfo[], { id, images }: DatasetInfo): Promise<number[]> {
    const own = runs.filter((run) => run.dataset?.id === id);
    const fractions = own
      .map(({ config }) => config.heldOutFraction)
      .filter((fraction, i, all) => all.indexOf(fraction) === i);
    const splits = await Promise.all(
      fractions.map((heldOutFraction) =>
        this.#app.client.request('datasets.split', { dataset: id, heldOutFraction }),
      ),
    );
    if (splits.length === 0) return [];
    const unseen: number[] = [];
    for (let i = 0; i < images; i++) if (splits.every(({ data }) => data[i] === 1)) unseen.push(i);
    return unseen;
  }
}
