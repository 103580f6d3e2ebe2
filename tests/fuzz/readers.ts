import { ARRAY_READERS } from './arrays.ts';
import { DOCUMENT_READERS } from './documents.ts';
import { FAULTY_READERS } from './faulty.ts';
import { PICTURE_READERS } from './pictures.ts';
import type { Reader } from './reader.ts';
import { TABLE_READERS } from './tables.ts';

/** Every reader of what comes from outside. */
export const READERS: readonly Reader[] = [
  ...PICTURE_READERS,
  ...TABLE_READERS,
  ...ARRAY_READERS,
  ...DOCUMENT_READERS,
];

/** @throws Error where there is none of that name */
export function findReader(name: string): Reader {
  const reader = [...READERS, ...FAULTY_READERS].find((each) => each.name === name);
  if (reader) return reader;
  throw new Error(`There is no reader “${name}”; there are ${READERS.map((each) => each.name).join(', ')}.`);
}
