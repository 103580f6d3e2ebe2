import { UnravelError } from '../../contract/errors.ts';

/** The end of work that somebody has cancelled. */
export function cancelledError(): UnravelError {
  return new UnravelError('cancelled', 'Cancelled; nothing was kept.');
}

/**
 * Ends work that somebody has cancelled.
 *
 * @throws UnravelError `cancelled`
 */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledError();
}
