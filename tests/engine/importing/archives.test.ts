import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectSource } from '../../../src/engine/importing/inspect.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { unpackTar } from '../../../src/engine/importing/unpacked-tar.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { makeScratch, type Scratch } from '../data/workspace.ts';
import { makeTar, type TarMember } from '../files/make-tar.ts';
import { makeZip } from '../files/make-zip.ts';
import { someJpeg } from '../image-files/pictures.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

async function put(name: string, bytes: Buffer): Promise<string> {
  const path = join(scratch.folder, name);
  await writeFile(path, bytes);
  return path;
}

function importFile(path: string) {
  return importDataset(scratch.workspace, path, { crop: 'auto', workers: 1 });
}

async function namesOf(id: string): Promise<readonly string[]> {
  const dataset = await openDataset(scratch.workspace, id);
  const names = await dataset.names();
  await dataset.close();
  return names;
}

const leftOver = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('unravel-tar-'));

const members: TarMember[] = [
  { name: './', type: '5' },
  { name: './a/0.jpg', bytes: someJpeg(1) },
  { name: './b/1.jpg', bytes: someJpeg(2) },
  { name: './b/._1.jpg', bytes: Buffer.from('hidden') },
  { name: './notes.txt', bytes: Buffer.alloc(3000, 'x') },
  { name: './labels.csv', bytes: Buffer.from('file,smile\na/0.jpg,1\nb/1.jpg,0\n') },
  { name: './evil.jpg', type: '2', link: '/etc/passwd' },
  { name: '../climbs.jpg', bytes: someJpeg(3) },
];

