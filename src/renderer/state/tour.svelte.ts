import type { ViewId } from '../../contract/views.ts';
import type { Presentation } from './presentation.svelte.ts';
import { TOUR_STEPS, type TourStep } from './tour-steps.ts';

/** What the tour depends on: the window's state. */
interface TourOwner {
  view: ViewId;
  readonly presentation: Presentation;
}

const OFFERED = 'unravel.tour.offered';

/** The tour of the window: which step it is at, and whether it is offered. */
export class Tour {
  readonly #app: TourOwner;
  #at = $state<number | undefined>();
  #isOffered = $state(localStorage.getItem(OFFERED) === null);
  /** Where it ends: in the view in which it began. */
  #begun: ViewId = 'explore';

  constructor(app: TourOwner) {
    this.#app = app;
  }

  /** The step that is shown; undefined while there is no tour. */
  get step(): TourStep | undefined {
    return this.#at === undefined ? undefined : TOUR_STEPS[this.#at];
  }

  /** The number of the step, from 1. */
  get number(): number {
    return (this.#at ?? 0) + 1;
  }

  get isFirst(): boolean {
    return this.#at === 0;
  }

  get isLast(): boolean {
    return this.#at === TOUR_STEPS.length - 1;
  }

  /** Whether the window offers the tour: in the first one only, until it is taken or declined. */
  get isOffered(): boolean {
    return this.#isOffered && this.#at === undefined;
  }

  start(): void {
    this.#app.presentation.end();
    if (this.#at === undefined) this.#begun = this.#app.view;
    this.decline();
    this.#go(0);
  }

  next(): void {
    if (this.isLast) this.end();
    else if (this.#at !== undefined) this.#go(this.#at + 1);
  }

  back(): void {
    if (this.#at !== undefined && this.#at > 0) this.#go(this.#at - 1);
  }

  /** Ends it, at its last step or before. */
  end(): void {
    if (this.#at === undefined) return;
    this.#at = undefined;
    this.#app.view = this.#begun;
  }

  /** Offers it no more. */
  decline(): void {
    this.#isOffered = false;
    this.markOffered();
  }

  /** Later windows do not offer it. */
  markOffered(): void {
    localStorage.setItem(OFFERED, 'yes');
  }

  #go(at: number): void {
    this.#at = at;
    this.#app.view = TOUR_STEPS[at]!.view;
  }
}
