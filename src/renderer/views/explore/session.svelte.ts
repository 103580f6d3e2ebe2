import type { AppState } from '../../state/app.svelte.ts';
import type { Colouring } from '../../state/usual-colouring.ts';
import { PointsState } from './scatter/points.svelte.ts';
import { ExploreState } from './state/explore.svelte.ts';
import { TrackState } from './track/track.svelte.ts';

/** All that is looked at together: a run, a data set, the points' colours and the track. */
export class Exploration {
  readonly explore: ExploreState;
  readonly points: PointsState;
  readonly track: TrackState;
  /** True once everything that the first picture needs is there. */
  isReady = $state(false);

  constructor(explore: ExploreState) {
    this.explore = explore;
    this.points = new PointsState(explore);
    this.track = new TrackState(explore);
  }

  async open(
    first: number | undefined,
    colouring: Colouring | undefined,
    mayEncodeForeign: boolean,
  ): Promise<void> {
    await this.explore.open(first, mayEncodeForeign);
    if (this.explore.phase.kind !== 'ready') return;
    try {
      await this.points.open(colouring);
    } catch (error) {
      // The points can be looked at without their colours.
      this.explore.app.toasts.fail(error);
      await this.points.colourBy({ kind: 'none' });
    }
    this.isReady = true;
  }

  close(): void {
    this.track.close();
    this.points.close();
    this.explore.close();
  }
}

/** Names a run with a data set. */
function pairOf({ run, dataset }: ExploreState): string {
  return `${run.id} ${dataset.id}`;
}

/**
 * What Explore shows, and what it will show: a new run or data set takes the place of the old only when it is ready, so
 * that nothing flickers.
 */
export class ExploreSession {
  readonly app: AppState;
  /** Being looked at. */
  current = $state.raw<Exploration | undefined>();
  /** On its way to be. */
  next = $state.raw<Exploration | undefined>();

  /** Runs with foreign data sets that a person wanted to be encoded. */
  #encoded: readonly string[] = [];
  #dismissed = $state.raw<readonly string[]>([]);

  constructor(app: AppState) {
    this.app = app;
  }

  /** What stands in the way of {@link next}, if anything does that a person should see. */
  get waiting(): Exploration | undefined {
    const kind = this.next?.explore.phase.kind;
    return kind === 'encoding' || kind === 'failed' || kind === 'foreign' ? this.next : undefined;
  }

  /** Follows what is chosen in the title bar. */
  show(): void {
    const { run, dataset } = this.app;
    if (!run || !dataset) return;
    this.next?.close();
    void this.#open(new Exploration(new ExploreState(this.app, run, dataset)));
  }

  /** Encodes foreign images that wait for it. */
  encodeForeign(): void {
    const { next } = this;
    if (next) this.#encoded = [...this.#encoded, pairOf(next.explore)];
    this.show();
  }

  /** Whether the note about foreign images was dismissed. */
  isDismissed({ explore }: Exploration): boolean {
    return this.#dismissed.includes(pairOf(explore));
  }

  /** Hides the note about foreign images until the window is closed. */
  dismiss({ explore }: Exploration): void {
    this.#dismissed = [...this.#dismissed, pairOf(explore)];
  }

  /** Shows nothing. */
  clear(): void {
    this.next?.close();
    this.current?.close();
    this.next = this.current = undefined;
  }

  async #open(next: Exploration): Promise<void> {
    this.next = next;
    const shown = this.current;
    // The same image stays pinned under another run.
    const isSameData = shown?.explore.dataset.id === next.explore.dataset.id;
    const { selection, target } = this.app;
    const { id } = next.explore.dataset;
    const before = isSameData ? shown.explore.pinned?.index : undefined;
    const first = target?.dataset === id ? undefined : (before ?? selection.pinnedIn(id));
    await next.open(
      first,
      selection.colouringOf(id) ?? shown?.points.by,
      this.#encoded.includes(pairOf(next.explore)),
    );
    if (this.next !== next || !next.isReady) return;
    shown?.close();
    this.current = next;
    this.next = undefined;
  }
}
