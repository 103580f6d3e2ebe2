import { randomBytes } from 'node:crypto';

const MAX_SLUG = 40;

/**
 * Makes the id of a new data set, which is also its folder's name: the name in characters that every file system
 * allows, and six random characters, so that the same name can be used again.
 */
export function makeDatasetId(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return `${slug || 'data'}-${randomBytes(3).toString('hex')}`;
}
