import type { App, MessageBoxOptions } from 'electron';

/** What is closed when the application quits. */
export interface Quittable {
  /** Whether a training would be stopped. */
  readonly isTraining: boolean;
  /** Stops trainings, which write a checkpoint, and closes. */
  close(): Promise<void>;
}

/** The user interface of quitting. */
export interface QuitDialog {
  /** Asks the person. @returns the index of the chosen button */
  ask(options: MessageBoxOptions): Promise<number>;
  /** Hides the window at once, because closing may take some seconds. */
  hideWindow(): void;
}

type QuitState = 'running' | 'asking' | 'closing' | 'over';

const QUIT = 0;
const STAY = 1;

/** Quits the application: asks once while a training runs, lets it write its checkpoint, then ends. */
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

  /** Whether the application is quitting, so that windows may close. */
  get isUnderWay(): boolean {
    return this.#isIn('closing', 'over');
  }

  /** Starts to listen for requests to quit. */
  setup(): void {
    this.#app.on('before-quit', (event) => {
      if (this.#state === 'over') return;
      event.preventDefault();
      void this.quit();
    });
  }

  /**
   * Quits the application.
   *
   * @param mayAsk - false where nobody can answer: at a shutdown, or at a signal such as a terminal's Ctrl-C
   */
  async quit({ mayAsk = true }: { mayAsk?: boolean } = {}): Promise<void> {
    if (this.#isIn('closing', 'over') || (mayAsk && this.#isIn('asking'))) return;
    if (mayAsk) this.#state = 'asking';
    const host = await this.#host.catch(() => undefined);
    const stays = mayAsk && host?.isTraining === true && !(await this.#agrees());
    // A shutdown or a signal may have ended it meanwhile.
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
      detail: 'The training writes a checkpoint and continues when Unravel is started again.',
      buttons: ['Quit', 'Keep training'],
      defaultId: QUIT,
      cancelId: STAY,
      noLink: true,
    });
    return answer === QUIT;
  }
}
