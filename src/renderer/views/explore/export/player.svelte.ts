import type { Preview } from '../../../../contract/operations/models.ts';

/** Plays a GIF's frames, each for as long as the file says. */
export class Player {
  frame = $state(0);
  isPlaying = $state(false);
  #preview = $state.raw<Preview | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get frames(): number {
    return this.#preview?.delaysMs.length ?? 0;
  }

  /** Shows another file's frames, from the same one on where there are so many. */
  load(preview: Preview): void {
    this.#preview = preview;
    this.frame = Math.min(this.frame, this.frames - 1);
  }

  play(): void {
    if (this.isPlaying) return;
    this.isPlaying = true;
    this.#wait();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.isPlaying = false;
  }

  /** Stands still at a frame so many on, round at the ends. */
  step(by: number): void {
    this.pause();
    this.#go(by);
  }

  #go(by: number): void {
    const { frames } = this;
    if (frames > 0) this.frame = (this.frame + by + frames) % frames;
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#go(1);
      this.#wait();
    }, this.#preview?.delaysMs[this.frame] ?? 100);
  }
}
