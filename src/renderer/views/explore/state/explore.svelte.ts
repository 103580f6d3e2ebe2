import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import { foreignData, type ForeignData } from '../../../../contract/foreign-data.ts';
import type { Job } from '../../../../contract/job.ts';
import type {
  Axes,
  Dimension,
  IndependentAxes,
  IndependentAxis,
  LatentValue,
  Projection,
} from '../../../../contract/operations/codes.ts';
import type { Posterior } from '../../../../contract/operations/models.ts';
import { isVariational, type RunInfo } from '../../../../contract/run.ts';
import { faceOf } from '../../../components/face.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';
import { Latest } from '../../../state/latest.ts';
import { sliderText } from '../numbers.ts';
import type { AxisTitle } from '../scatter/axes-words.ts';
import { AxesSearch, namesMore } from './axes-search.svelte.ts';
import { distanceBetween, partAlong } from './line.ts';
import { EmbeddedPlaces, NEIGHBOURS } from './embedded-places.svelte.ts';
import { codeAt, hasThirdAxis, placeOf, positionsOf, type Place } from './linear-projection.ts';
import { decodeBy, LiveCode, type Decode } from './live-code.svelte.ts';
import { areSameValue, axisSet, dimensionSet, type SliderSet } from './slider-set.ts';
import { tellingAxes } from './telling-axes.ts';

/** What is shown in the place of the scatter. */
export type Phase =
  | { readonly kind: 'empty' }
  /** The run was not trained on these images, which are encoded only when a person asks for it. */
  | { readonly kind: 'foreign'; readonly foreign: ForeignData }
  /** The images' codes are being computed. */
  | { readonly kind: 'encoding'; readonly job: Job | undefined }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: ErrorPayload };

/** The image whose code the path begins at. */
export interface Pinned {
  readonly index: number;
  readonly name: string;
  readonly posterior: Posterior;
}

/**
 * One run looked at through one data set: its codes on three axes, the pinned image, and the live code. A new run or
 * data set makes a new one.
 */
