import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listZip } from '../../../src/engine/files/zip.ts';
import { openZipReader } from '../../../src/engine/files/zip-reader.ts';
import { makeZip } from '../../../src/engine/files/zip-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-zip-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const members = [
  { name: 'figure-1.png', bytes: Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251) },
  { name: 'β/rézumé.json', bytes: Buffer.from('{"a": 1}\n'.repeat(200)) },
  { name: 'empty', bytes: new Uint8Array(0) },
];

describe('an archive', () => {
  it('is read back whole by a reader of its own, names, sizes and checksums', async () => {
    const path = join(folder, 'three.zip');
    await writeFile(path, await makeZip(members));
    const { entries, refused } = await listZip(path);
    expect(refused).toEqual([]);
    expect(entries.map(({ name, size }) => [name, size])).toEqual(
      members.map(({ name, bytes }) => [name, bytes.length]),
    );
    const reader = openZipReader(path);
    for (const [i, entry] of entries.entries()) {
      expect(reader.read(entry).equals(members[i]!.bytes)).toBe(true);
    }
    reader.close();
  });

  it('is the same bytes for the same files, and smaller than they are', async () => {
    const [one, two] = [await makeZip(members), await makeZip(members)];
    expect(Buffer.from(one).equals(two)).toBe(true);
    expect((await makeZip([members[1]!])).length).toBeLessThan(members[1]!.bytes.length / 2);
  });
});
