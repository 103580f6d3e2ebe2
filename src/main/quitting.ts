import type { App, MessageBoxOptions } from 'electron';

/** What ends with the application. */
export interface Quittable {
  /** Whether a training would be stopped. */
  readonly isTraining: boolean;
  /** Ends in order. */
  close(): Promise<void>;
}

/** How a person is asked, and what they see meanwhile. */
export interface QuitDialog {
  /** @returns the button that was chosen */
  ask(options: MessageBoxOptions): Promise<number>;
  /** The window goes at once; what runs behind it may take some seconds to end. */
  hideWindow(): void;
}

type QuitState = 'running' | 'asking' | 'closing' | 'over';

const QUIT = 0;
const STAY = 1;

/** Ends the application in order: asks once while a training runs, lets it write its checkpoint, then goes. */
export class Quitting {
  readonly #app: App;
  readonly #host: Promise<Quittable>;
  readonly #dialog: QuitDialog;
  #state: QuitState = 'running';

  /** @param host - may still be starting */
  constructor(app: App, host: Promise<Quittable>, dialog: QuitDialog) {
    this.#app = app;
    this.#host = host;
    this.#dialog = dialog;
  }

  /** Whether the application is on its way out, so that windows may close. */
  get isUnderWay(): boolean {
    return this.#isIn('closing', 'over');
  }

  /** Hears when the application is to end. */
  setup(): void {
    this.#app.on('before-quit', (event) => {
      if (this.#state === 'over') return;
      event.preventDefault();
      void this.quit();
    });
  }

  /**
   * Ends the application.
   *
   * @param mayAsk - false where nobody is there to answer: the machine shuts down, or a terminal's Ctrl-C
   */
  async quit({ mayAsk = true }: { mayAsk?: boolean } = {}): Promise<void> {
    if (this.#isIn('closing', 'over') || (mayAsk && this.#isIn('asking'))) return;
    if (mayAsk) this.#state = 'asking';
    const host = await this.#host.catch(() => undefined);
    const stays = mayAsk && host?.isTraining === true && !(await this.#agrees());
    // Meanwhile somebody may have ended it without asking.
    if (this.#isIn('closing', 'over')) return;
    if (stays) {
      this.#state = 'running';
      return;
    }
    this.#state = 'closing';
    this.#dialog.hideWindow();
    await host?.close().catch(() => undefined);
    this.#state = 'over';
    this.#app.quit();
  }

  #isIn(...states: QuitState[]): boolean {
    return states.includes(this.#state);
  }

  async #agrees(): Promise<boolean> {
    const answer = await this.#dialog.ask({
      type: 'question',
      message: 'Quit while a model is being trained?',
      detail: 'The training writes a checkpoint, and goes on by itself when Unravel is started again.',
      buttons: ['Quit', 'Keep training'],
      defaultId: QUIT,
      cancelId: STAY,
      noLink: true,
    });
    return answer === QUIT;
  }
}
