import type { Axes } from '../../contract/operations/codes.ts';
import { MOST_REMEMBERED, type Colouring, type Remembered } from '../../contract/remembered.ts';

/** The part of {@link Remembered} that is kept by data set or run. */
type Kept = Pick<Remembered, 'pinned' | 'colouring' | 'opened' | 'openedAxis' | 'axes'>;

/** Puts an entry last, and drops the oldest where there would be too many. */
function withEntry<T>(all: Readonly<Record<string, T>>, id: string, value: T): Record<string, T> {
  const { [id]: _before, ...others } = all;
  return Object.fromEntries([...Object.entries(others), [id, value] as const].slice(-MOST_REMEMBERED));
}

/** What is selected in each data set and run: the same for every view, and kept when another one is chosen. */
export class Selection {
  #kept = $state.raw<Kept>({ pinned: {}, colouring: {}, opened: {}, openedAxis: {}, axes: {} });
  /** The image that Data was left at, by data set, where that was later than the last pin. */
  #places: Readonly<Record<string, number>> = {};

  /** For the next window. */
  get kept(): Kept {
    return this.#kept;
  }

  /** Takes over what an earlier window kept. */
  restore({ pinned, colouring, opened, openedAxis, axes }: Kept): void {
    this.#kept = { pinned, colouring, opened, openedAxis, axes };
  }

  /** The pinned image of a data set. */
  pinnedIn(dataset: string): number | undefined {
    return this.#kept.pinned[dataset];
  }

  pin(dataset: string, index: number): void {
    if (this.#kept.pinned[dataset] === index) return;
    const { [dataset]: _left, ...others } = this.#places;
    this.#places = others;
    this.#kept = { ...this.#kept, pinned: withEntry(this.#kept.pinned, dataset, index) };
  }

  /** The image that a list of a data set's images begins at. */
  placeIn(dataset: string): number | undefined {
    return this.#places[dataset] ?? this.pinnedIn(dataset);
  }

  leaveAt(dataset: string, index: number): void {
    this.#places = { ...this.#places, [dataset]: index };
  }

  /** What the points of a data set are coloured by. */
  colouringOf(dataset: string): Colouring | undefined {
    return this.#kept.colouring[dataset];
  }

  colour(dataset: string, by: Colouring): void {
    this.#kept = { ...this.#kept, colouring: withEntry(this.#kept.colouring, dataset, by) };
  }

  /** The open dimension of a run. */
  openedOf(run: string): number | undefined {
    return this.#kept.opened[run];
  }

  open(run: string, dimension: number): void {
    if (this.#kept.opened[run] === dimension) return;
    this.#kept = { ...this.#kept, opened: withEntry(this.#kept.opened, run, dimension) };
  }

  /** The open independent axis of a run. */
  openedAxisOf(run: string): number | undefined {
    return this.#kept.openedAxis[run];
  }

  openAxis(run: string, axis: number): void {
    if (this.#kept.openedAxis[run] === axis) return;
    this.#kept = { ...this.#kept, openedAxis: withEntry(this.#kept.openedAxis, run, axis) };
  }

  /** The axes of a run's scatter. */
  axesOf(run: string): Axes | undefined {
    return this.#kept.axes[run];
  }

  project(run: string, axes: Axes): void {
    if (this.#kept.axes[run] === axes) return;
    this.#kept = { ...this.#kept, axes: withEntry(this.#kept.axes, run, axes) };
  }
}
