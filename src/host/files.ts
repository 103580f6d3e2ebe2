import { randomBytes } from 'node:crypto';

/** Cryptographically random bytes as hexadecimal digits; sixteen digits if `bytes` is left out. */
export function randomHex(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}