describe('importing a tar archive', () => {
  it.each([
    ['faces.tar', (tar: Buffer) => tar],
    ['faces.tar.gz', (tar: Buffer) => gzipSync(tar)],
    ['faces.tgz', (tar: Buffer) => gzipSync(tar)],
    // As `cat a.gz b.gz` makes it.
    [
      'faces.TAR.GZ',
      (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
    // Recognised by its contents.
    ['faces.bin', (tar: Buffer) => tar],
  ] as const)('reads images and labels of %s', async (name, pack) => {
    const path = await put(name, pack(makeTar(members)));
    const inspection = await inspectSource([path], { crop: 'auto', seed: 1 });
    expect(inspection.images).toBe(2);
    expect(inspection.previewNames).toEqual(['a/0.jpg', 'b/1.jpg']);
    const info = await importFile(path);
    expect(info.name).toBe('faces');
    expect(await namesOf(info.id)).toEqual(['a/0.jpg', 'b/1.jpg']);
    expect(info.columns.map((column) => column.name)).toEqual(['folder', 'smile']);
    expect(info.skipped.map(({ file }) => file)).toEqual(['../climbs.jpg', './evil.jpg']);
    expect(await leftOver()).toEqual([]);
  });

  it('says that a compressed archive ends early', async () => {
    const packed = gzipSync(makeTar(members));
    const path = await put('cut.tar.gz', packed.subarray(0, packed.length - 400));
    await expect(importFile(path)).rejects.toThrow('cut.tar.gz: it is not a tar archive, or it ends early');
    expect(await leftOver()).toEqual([]);
  });

  it('stops unpacking at a limit', async () => {
    const bomb = gzipSync(makeTar([{ name: 'a.jpg', bytes: Buffer.alloc(50_000_000) }]));
    const path = await put('bomb.tar.gz', bomb);
    await expect(unpackTar(path, { isWanted: () => true, mostBytes: 1 << 20 })).rejects.toThrow(
      'unpacks to more',
    );
  });

  it('unpacks again what has changed, while the earlier contents are in use', async () => {
    const path = await put('x.tgz', gzipSync(makeTar([{ name: 'a.jpg', bytes: someJpeg(1) }])));
    const before = await unpackTar(path, { isWanted: () => true });
    const same = await unpackTar(path, { isWanted: () => true });
    await put('x.tgz', gzipSync(makeTar([{ name: 'other.jpg', bytes: someJpeg(2) }])));
    const after = await unpackTar(path, { isWanted: () => true });
    expect([before.fd === same.fd, before.fd === after.fd]).toEqual([true, false]);
    expect(after.entries.map(({ name }) => name)).toEqual(['other.jpg']);
    for (const unpacked of [before, same, after]) unpacked.release();
  });

  it('names archives that are not read, and says how to import them', async () => {
    const path = await put('faces.tar.xz', Buffer.from('\xfd7zXZ', 'latin1'));
    await expect(importFile(path)).rejects.toMatchObject({
      message: expect.stringContaining('an archive of a kind that cannot be read') as string,
      hint: expect.stringContaining('tar.gz') as string,
    });
  });
});

describe('importing a zip as other programs make it', () => {
  const zip = (rename: (name: string) => string) =>
    makeZip(['a/0.jpg', 'b/1.jpg'].map((name, i) => ({ name: rename(name), bytes: someJpeg(i) })));

  it.each([
    ['with ./', zip((name) => `./${name}`)],
    ['with backslashes', zip((name) => name.replace('/', '\\'))],
    ['behind a script', Buffer.concat([Buffer.from('#!/bin/sh\n'), zip((name) => name)])],
    ['with bytes behind it', Buffer.concat([zip((name) => name), Buffer.alloc(100)])],
  ])('reads one %s', async (_, bytes) => {
    const info = await importFile(await put('faces.zip', bytes));
    expect(await namesOf(info.id)).toEqual(['a/0.jpg', 'b/1.jpg']);
    expect(info.skipped).toEqual([]);
  });
});

describe('what an archive holds beside images', () => {
  const inside = {
    '0.jpg': someJpeg(1),
    'inner.zip': Buffer.from('PK'),
    'data.npz': Buffer.from('PK'),
    'labels.xlsx': Buffer.from('PK'),
    '.hidden/4.jpg': someJpeg(4),
    '__MACOSX/._0.jpg': Buffer.from('x'),
  };
  const asMembers = (files: Readonly<Record<string, Buffer>>): TarMember[] =>
    Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
  const asZip = (files: Readonly<Record<string, Buffer>>) =>
    makeZip(asMembers(files) as { name: string; bytes: Buffer }[]);

  it.each([
    ['x.zip', () => asZip(inside)],
    ['x.tar', () => makeTar(asMembers(inside))],
    ['x.tar.gz', () => gzipSync(makeTar(asMembers(inside)))],
  ] as const)('is named: other archives, tables that are not read, hidden images: %s', async (name, make) => {
    const info = await importFile(await put(name, make()));
    expect(info.images).toBe(1);
    const reasons = Object.fromEntries(info.skipped.map(({ file, reason }) => [file, reason]));
    expect(Object.keys(reasons).sort()).toEqual(['.hidden/4.jpg', 'data.npz', 'inner.zip', 'labels.xlsx']);
    expect(reasons['inner.zip']).toContain('an archive inside the archive');
    expect(reasons['.hidden/4.jpg']).toContain('it is hidden');
  });

  it.each([
    ['x.zip', (files: Readonly<Record<string, Buffer>>) => asZip(files)],
    ['x.tar.gz', (files: Readonly<Record<string, Buffer>>) => gzipSync(makeTar(asMembers(files)))],
  ] as const)('is named where there are no images: %s', async (name, make) => {
    const path = await put(name, make({ 'inner.zip': Buffer.from('PK') }));
    await expect(importFile(path)).rejects.toMatchObject({
      message: expect.stringContaining('but the archive inner.zip') as string,
      hint: expect.stringContaining('Unpack it') as string,
    });
    const other = await put(`other-${name}`, make({ 'zeros.bin': Buffer.alloc(600) }));
    await expect(importFile(other)).rejects.toThrow('but files of other kinds, such as zeros.bin.');
    const empty = await put(`empty-${name}`, make({}));
    await expect(importFile(empty)).rejects.toThrow(`empty-${name}: it holds no files.`);
  });
});

describe('a tar archive that ends between two files', () => {
  it.each(['x.tar', 'x.tar.gz'])('is told to have no end: %s', async (name) => {
    const whole = makeTar([
      { name: '0.jpg', bytes: someJpeg(1) },
      { name: '1.jpg', bytes: someJpeg(2) },
    ]);
    const first = 512 + Math.ceil(someJpeg(1).length / 512) * 512;
    const pack = (bytes: Buffer) => (name.endsWith('gz') ? gzipSync(bytes) : bytes);
    expect((await importFile(await put(`whole-${name}`, pack(whole)))).skipped).toEqual([]);
    // Also without the padding of the last file.
    for (const length of [first, 512 + someJpeg(1).length]) {
      const path = await put(name, pack(whole.subarray(0, length)));
      const info = await importFile(path);
      expect(info.images).toBe(1);
      expect(info.skipped).toEqual([
        { file: name, reason: expect.stringContaining('without the record that marks the end') as string },
      ]);
    }
  });
});
