/** True where a person asked their system for less movement. */
export function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** A duration, or none where movement is unwanted. */
export function motionMs(ms: number): number {
  return prefersStillness() ? 0 : ms;
}
