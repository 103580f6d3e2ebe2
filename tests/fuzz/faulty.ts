import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reader } from './reader.ts';

// Readers with one fault each, on which the run itself is tried.

function faulty(name: string, read: Reader['read']): Reader {
  return {
    name,
    weight: 1,
    mostMegabytes: 100,
    mostCpuSeconds: 0.5,
    valid: () => Buffer.alloc(1),
    make: (random) => Buffer.of(random.integer(256)),
    read,
  };
}

/** Readers that the run has to find fault with, all but the last. */
export const FAULTY_READERS: readonly Reader[] = [
  faulty('throws', () => Promise.reject(new TypeError('x is not a function'))),
  faulty('crashes', () => process.abort()),
  faulty('hangs', () => {
    for (;;);
  }),
  faulty('grows', async () => {
    await Promise.resolve(Buffer.alloc(300 * 2 ** 20, 1));
  }),
  faulty('pollutes', async () => {
    Reflect.set(Object.prototype, 'polluted', true);
    await Promise.resolve();
  }),
  faulty('escapes', (input, folder) => writeFile(join(folder, '../escaped'), input)),
  faulty('forgets', () => {
    void Promise.reject(new Error('nobody waits for this'));
    return Promise.resolve();
  }),
  faulty('is sound', () => Promise.resolve()),
];
