import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import type { Job } from '../../../../contract/job.ts';
import type { Preview } from '../../../../contract/operations/models.ts';
import type { Recipe } from '../../../../contract/recipe.ts';
import { Lateness } from '../../../state/lateness.svelte.ts';
import { Latest } from '../../../state/latest.ts';
import { saveMade, type Download } from '../../../state/save-file.ts';
import { suggestedName } from '../state/recipe.ts';
import type { SliderSet } from '../state/slider-set.ts';
import type { TrackState } from '../track/track.svelte.ts';

/** A recipe that is still being changed is not previewed: drawing one may take a second. */
const SETTLED_MS = 150;

/** A GIF in the making: what it shows, its own frames beforehand, and the file. */
export class ExportState {
  readonly track: TrackState;
  /** The dimensions or axes that are moved, each in a tile of its own. */
  dimensions = $state.raw<readonly number[]>([]);
  /** The last that came; see {@link isLate}. */
  preview = $state.raw<Preview | undefined>();
  /** Why there is no preview. */
  problem = $state.raw<ErrorPayload | undefined>();
  /** The job that writes the file. */
  job = $state.raw<Job | undefined>();
  readonly recipe = $derived.by(() => this.track.recipe(this.dimensions));
  readonly #lateness = new Lateness();
  readonly #load: Latest<Recipe, Preview>;
  readonly #download: Download;
  /** What {@link dimensions} are. */
  #kind: SliderSet['kind'] = 'dimensions';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: Recipe | undefined;

  constructor(track: TrackState, download: Download) {
    this.track = track;
    this.#download = download;
    const { client } = track.explore.app;
    this.#load = new Latest({
      load: (recipe) => client.request('models.preview', { recipe }),
      show: (preview, recipe) => {
        this.preview = preview;
        this.problem = undefined;
        this.#lateness.arrive(recipe === this.#asked);
      },
      fail: (error, recipe) => {
        this.problem = errorPayload(error);
        this.#lateness.arrive(recipe === this.#asked);
      },
    });
  }

  /** True while the preview is of an earlier recipe. */
  get isLate(): boolean {
    return this.#lateness.isLate;
  }

  /** Begins with the dimension or axis of the track. */
  begin(): void {
    const { slider, explore } = this.track;
    const { kind } = explore.sliders;
    if (this.#kind !== kind || !this.dimensions.includes(slider)) this.dimensions = [slider];
    this.#kind = kind;
    this.track.pause();
  }

  /** Asks for the preview of the recipe as it is, once it has stood still. */
  show(): void {
    const { recipe } = this;
    clearTimeout(this.#timer);
    if (!recipe) return;
    this.#asked = recipe;
    this.#lateness.wait();
    this.#timer = setTimeout(() => this.#load.ask(recipe), SETTLED_MS);
  }

  /** Asks for nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#load.forget();
    this.#lateness.arrive(true);
  }

  /**
   * Writes the file: where the person says in Electron, as a download in a browser.
   *
   * @returns whether there is a file
   */
  async save(): Promise<boolean> {
    const { recipe } = this;
    const { app, run } = this.track.explore;
    if (!recipe || this.job) return false;
    try {
      const name = suggestedName(run.name, recipe);
      const request = { kind: 'export', recipe } as const;
      return await saveMade(app, request, name, 'image/gif', (job) => (this.job = job), this.#download);
    } catch (error) {
      app.toasts.fail(error);
      return false;
    } finally {
      this.job = undefined;
    }
  }

  /** Stops writing the file. */
  cancel(): void {
    const { app } = this.track.explore;
    const { job } = this;
    if (job) app.attempt(() => app.jobs.cancel(job.id));
  }
}
