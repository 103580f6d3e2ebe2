import { UnravelError } from '../../contract/errors.ts';

/** The error of cancelled work. */
export function cancelledError(): UnravelError {
  return new UnravelError('cancelled', 'Cancelled; nothing was kept.');
}

/**
 * Throws if the work was cancelled.
 *
 * @throws UnravelError `cancelled`
 */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledError();
}
