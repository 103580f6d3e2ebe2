/** A wait shorter than this is not seen; dimming a picture for it would only flicker. */
const SEEN_MS = 200;

/** Says when a picture is late: when the one that should replace it has been awaited long enough to be noticed. */
export class Lateness {
  isLate = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A newer picture is awaited; asked again while it is, nothing changes. */
  wait(): void {
    this.#timer ??= setTimeout(() => (this.isLate = true), SEEN_MS);
  }

  /** A picture has come: the newest, or one after which another is awaited. */
  arrive(isNewest: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.isLate = false;
    if (!isNewest) this.wait();
  }
}
