/** Remembers the last things that were kept, so many at most. */
export class Recent<T> {
  readonly #most: number;
  readonly #kept = new Map<number, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get(index: number): T | undefined {
    return this.#kept.get(index);
  }

  /** Keeps a thing; the one that was kept first makes room. */
  keep(index: number, thing: T): void {
    this.#kept.set(index, thing);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) return;
      this.#kept.delete(oldest);
    }
  }
}
