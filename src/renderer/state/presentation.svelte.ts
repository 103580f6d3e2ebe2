import type { DatasetInfo } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';
import type { ViewId } from '../../contract/views.ts';
import type { Theme } from '../theme/theme.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What a presentation depends on: the window's state. */
interface PresentationOwner {
  view: ViewId;
  readonly run: RunInfo | undefined;
  readonly dataset: DatasetInfo | undefined;
  readonly theme: Theme;
  readonly toasts: Toasts;
}

/**
 * Explore for a projector: scatter, face and sliders in large type, without the rest of the window. It fills the screen
 * where the browser allows that, ends with it, and with another view. No window begins in it.
 */
export class Presentation {
  readonly #app: PresentationOwner;
  #isOn = $state(false);
  #fillsScreen = false;

  constructor(app: PresentationOwner) {
    this.#app = app;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  toggle(): void {
    if (this.#isOn) this.end();
    else this.start();
  }

  start(): void {
    const app = this.#app;
    if (!app.run || !app.dataset) {
      app.theme.projector = undefined;
      app.toasts.show({
        kind: 'info',
        message: 'There is nothing to present yet. A presentation shows a trained model and its images.',
      });
      return;
    }
    app.view = 'explore';
    this.#isOn = true;
    // Most rooms are not dark, and the light ground stands out from the screen there.
    app.theme.projector ??= 'light';
    void this.#fillScreen();
  }

  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#app.theme.projector = undefined;
    if (this.#fillsScreen && document.fullscreenElement) void document.exitFullscreen();
    this.#fillsScreen = false;
  }

  /** The other ground: dark on light, or light on dark. */
  changeGround(): void {
    const { theme } = this.#app;
    theme.projector = theme.projector === 'light' ? 'dark' : 'light';
  }

  /** The browser has given the whole screen to the page, or taken it back, as its own Escape does. */
  screenChanged(): void {
    if (this.#fillsScreen && !document.fullscreenElement) this.end();
  }

  async #fillScreen(): Promise<void> {
    try {
      await document.documentElement.requestFullscreen();
      this.#fillsScreen = this.#isOn;
    } catch {
      // Where the screen is not given, as without a press of a key or a click, the window is filled.
    }
  }
}
