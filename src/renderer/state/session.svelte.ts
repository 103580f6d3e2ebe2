import type { Client } from '../../contract/client.ts';
import { errorPayload, UnravelError, type ErrorPayload } from '../../contract/errors.ts';
import type { Theme } from '../theme/theme.svelte.ts';
import { AppState } from './app.svelte.ts';
import { LatestAsk } from './latest-ask.ts';

/** After a lost connection; each try waits a little longer. */
const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

/** What the session depends on. */
export interface SessionOptions {
  readonly connect: () => Promise<Client>;
  readonly theme: Theme;
  /** How long the tries wait, the last one for all that follow. */
  readonly retryMs?: readonly number[];
}

/**
 * The window's connection and the state on top of it. A connection that is lost is made again, one try after the
 * other; the state before stays to be looked at until a new one is loaded.
 */
export class Session {
  app = $state.raw<AppState | undefined>();
  /** Why there is no connection now; undefined where there is one, or none was tried yet. */
  problem = $state.raw<ErrorPayload | undefined>();
  readonly #options: SessionOptions;
  readonly #ask = new LatestAsk();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Connects and loads; where that fails, tries again later. */
  async open(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#ask.ask(
        (signal) => this.#load(signal),
        (next) => {
          const before = this.app;
          this.app = next;
          if (before?.presentation.isOn) next.presentation.start();
          this.problem = undefined;
          this.#tries = 0;
        },
      );
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Ends the connection, and makes no other. */
  close(): void {
    clearTimeout(this.#timer);
    this.#ask.close();
  }

  async #load(signal: AbortSignal): Promise<AppState> {
    const { connect, theme } = this.#options;
    const client = await connect();
    // A connection lives as long as its try is the newest: none is left open behind another.
    signal.addEventListener('abort', () => client.close());
    let isLoaded = false;
    client.onClose(() => {
      // Before that, what was being loaded fails, and says the same.
      if (isLoaded && !signal.aborted) this.#lose(lost());
    });
    try {
      signal.throwIfAborted();
      const next = new AppState(client, await client.request('app.describe', {}), theme);
      await next.load(this.app?.remembered);
      isLoaded = true;
      return next;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  #lose(error: unknown): void {
    const { retryMs = RETRY_MS } = this.#options;
    this.problem = errorPayload(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.open(), retryMs[Math.min(this.#tries, retryMs.length - 1)]);
    this.#tries += 1;
  }
}

function lost(): UnravelError {
  return new UnravelError('disconnected', 'The connection to Unravel was lost. Trying again…');
}
