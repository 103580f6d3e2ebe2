import type { LatentValue } from '../../../../contract/operations/codes.ts';
import type { Recipe } from '../../../../contract/recipe.ts';
import { DecodedBatch } from '../../../state/decoded-batch.svelte.ts';
import type { ExploreState } from '../state/explore.svelte.ts';
import { spreadValues } from '../state/learned-values.ts';
import { codeAlong } from '../state/line.ts';
import {
  axesRecipe,
  frameOrder,
  interpolationRecipe,
  traversalRecipe,
  USUAL_MOTION,
  valuesBetween,
  type Motion,
} from '../state/recipe.ts';

/**
 * The codes that the track below the scatter shows and plays: one dimension or axis of the live code moved about the
 * value that it has where the path begins, or the straight line from there to a second image. A place on the way is an
 * offset in the one case, a part from 0 to 1 in the other.
 */
export class TrackState {
  readonly explore: ExploreState;
  /** The frames that are seen. */
  readonly batch: DecodedBatch;
  motion = $state.raw<Motion>(USUAL_MOTION);
  isPlaying = $state(false);
  /** How many frames there is room for. */
  room = $state(9);
  #chosen = $state.raw<{ readonly symbol: string; readonly slider: number } | undefined>();
  /** Places of the frames that are seen. */
  readonly places = $derived.by(() => this.#placesOf(this.room));
  readonly codes = $derived(this.isThere ? this.places.map((place) => this.#codeAt(place)) : []);
  /** Where on the way the live code is; undefined where it is beside it. */
  readonly place = $derived.by(() => {
    if (this.mode === 'interpolate') return this.explore.partAlong;
    const value = this.explore.valueOf(this.slider);
    return this.learned ? value : value - this.explore.restingValue(this.slider);
  });
  /** The frame that shows the live code, or nearly. */
  readonly selected = $derived.by(() => {
    const { place, places } = this;
    if (place === undefined || !this.isThere) return undefined;
    const nearest = nearestOf(places, place);
    // Learned values are unevenly apart, and of those that are left out none is shown.
    const half = places.length > 1 && !this.learned ? Math.abs(places[1]! - places[0]!) / 2 : 0;
    return Math.abs(places[nearest]! - place) <= half + 1e-6 ? nearest : undefined;
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where in the order of the frames it plays. */
  #step = 0;
  /** The code that was played last; where the live code is another one, a person has moved it. */
  #played: Float32Array | undefined;

  constructor(explore: ExploreState) {
    this.explore = explore;
    const { app, run } = explore;
    this.batch = new DecodedBatch(app.client, run.id, (error) => app.toasts.fail(error));
  }

  get mode(): 'traverse' | 'interpolate' {
    return this.explore.trackMode;
  }

  set mode(mode: 'traverse' | 'interpolate') {
    this.pause();
    this.explore.trackMode = mode;
  }

  /** The dimension or axis that is moved; the one to begin with until another is chosen. */
  get slider(): number {
    const { sliders, firstSlider } = this.explore;
    return this.#chosen?.symbol === sliders.symbol ? this.#chosen.slider : firstSlider;
  }

  set slider(slider: number) {
    this.pause();
    this.#chosen = { symbol: this.explore.sliders.symbol, slider };
  }

  /** Whether there is a way: an interpolation needs its second image. */
  get isThere(): boolean {
    if (this.explore.live.z.length === 0) return false;
    return this.mode === 'traverse' || this.explore.second !== undefined;
  }

  /** The places at both ends. */
  get ends(): readonly [number, number] {
    if (this.mode === 'interpolate') return [0, 1];
    const { learned } = this;
    return learned ? [learned[0]!.value, learned.at(-1)!.value] : [this.motion.from, this.motion.to];
  }

  /** The learned values of the dimension that is moved: then a place is one of them, and no offset. */
  get learned(): readonly LatentValue[] | undefined {
    const values = this.mode === 'traverse' ? this.explore.learnedValuesOf(this.slider) : undefined;
    return values?.length ? values : undefined;
  }

  /** Places on the way, of learned values at most as many as there are. */
  #placesOf(count: number): number[] {
    return this.learned ? spreadValues(this.learned, count) : valuesBetween(...this.ends, count);
  }

  change(change: Partial<Motion>): void {
    this.motion = { ...this.motion, ...change };
  }

  /** Decodes the frames that are seen, where they are not yet; the newest win. */
  show(): void {
    this.batch.show(this.codes, this.explore.live.condition);
  }

  /** Takes the live code to a frame. */
  select(frame: number): void {
    this.pause();
    const code = this.codes[frame];
    if (code) this.explore.live.nudge(code, 'track');
  }

  /** Moves the live code along the way from where it is. What cannot be decoded in time is left out. */
  play(): void {
    if (!this.isThere || this.isPlaying) return;
    this.isPlaying = true;
    this.#step = nearestOf(this.#placesOf(this.motion.frames), this.place ?? this.ends[0]);
    this.#played = this.explore.live.z;
    this.#wait();
  }

  /** Stops playing, and puts the code that it stopped at on the undo stack. */
  pause(): void {
    if (!this.isPlaying) return;
    clearTimeout(this.#timer);
    this.isPlaying = false;
    if (this.explore.live.z === this.#played) this.explore.live.commit();
  }

  /** Plays and decodes nothing any more. */
  close(): void {
    this.pause();
    this.batch.close();
  }

  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** The GIF of this way, of these dimensions or axes where they are moved. */
  recipe(chosen: readonly number[] = [this.slider]): Recipe | undefined {
    if (!this.isThere) return undefined;
    const { explore, motion } = this;
    const ground = { run: explore.run.id, theme: explore.app.theme.name, condition: explore.live.condition };
    if (this.mode === 'traverse') {
      // Each tile moves about the value at the path's beginning, as the frames of the track do.
      const { sliders } = explore;
      let center: Float32Array = explore.live.z.slice();
      for (const slider of chosen) center = sliders.moved(center, slider, explore.restingValue(slider));
      const axes = explore.independent.found;
      return sliders.kind === 'axes' && axes
        ? axesRecipe(ground, motion, center, axes, chosen)
        : traversalRecipe(ground, motion, center, chosen);
    }
    const [start] = explore.live.undoStack;
    const end = explore.second?.posterior.mu.data;
    return start && end ? interpolationRecipe(ground, motion, start, end) : undefined;
  }

  #codeAt(place: number): Float32Array {
    const { live, second } = this.explore;
    if (this.mode === 'traverse') {
      const rest = this.learned ? 0 : this.explore.restingValue(this.slider);
      return this.explore.sliders.moved(live.z, this.slider, rest + place);
    }
    return codeAlong(live.undoStack[0] ?? live.z, second?.posterior.mu.data ?? live.z, place);
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#tick(), 1000 / this.motion.fps);
  }

  #tick(): void {
    const { live } = this.explore;
    if (live.z !== this.#played || !this.isThere) {
      this.pause();
      return;
    }
    // Read anew each time, so that the settings can be changed while it plays.
    const { frames, pingPong } = this.motion;
    const places = this.#placesOf(frames);
    const order = frameOrder(places.length, pingPong);
    this.#step = (this.#step + 1) % order.length;
    const z = this.#codeAt(places[order[this.#step]!]!);
    live.move(z);
    this.#played = z;
    this.#wait();
  }
}

/** The index of the value nearest to a number. */
function nearestOf(values: readonly number[], number: number): number {
  let nearest = 0;
  values.forEach((value, i) => {
    if (Math.abs(value - number) < Math.abs(values[nearest]! - number)) nearest = i;
  });
  return nearest;
}
