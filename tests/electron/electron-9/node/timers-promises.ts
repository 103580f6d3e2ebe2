/** `node:timers/promises`, which Node 12 has not: as much of it as the host uses. */

export function setTimeout(delayMs: number): Promise<void> {
  return new Promise((resolve) => globalThis.setTimeout(resolve, delayMs));
}