export class ExploreState {
  readonly app: AppState;
  readonly run: RunInfo;
  readonly dataset: DatasetInfo;
  readonly live: LiveCode;
  phase = $state.raw<Phase>({ kind: 'loading' });
  /** Every dimension, in order of its number. */
  dimensions = $state.raw<readonly Dimension[]>([]);
  /** Numbers of the dimensions, the one that carries most first. */
  readonly order = $derived(
    this.dimensions
      .toSorted((a, b) => b.kl - a.kl || b.deviation - a.deviation)
      .map(({ dimension }) => dimension),
  );
  axes = $state.raw<Axes>({ kind: 'pca' });
  projection = $state.raw<Projection | undefined>();
  /** `[images, 3]`: where the points are; undefined until there are any. */
  readonly positions = $derived(this.projection && positionsOf(this.projection));
  readonly hasThirdAxis = $derived(!this.projection || hasThirdAxis(this.projection));
  /** Whether the scatter shows the first two axes only. */
  readonly isFlat = $derived.by(() => {
    const { projection } = this;
    if (!this.hasThirdAxis) return true;
    const variance = projection?.kind === 'linear' ? projection.variance : undefined;
    return this.app.scatterView.spaceFor(variance) === '2d';
  });
  /** Places of codes where the projection is an embedding. */
  #embedded = $state.raw<EmbeddedPlaces | undefined>();
  /** The images that codes are the mu of. */
  readonly #imageOf = new WeakMap<Float32Array, number>();
  /** The image that was asked for last; it is pinned once its posterior is there. */
  asked = $state<number | undefined>();
  /** The pinned image; undefined while the path begins at a sample of the prior. */
  pinned = $state.raw<Pinned | undefined>();
  /** The dimension whose row is open. */
  opened = $state(0);
  /** The axis whose row a person has opened, or that was open last; undefined while it is the first one. */
  openedAxis = $state<number | undefined>();
  /** The axis whose row was open first. */
  #firstAxis = $state.raw<number | undefined>();
  /** The independent axes of the codes, which sliders may move along in place of dimensions. */
  readonly independent: AxesSearch;
  readonly #dimensionSet = $derived(dimensionSet(this.dimensions, this.order));
  readonly #axisSet = $derived.by(() => this.independent.found && axisSet(this.independent.found));
  /** What the sliders move: the dimensions, or the independent axes where a person wants them and they are there. */
  readonly sliders: SliderSet = $derived.by(
    () => (this.independent.isWanted ? this.#axisSet : undefined) ?? this.#dimensionSet,
  );
  /** The other end of an interpolation. */
  second = $state.raw<Pinned | undefined>();
  /** True while the next clicked point becomes the other end of an interpolation. */
  isChoosingSecond = $state(false);
  /** What the track shows: one dimension moved, or the way to a second image. */
  trackMode = $state<'traverse' | 'interpolate'>('traverse');
  /** How many sliders are not where the path begins. */
  readonly movedCount = $derived.by(
    () =>
      this.sliders.rows.filter(({ dimension }) => this.valueOf(dimension) !== this.restingValue(dimension))
        .length,
  );
  /** How far the live code is from where the path begins. */
  readonly distance = $derived.by(() => distanceBetween(this.live.z, this.live.undoStack[0] ?? this.live.z));
  /** How much of the way to the second image the live code has gone, 0 to 1; undefined where it is not on it. */
  readonly partAlong = $derived.by(() => {
    const start = this.live.undoStack[0];
    return start && this.second ? partAlong(this.live.z, start, this.second.posterior.mu.data) : undefined;
  });
  /** The condition where nothing else is chosen: the pinned image's own label, else the usual. */
  readonly ownCondition = $derived.by(() => this.pinned?.posterior.condition ?? this.run.condition?.usual);
  /** `[images]`: 1 where the run held the image out; undefined for images of another data set. */
  split = $state.raw<Uint8Array | undefined>();
  readonly #pin: Latest<number, Pinned>;
  readonly #askOpen = new LatestAsk();
  readonly #askAxes = new LatestAsk();
  readonly #askSample = new LatestAsk();
  readonly #askSecond = new LatestAsk();
  readonly #askPlace = new LatestAsk();
  #samples = 0;
  constructor(app: AppState, run: RunInfo, dataset: DatasetInfo) {
    this.app = app;
    this.run = run;
    this.dataset = dataset;
    this.independent = new AxesSearch(app, { run: run.id, dataset: dataset.id });
    const decode: Decode = run.hasCodesOnly ? () => Promise.resolve(undefined) : decodeBy(app.client, run.id);
    this.live = new LiveCode(decode, (error) => this.app.toasts.fail(error));
    this.#pin = new Latest({
      load: (index) => this.#image(index),
      show: (image) => {
        this.pinned = image;
        const { mu, reconstruction } = image.posterior;
        this.live.begin(mu.data, reconstruction ? faceOf(reconstruction) : undefined, this.ownCondition);
      },
      fail: (error) => {
        this.asked = this.pinned?.index;
        this.app.toasts.fail(error);
      },
    });
  }

  /** False for a run that has codes only: its codes stay where they are. */
  get canDecode(): boolean {
    return this.run.hasCodesOnly !== true;
  }

  /** How the images differ from those that the run was trained on; undefined for its own. */
  get foreign(): ForeignData | undefined {
    return foreignData(this.run, this.dataset, this.app.library.dataset(this.run.dataset?.id));
  }

  /**
   * Computes codes where there are none, then loads everything; ends in a phase that says how it went.
   *
   * @param mayEncodeForeign - whether a person wants codes of images that the run was not trained on
   */
  async open(first = this.#firstIndex(), mayEncodeForeign = false): Promise<void> {
    try {
      await this.#askOpen.ask(
        (signal) => this.#load(signal, mayEncodeForeign),
        (loaded) => {
          if (!loaded) return;
          const { projection, axes, dimensions, split, independent } = loaded;
          this.axes = axes;
          this.#show(projection);
          this.dimensions = dimensions;
          this.split = split;
          this.opened = this.#firstOpened();
          if (independent) {
            this.independent.offer(independent, dimensions);
            const opened = this.app.selection.openedAxisOf(this.run.id);
            if (opened !== undefined && opened < independent.axes.length) this.openedAxis = opened;
            else if (axes.kind === 'independent') [this.openedAxis] = axes.axes;
            this.#firstAxis = this.openedAxis;
          }
          this.phase = { kind: 'ready' };
          this.pin(Math.min(first, this.dataset.images - 1));
        },
      );
    } catch (error) {
      this.phase = { kind: 'failed', error: errorPayload(error) };
    }
  }

  /** Ends the state: answers that are still to come are dropped. */
  close(): void {
    const asks = [this.#askOpen, this.#askAxes, this.#askSample, this.#askSecond, this.#askPlace, this.#pin];
    for (const ask of asks) ask.close();
    this.independent.close();
    this.#embedded?.close();
    this.live.close();
  }

  /** Shows the scatter on other axes. */
  async setAxes(axes: Axes): Promise<void> {
    await this.#askAxes.ask(
      () => this.app.client.request('codes.project', { run: this.run.id, dataset: this.dataset.id, axes }),
      (projection) => {
        this.axes = axes;
        this.#show(projection);
      },
    );
  }

  /** Pins an image: its code is where the live one begins. While a second image is chosen, it becomes that one. */
  pin(index: number): void {
    if (this.isChoosingSecond) {
      // What the image is to be is decided now, not when its posterior comes.
      this.isChoosingSecond = false;
      this.app.attempt(() =>
        this.#askSecond.ask(
          () => this.#image(index),
          (image) => (this.second = image),
        ),
      );
      return;
    }
    this.#askSample.forget();
    this.#askPlace.forget();
    this.asked = index;
    this.#pin.ask(index);
  }

  /** The next image or the one before, round at the ends. */
  step(by: number): void {
    const at = this.asked ?? 0;
    this.pin((at + by + this.dataset.images) % this.dataset.images);
  }

  /** Moves the live code to where the path begins: the image's own code, or the sample. Can be undone like any move. */
  toStart(): void {
    const start = this.live.undoStack[0];
    if (start) this.live.jump(start);
  }

  /** The place of a code on the axes; undefined while it is not known, as for a moment in an embedding. */
  placeOf(code: Float32Array): Place | undefined {
    const { projection } = this;
    if (projection?.kind === 'linear') return placeOf(projection, code);
    const image = this.#imageOf.get(code);
    return image === undefined ? this.#embedded?.placeOf(code) : this.#embedded?.placeOfImage(image);
  }

  /** The place of the live code, or the last known one until it comes. */
  get livePlace(): Place | undefined {
    return this.placeOf(this.live.z) ?? this.#embedded?.last;
  }

  /**
   * Moves the live code to a place of the scatter. An embedding has no code for a place between points, so there it
   * goes to the code of the nearest image.
   *
   * @param axes - how many of them the scatter shows
   */
  goTo(place: Place, axes: 2 | 3 = 3): void {
    if (!this.canDecode) return;
    const { projection } = this;
    this.#askPlace.forget();
    if (projection?.kind === 'linear') this.live.jump(codeAt(projection, place, this.live.z));
    const embedded = this.#embedded;
    if (!embedded) return;
    this.app.attempt(() =>
      this.#askPlace.ask(
        () => this.#image(embedded.imageAt(place, axes)),
        ({ posterior }) => this.live.jump(posterior.mu.data),
      ),
    );
  }

  /** Undoes {@link goTo}, also one whose code has not come yet. */
  undoGoTo(): void {
    if (this.#askPlace.isAsking) this.#askPlace.forget();
    else this.live.undo();
  }

  /** Starts a new path at a code drawn from the prior; each call draws another one. */
  async samplePrior(): Promise<void> {
    if (!this.canDecode) return;
    this.#samples += 1;
    const seed = this.#samples;
    // An image that was clicked before and has not come yet would end the new path.
    this.#pin.forget();
    this.#askPlace.forget();
    this.asked = this.pinned?.index;
    await this.#askSample.ask(
      () => this.app.client.request('models.sample', { run: this.run.id, seed }),
      (sample) => {
        // Whoever draws again stays under what was chosen; from an image its label does not stay behind.
        const condition = (this.pinned ? undefined : this.live.condition) ?? this.run.condition?.usual;
        this.pinned = this.asked = undefined;
        this.live.begin(sample.data, undefined, condition);
      },
    );
  }

  /** A slider's value where the path begins: the image's own, or the sample's. */
  restingValue(slider: number): number {
    const start = this.live.undoStack[0];
    return start ? this.sliders.valueOf(start, slider) : 0;
  }

  /** A slider's value in the live code; exactly the resting value where the slider has not moved. */
  valueOf(slider: number): number {
    const value = this.sliders.valueOf(this.live.z, slider);
    const rest = this.restingValue(slider);
    return areSameValue(this.sliders, value, rest) ? rest : value;
  }

  /** The values that a dimension can have in a model with learned values; undefined for others, and for axes. */
  learnedValuesOf(slider: number): readonly LatentValue[] | undefined {
    return this.sliders.kind === 'dimensions' ? this.dimensions[slider]?.values : undefined;
  }

  /** The slider whose row is open. */
  get openedSlider(): number {
    return this.sliders.kind === 'axes' ? (this.openedAxis ?? 0) : this.opened;
  }

  set openedSlider(slider: number) {
    if (this.sliders.kind === 'axes') this.openedAxis = slider;
    else this.opened = slider;
  }

  /** The slider to begin with: the axis whose row was open first, or the dimension that carries most. */
  get firstSlider(): number {
    const { kind, rows } = this.sliders;
    return (kind === 'axes' ? this.#firstAxis : undefined) ?? rows[0]?.dimension ?? 0;
  }

  /** Has the sliders move along independent axes, or along dimensions again. */
  async slideAlong(kind: SliderSet['kind']): Promise<void> {
    if (kind === 'axes') await this.independent.show();
    else this.independent.hide();
  }

  /** KL of the pinned image to the prior, nats; undefined where there is none. */
  get imageKl(): number | undefined {
    return this.hasKl ? this.pinned?.posterior.klPerDimension.reduce((sum, kl) => sum + kl, 0) : undefined;
  }

  /** Whether there is a KL to order the dimensions by; an AE has none. */
  get hasKl(): boolean {
    return isVariational(this.run.config.objective);
  }

  /** A dimension or an independent axis as people read it: `z5 Background hue`, `a3 Smile`. */
  readonly axisTitle: AxisTitle = (symbol, number) =>
    sliderText({ symbol }, number, symbol === 'z' ? this.nameOf(number) : this.independentAxes[number]?.name);

  /** What a dimension is called: the factor that it carries best, or nothing. */
  nameOf(dimension: number): string | undefined {
    return this.dimensions[dimension]?.name;
  }

  /** A label's or factor's value of every image. */
  async columnValues(column: string): Promise<Float32Array> {
    const { data } = await this.app.client.request('datasets.column', { dataset: this.dataset.id, column });
    return data;
  }

  /** The independent axes, where they are known. */
  get independentAxes(): readonly IndependentAxis[] {
    return this.independent.found?.axes ?? [];
  }

  /** Every image's value along an independent axis. */
  async axisValues(axis: number): Promise<Float32Array> {
    const pair = { run: this.run.id, dataset: this.dataset.id };
    return (await this.app.client.request('codes.axis', { ...pair, axis })).data;
  }

  /** A dimension's mu of every image. */
  async dimensionValues(dimension: number): Promise<Float32Array> {
    const pair = { run: this.run.id, dataset: this.dataset.id };
    return (await this.app.client.request('codes.dimension', { ...pair, dimension })).data;
  }

  /** Moves the live code while a slider is dragged; {@link LiveCode.commit} finishes the move. */
  moveSlider(slider: number, value: number): void {
    const { live, sliders } = this;
    if (!this.canDecode || areSameValue(sliders, sliders.valueOf(live.z, slider), Math.fround(value))) return;
    live.move(sliders.moved(live.z, slider, value));
  }

  /** Puts a slider at a value, as one move. */
  setSlider(slider: number, value: number): void {
    this.moveSlider(slider, value);
    this.live.commit();
  }

  /** Puts a slider at a value in small steps, which *Back* undoes together. */
  nudgeSlider(slider: number, value: number): void {
    if (!this.canDecode) return;
    const { live, sliders } = this;
    live.nudge(sliders.moved(live.z, slider, value), `${sliders.symbol}${slider}`);
  }

  /** Opens the row above or below the open one; at the ends it stays. */
  openBeside(by: number): void {
    const { rows } = this.sliders;
    const at = rows.findIndex(({ dimension }) => dimension === this.openedSlider) + by;
    const beside = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (beside) this.openedSlider = beside.dimension;
  }

  /** Asks for the other end of an interpolation: the next image that is clicked. */
  chooseSecond(): void {
    this.trackMode = 'interpolate';
    this.isChoosingSecond = true;
  }

  /**
   * Computes the codes where there are none, and reads all that the first picture needs.
   *
   * @returns undefined where a person must first want codes of foreign images
   */
  async #load(signal: AbortSignal, mayEncodeForeign: boolean) {
    const { client, jobs } = this.app;
    const pair = { run: this.run.id, dataset: this.dataset.id };
    const enter = (phase: Phase): void => {
      if (!signal.aborted) this.phase = phase;
    };
    const { ready } = await client.request('codes.ready', pair);
    signal.throwIfAborted();
    const { foreign } = this;
    if (!ready && foreign?.kind === 'other' && !mayEncodeForeign) {
      enter({ kind: 'foreign', foreign });
      return undefined;
    }
    if (!ready) {
      enter({ kind: 'encoding', job: undefined });
      await jobs.perform({ kind: 'encode', ...pair }, (job) => enter({ kind: 'encoding', job }));
      signal.throwIfAborted();
    }
    enter({ kind: 'loading' });
    const described = client.request('codes.dimensions', pair);
    const project = async () => {
      const independent = await client.request('codes.axes', pair);
      // What dimensions carry takes longest, and decides only where there are independent axes.
      const axes = this.#firstAxes(independent, independent ? await described : []);
      signal.throwIfAborted();
      return { independent, axes, projection: await client.request('codes.project', { ...pair, axes }) };
    };
    const [dimensions, split, projected] = await Promise.all([described, this.#readSplit(), project()]);
    return { ...projected, dimensions, split };
  }

  async #image(index: number): Promise<Pinned> {
    const { client } = this.app;
    const dataset = this.dataset.id;
    const [posterior, [name = '']] = await Promise.all([
      client.request('models.posterior', { run: this.run.id, dataset, index }),
      client.request('datasets.names', { dataset, indices: [index] }),
    ]);
    this.#imageOf.set(posterior.mu.data, index);
    return { index, name, posterior };
  }

  #show(projection: Projection): void {
    const { client, toasts } = this.app;
    const pair = { run: this.run.id, dataset: this.dataset.id };
    this.#embedded?.close();
    this.#embedded =
      projection.kind === 'embedded'
        ? new EmbeddedPlaces(
            projection,
            (z) => client.request('codes.nearest', { ...pair, z, count: NEIGHBOURS }),
            (error) => toasts.fail(error),
          )
        : undefined;
    this.projection = projection;
  }

  async #readSplit(): Promise<Uint8Array | undefined> {
    if (this.run.dataset?.id !== this.dataset.id || !this.canDecode) return undefined;
    const { heldOutFraction } = this.run.config;
    const { id } = this.dataset;
    return (await this.app.client.request('datasets.split', { dataset: id, heldOutFraction })).data;
  }

  /** The dimension that was open last, else the one that carries most. */
  #firstOpened(): number {
    const opened = this.app.selection.openedOf(this.run.id);
    return opened !== undefined && this.order.includes(opened) ? opened : (this.order[0] ?? 0);
  }

  /**
   * The axes of the scatter that were shown last, else independent ones where sliders begin with these, so that the
   * picture shows what the sliders do; else those of most variance.
   */
  #firstAxes(independent: IndependentAxes | null, dimensions: readonly Dimension[]): Axes {
    const last = this.app.selection.axesOf(this.run.id);
    const numbers =
      last?.kind === 'independent' ? last.axes : last?.kind === 'dimensions' ? last.dimensions : [];
    const count = last?.kind === 'independent' ? (independent?.axes.length ?? 0) : this.run.config.latentDim;
    if (last && numbers.every((number) => number < count)) return last;
    if (!independent || !namesMore(independent.axes, dimensions)) return { kind: 'pca' };
    return { kind: 'independent', axes: tellingAxes(independent.axes) };
  }

  /** A target that another view asked for, or the first image. */
  #firstIndex(): number {
    const { target } = this.app;
    return target?.dataset === this.dataset.id ? target.index : 0;
  }
}
