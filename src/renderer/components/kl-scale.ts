/**
 * The KL that fills the bar of a dimension, in nats, of every model alike, so that a bar means the same everywhere. A
 * dimension that places an image on one of 150 distinguishable values needs it; most trained dimensions have 1 to 4.
 */
export const FULL_BAR_NATS = 5;

/** The filled part of a dimension's bar, from 0 to 1. */
export function barPart(kl: number): number {
  return Math.max(0, Math.min(1, kl / FULL_BAR_NATS));
}
