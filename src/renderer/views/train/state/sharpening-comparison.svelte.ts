import type { SharpeningMeasurement } from '../../../../contract/sharpening.ts';
import type { AppState } from '../../../state/app.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';

/** What a sharpening has changed, loaded when it has ended. */
export class SharpeningComparison {
  measured = $state.raw<SharpeningMeasurement | undefined>();
  /** Whether it has been asked for and answered. */
  isLoaded = $state(false);
  readonly #app: AppState;
  readonly #run: string;
  readonly #ask = new LatestAsk();

  constructor(app: AppState, run: string) {
    this.#app = app;
    this.#run = run;
  }

  load(): void {
    this.#app.attempt(() =>
      this.#ask.ask(
        () => this.#app.client.request('runs.sharpening', { run: this.#run }),
        (measured) => {
          this.measured = measured ?? undefined;
          this.isLoaded = true;
        },
      ),
    );
  }

  close(): void {
    this.#ask.close();
  }
}
