import { randomBytes } from 'node:crypto';

/** Random and unguessable: sixteen digits of base 16. */
export function randomHex(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}
