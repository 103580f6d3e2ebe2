import type { ErrorPayload } from '../../contract/errors.ts';

/** What went wrong and what to do about it, for a place that has one text for both. */
export function inOneLine({ message, hint }: ErrorPayload): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
