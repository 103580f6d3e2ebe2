/** `cubic-bezier(.2, 0, 0, 1)`, the curve of all movement: how far it has come at a part `t` of its time. */
export function ease(t: number): number {
  if (t <= 0) return 0;
  if (t >= 1) return 1;
  // x(s) = 0.6 s (1 − s)² + s³ rises, so halving finds s; y(s) = 3 s² (1 − s) + s³.
  let low = 0;
  let high = 1;
  for (let i = 0; i < 24; i++) {
    const s = (low + high) / 2;
    if (0.6 * s * (1 - s) * (1 - s) + s * s * s < t) low = s;
    else high = s;
  }
  return 3 * low * low * (1 - low) + low * low * low;
}
