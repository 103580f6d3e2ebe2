import { randomBytes } from 'node:crypto';

const MAX_SLUG = 40;

/**
 * A new data set's id, which is its folder's name: the name made fit for any file system, and six random letters
 * so that names may repeat.
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
