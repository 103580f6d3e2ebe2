/** An open value in the cache. */
interface Entry<T> {
  /** What it was opened from; another version is opened anew. */
  readonly version: string;
  readonly value: Promise<T>;
  users: number;
  isLeaving: boolean;
  /** Called when it is closed. */
  readonly whenClosed: (() => void)[];
}

/**
 * A cache that keeps the last used values open, such as models and data sets, because opening them takes longer
 * than using them. A value that is in use is closed after its last use.
 */
export class KeepOpen<T> {
  readonly #most: number;
  readonly #close: (value: T) => Promise<void> | void;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry<T>>();

  /**
   * @param most - maximum number of open values
   * @param close - closes a value; must not throw
   */
  constructor(most: number, close: (value: T) => Promise<void> | void = () => undefined) {
    this.#most = most;
    this.#close = close;
  }

  /**
   * Calls `work` with the value of a key, which is opened if necessary.
   *
   * @param version - changes when the value of the key must be opened again
   * @throws the error of `open` or `work`
   */
  async use<R>(
    key: string,
    version: string,
    open: () => Promise<T>,
    work: (value: T) => Promise<R> | R,
  ): Promise<R> {
    const entry = this.#entry(key, version, open);
    entry.users += 1;
    try {
      return await work(await entry.value);
    } finally {
      entry.users -= 1;
      this.#closeIfUnused(entry);
    }
  }

  /**
   * Closes the value of a key, if it is open.
   *
   * @returns resolves when it is closed, after its last user
   */
  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    entry.isLeaving = true;
    const closed = new Promise<void>((resolve) => entry.whenClosed.push(resolve));
    this.#closeIfUnused(entry);
    await closed;
  }

  /** Closes all whose key says so; as {@link drop}. */
  async dropWhere(matches: (key: string) => boolean): Promise<void> {
    await Promise.all([...this.#entries.keys()].filter(matches).map((key) => this.drop(key)));
  }

  #entry(key: string, version: string, open: () => Promise<T>): Entry<T> {
    const known = this.#entries.get(key);
    if (known?.version === version) {
      // Put last: it is the most recently used now.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    void this.drop(key);
    const entry: Entry<T> = { version, value: open(), users: 0, isLeaving: false, whenClosed: [] };
    this.#entries.set(key, entry);
    // If opening failed, it is tried again the next time.
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      void this.drop(oldest);
    }
    return entry;
  }

  #closeIfUnused(entry: Entry<T>): void {
    if (!entry.isLeaving || entry.users > 0) return;
    void this.#closeNow(entry);
  }

  async #closeNow({ value, whenClosed }: Entry<T>): Promise<void> {
    try {
      await this.#close(await value);
    } catch {
      // A value that could not be opened needs no closing.
    }
    for (const tell of whenClosed) tell();
  }
}
