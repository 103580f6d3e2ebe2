import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/engine/basics/random.ts';
import { FAULTY_READERS } from './faulty.ts';
import { READERS } from './readers.ts';
import { fuzz, shareOut } from './run.ts';

describe('edited inputs', () => {
  it('are read or refused in words by every reader', async () => {
    // Always the same inputs here; the long run draws others: `node scripts/fuzz.mjs`.
    const accepted = new Map<string, number>();
    const failures = await fuzz({
      readers: READERS,
      inputs: 300,
      seed: 1,
      onReader: (reader, _, count) => accepted.set(reader, count),
    });
    expect(failures).toEqual([]);
    expect([...accepted.keys()]).toEqual(READERS.map(({ name }) => name));
  });

  it('come from others that are read', async () => {
    for (const { name, valid, read } of READERS) {
      const folder = await mkdtemp(join(tmpdir(), 'unravel-fuzz-valid-'));
      try {
        await expect(read(valid(), folder), name).resolves.toBeUndefined();
      } finally {
        await rm(folder, { recursive: true });
      }
    }
  });

  it('are the same for the same seed', async () => {
    for (const { name, make } of READERS) {
      const [first, second] = [await make(createRandom(5, name)), await make(createRandom(5, name))];
      expect(first.equals(second), name).toBe(true);
    }
  });

  it('are shared out by weight, at least one to each reader', () => {
    for (const inputs of [READERS.length, 300, 20_000]) {
      const shares = shareOut(READERS, inputs);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(inputs);
      expect(Math.min(...shares)).toBeGreaterThan(0);
    }
  });
});

describe('a fuzz run', () => {
  const whyOf = async (name: string): Promise<string[]> => {
    const readers = FAULTY_READERS.filter((reader) => reader.name === name);
    const failures = await fuzz({ readers, inputs: 2, seed: 7 });
    for (const { reader, seed } of failures) {
      expect(reader).toBe(name);
      expect([7, 8]).toContain(seed);
    }
    return failures.map(({ why }) => why);
  };

  it.each([
    ['throws', /^it threw TypeError: x is not a function/, 2],
    ['crashes', /^its process ended \(SIGABRT\)/, 2],
    ['hangs', /^it took more processor time than it may/, 2],
    ['pollutes', /^it changed a prototype: .*polluted/, 2],
    ['escapes', /^files appeared outside its folder: escaped/, 1],
    ['forgets', /^a rejection that nobody caught: .*nobody waits for this/, 2],
  ])('finds a reader that %s, on every input', async (name, why, count) => {
    const found = await whyOf(name);
    expect(found).toHaveLength(count);
    for (const each of found) expect(each).toMatch(why);
  });

  it.skipIf(process.platform !== 'linux')('finds a reader that grows (where the system tells)', async () => {
    expect((await whyOf('grows'))[0]).toMatch(/^it took \d+ MB/);
  });

  it('finds nothing in one that is sound', async () => {
    expect(await whyOf('is sound')).toEqual([]);
  });
});
