import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openZipReader, streamZipEntry } from '../../../src/engine/files/zip-reader.ts';
import { listZip } from '../../../src/engine/files/zip.ts';
import { makeZip, zip64Offset, type HandmadeEntry } from './make-zip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-zip-'));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
async function zipOf(...entries: HandmadeEntry[]): Promise<string> {
  const path = join(folder, `${made++}.zip`);
  await writeFile(path, makeZip(entries));
  return path;
}

const hello = Buffer.from('hello '.repeat(1000));

async function readOnly(path: string): Promise<Buffer> {
  const { entries } = await listZip(path);
  const reader = openZipReader(path);
  try {
    return reader.read(entries[0]!);
  } finally {
    reader.close();
  }
}

describe('listing an archive', () => {
  it('names files in nested folders, and no folders', async () => {
    const path = await zipOf(
      { name: 'a/', bytes: Buffer.alloc(0) },
      { name: 'a/b/ü.jpg', bytes: hello },
      { name: 'c.png', bytes: hello, deflate: true },
    );
    const { entries, refused } = await listZip(path);
    expect(entries.map(({ name }) => name)).toEqual(['a/b/ü.jpg', 'c.png']);
    expect(entries.map(({ size }) => size)).toEqual([6000, 6000]);
    expect(refused).toEqual([]);
  });

  it.each([
    ['../evil.jpg', 'climbs out'],
    ['a/../../evil.jpg', 'climbs out'],
    ['/etc/evil.jpg', 'absolute'],
    ['C:/evil.jpg', 'absolute'],
    ['..\\evil.jpg', 'climbs out'],
    ['a\\..\\..\\evil.jpg', 'climbs out'],
    ['.\\../evil.jpg', 'climbs out'],
    ['\\\\server\\evil.jpg', 'absolute'],
    ['C:\\evil.jpg', 'absolute'],
    ['a\0.jpg', 'zero byte'],
  ])('refuses the entry %j, and still lists the others', async (name, reason) => {
    const { entries, refused } = await listZip(
      await zipOf({ name, bytes: hello }, { name: 'good.jpg', bytes: hello }),
    );
    expect(entries.map((entry) => entry.name)).toEqual(['good.jpg']);
    expect(refused).toEqual([{ name, reason: expect.stringContaining(reason) as string }]);
  });

  it.each([
    ['./a/0.png', 'a/0.png'],
    ['././0.png', '0.png'],
    ['a//0.png', 'a/0.png'],
    ['a/./0.png', 'a/0.png'],
    ['a\\0.png', 'a/0.png'],
    ['.\\a\\0.png', 'a/0.png'],
  ])('reads the name %j as unzip does', async (name, path) => {
    const { entries, refused } = await listZip(
      await zipOf({ name: './', bytes: Buffer.alloc(0) }, { name, bytes: hello }),
    );
    expect([entries.map((entry) => entry.name), refused]).toEqual([[path], []]);
  });

  it.each([
    ['a prefix', 510, 0],
    ['bytes after it', 0, 300],
    ['both', 70_000, 70_000],
  ])('reads an archive with %s', async (_, before, after) => {
    const zip = makeZip([{ name: 'x', bytes: hello, deflate: true }]);
    const path = join(folder, `around-${before}-${after}.zip`);
    await writeFile(path, Buffer.concat([Buffer.alloc(before, 'P'), zip, Buffer.alloc(after)]));
    expect(await readOnly(path)).toEqual(hello);
    const streamed = [];
    for await (const chunk of streamZipEntry(path, (await listZip(path)).entries[0]!)) streamed.push(chunk);
    expect(Buffer.concat(streamed)).toEqual(hello);
  });

  it('reads the last archive of a file that contains two', async () => {
    const first = makeZip([{ name: 'first', bytes: hello }]);
    const path = join(folder, 'two.zip');
    await writeFile(path, Buffer.concat([first, makeZip([{ name: 'second', bytes: hello }])]));
    expect((await listZip(path)).entries.map(({ name }) => name)).toEqual(['second']);
    expect(await readOnly(path)).toEqual(hello);
  });

  it.each([
    [{ mode: 0o120777 }, 'a link'],
    [{ flags: 0x801 }, 'encrypted'],
    [{ method: 9 }, 'method 9'],
  ])('refuses %j', async (extra, reason) => {
    const { entries, refused } = await listZip(await zipOf({ name: 'x.jpg', bytes: hello, ...extra }));
    expect(entries).toEqual([]);
    expect(refused[0]!.reason).toContain(reason);
  });

  it.each([50_000n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 60n])(
    'refuses an entry that lies outside the archive (at %i)',
    async (offset) => {
      const outside = { statedOffset: 0xffffffff, extra: zip64Offset(offset) };
      const { entries, refused } = await listZip(
        await zipOf({ name: 'good.jpg', bytes: hello }, { name: 'x.jpg', bytes: hello, ...outside }),
      );
      expect(entries.map(({ name }) => name)).toEqual(['good.jpg']);
      expect(refused).toEqual([{ name: 'x.jpg', reason: 'it lies outside the archive' }]);
    },
  );

  it('says that a file which is no archive is none', async () => {
    const path = join(folder, 'text.zip');
    await writeFile(path, 'not a zip');
    await expect(listZip(path)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(listZip(join(folder, 'missing.zip'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses one that states more files than could be listed', async () => {
    const path = join(folder, 'many.zip');
    const files = makeZip([{ name: 'a.jpg', bytes: hello }]);
    const end = files.subarray(files.length - 22);
    const large = Buffer.alloc(56 + 20);
    large.writeUInt32LE(0x06064b50, 0);
    large.writeUInt32LE(44, 4);
    // The number of files, 64 bits wide, then size and place of their directory.
    large.writeUInt32LE(6_000_000, 24);
    large.writeUInt32LE(6_000_000, 32);
    large.writeUInt32LE(end.readUInt32LE(12), 40);
    large.writeUInt32LE(end.readUInt32LE(16), 48);
    large.writeUInt32LE(0x07064b50, 56);
    large.writeUInt32LE(files.length - 22, 64);
    large.writeUInt32LE(1, 72);
    end.fill(0xff, 8, 20);
    await writeFile(path, Buffer.concat([files.subarray(0, files.length - 22), large, end]));
    await expect(listZip(path)).rejects.toThrow('it holds 6,000,000 files, and at most 5,000,000 are read');
  });

  it('reads a directory longer than one block', async () => {
    const names = Array.from(
      { length: 12_000 },
      (_, i) => `${'folder/'.repeat(8)}${String(i).padStart(30, '0')}.jpg`,
    );
    const { entries } = await listZip(
      await zipOf(...names.map((name) => ({ name, bytes: Buffer.alloc(0) }))),
    );
    expect(entries.map(({ name }) => name)).toEqual(names);
  });
});

describe('reading an entry', () => {
  it.each([true, false])('gives its bytes back (deflated: %s)', async (deflate) => {
    expect(await readOnly(await zipOf({ name: 'x', bytes: hello, deflate }))).toEqual(hello);
  });

  it('gives an empty entry back', async () => {
    expect(await readOnly(await zipOf({ name: 'x', bytes: Buffer.alloc(0), deflate: true }))).toHaveLength(0);
  });

  it('unpacks no more than the entry states', async () => {
    const bomb = { name: 'x', bytes: Buffer.alloc(50_000_000), deflate: true, statedSize: 1000 };
    await expect(readOnly(await zipOf(bomb))).rejects.toThrow('more than it states');
  });

  it('refuses what states to be larger than any photograph, before unpacking', async () => {
    const bomb = { name: 'x', bytes: hello, deflate: true, statedSize: 0xf0000000 };
    await expect(readOnly(await zipOf(bomb))).rejects.toThrow('larger than 256 MB');
  });

  it.each([{ statedCrc: 1 }, { statedSize: 7000 }])('notices damage (%j)', async (extra) => {
    await expect(readOnly(await zipOf({ name: 'x', bytes: hello, deflate: true, ...extra }))).rejects.toThrow(
      'damaged',
    );
  });
});

describe('streaming an entry', () => {
  async function stream(path: string): Promise<Buffer> {
    const { entries } = await listZip(path);
    const chunks = [];
    for await (const chunk of streamZipEntry(path, entries[0]!)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it.each([true, false])('gives its bytes piece by piece (deflated: %s)', async (deflate) => {
    const bytes = Buffer.from(
      Uint32Array.from({ length: 500_000 }, (_, i) => Math.imul(i, 2654435761)).buffer,
    );
    expect((await stream(await zipOf({ name: 'x', bytes, deflate }))).equals(bytes)).toBe(true);
  });

  it('stops at the stated size', async () => {
    const bomb = { name: 'x', bytes: Buffer.alloc(5_000_000), deflate: true, statedSize: 1000 };
    await expect(stream(await zipOf(bomb))).rejects.toThrow('more than it states');
  });

  it('reports damaged data as a sentence', async () => {
    const path = await zipOf({ name: 'x', bytes: Buffer.alloc(3000, 0xfe), method: 8 });
    await expect(stream(path)).rejects.toMatchObject({ code: 'bad-input' });
  });
});
